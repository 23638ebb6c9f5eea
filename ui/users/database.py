"""Rows in an SQLite file or a Postgres database, by the same statements; and what goes wrong there, in words."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, RowMapping, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from common.databases import telling
from common.errors import MissingExtra, UserError

AWAY = "Put a copy of it back; without one, move it away and make the accounts anew."


class Database:
    """`there`: a file, then readable by its owner alone, or a URL such as `postgresql://user:password@host/name`.

    Raises like `telling` for a file; for a server `UserError` where it cannot be reached, `MissingExtra` without the
    extra `postgres`.
    """

    def __init__(self, there: Path | str, tables: Sequence[str]) -> None:
        self._there = there
        if isinstance(there, Path):
            there.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(there, os.O_CREAT | os.O_RDWR, 0o600))
            self._engine = create_engine(URL.create("sqlite", database=str(there)), connect_args={"timeout": 30})
            event.listen(self._engine, "connect", _begin)
        else:
            url = _url(there)
            try:
                self._engine = create_engine(url, pool_pre_ping=True)
            except ModuleNotFoundError as error:
                cure = 'Install it with: pip install "triptych[postgres]"'
                raise MissingExtra("Accounts in Postgres need its driver.", cure) from error
        with self._connected() as connection:
            for table in tables:
                connection.execute(text(table))

    def rows(self, query: str, **values: str) -> Sequence[RowMapping]:
        with self._connected() as connection:
            return connection.execute(text(query), values).mappings().all()

    def run(self, command: str, **values: str | float) -> int:
        """How many rows it made, changed or deleted."""
        with self._connected() as connection:
            return connection.execute(text(command), values).rowcount

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """All that is done there holds, or nothing of it."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            if isinstance(self._there, Path) and isinstance(error.orig, sqlite3.Error):
                with telling(self._there, AWAY):
                    raise error.orig from None
            if error.connection_invalidated or not error.statement:
                raise _unreachable(self._engine.url, error) from error
            raise


def _url(there: str) -> URL:
    try:
        url = make_url(there)
        if url.get_backend_name() == "postgresql":
            return url
    except (ArgumentError, NoSuchModuleError):
        pass
    raise UserError("TRIPTYCH_USERS_URL is no address of Postgres.", "Write postgresql://user:password@host/name.")


def _unreachable(url: URL, error: DBAPIError) -> UserError:
    why = str(error.orig).strip().splitlines()[0]
    where = url.render_as_string(hide_password=True)
    return UserError(f"The accounts in {where} cannot be reached: {why}", "See that it runs, and try again.")


def _begin(connection: sqlite3.Connection, _: Any) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
