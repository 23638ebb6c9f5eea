"""A Postgres database: reached, its schemas, who holds what of it, and what goes wrong there, in words."""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

from common.errors import CorpusLocked, MissingExtra, UserError

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine
    from sqlalchemy.exc import DBAPIError

LONGEST = 63  # bytes of a name there
_KEY = "hashtextextended(:name, 0)"
_HOLDER = f"""
    SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND (CAST(classid AS BIGINT) << 32 | CAST(objid AS BIGINT)) = {_KEY}
"""


@lru_cache
def engine(url: str) -> "Engine":
    """One for all of this process. Raises `UserError` for what is no address of Postgres, `MissingExtra` without the
    extra `postgres`."""
    from sqlalchemy import create_engine

    name = f"triptych on {socket.gethostname()[:36]} (pid {os.getpid()})"
    try:
        return create_engine(_url(url), pool_pre_ping=True, connect_args={"application_name": name})
    except ModuleNotFoundError as error:
        command = 'Install it with: pip install "triptych[postgres]"'
        raise MissingExtra("A database in Postgres needs its driver.", command=command) from error


def schemas(url: str, prefix: str) -> list[str]:
    """Those whose names begin so, without that."""
    query = "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, :name)"
    return sorted(name.removeprefix(prefix) for name in _column(url, query, prefix))


def rename(url: str, schema: str, new: str) -> None:
    _run(url, f'ALTER SCHEMA "{schema}" RENAME TO "{new}"')


def drop(url: str, schema: str) -> None:
    """With all its tables."""
    _run(url, f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')


class Lease:
    """Held by a connection of its own, from construction until `release` or the end of the connection or its process.

    Raises `CorpusLocked` when another holds it: what is `taken`, by which process, and the `cure`.
    """

    def __init__(self, url: str, name: str, taken: str, cure: str) -> None:
        self._engine, self._name = engine(url), name
        with _telling(self._engine):
            self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if not self._one(f"SELECT pg_try_advisory_lock({_KEY})", name=name):
                holder = self._one(_HOLDER, name=name)
                self._connection.close()
                raise CorpusLocked(f"{taken} in another process{f': {holder}' if holder else ''}.", cure)

    def check(self) -> None:
        """Raises `UserError` where the connection was lost: another may hold it by now."""
        with _telling(self._engine):
            self._one("SELECT 1")

    def release(self) -> None:
        with _telling(self._engine):
            if not self._connection.invalidated:  # else it was released when the connection was lost
                self._one(f"SELECT pg_advisory_unlock({_KEY})", name=self._name)
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.release()

    def _one(self, query: str, **values: str) -> Any:
        from sqlalchemy import text

        return self._connection.execute(text(query), values).scalar()


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """As it takes them: there is no NUL in a text."""
    return {key: one.replace("\0", "\ufffd") if isinstance(one, str) else one for key, one in values.items()}


def told(there: "Engine", error: "DBAPIError") -> Exception:
    """A `UserError` where the server cannot be reached, else the error."""
    if not error.connection_invalidated and error.statement:
        return error
    why = str(error.orig).strip().splitlines()[0]
    where = there.url.render_as_string(hide_password=True)
    return UserError(f"The database {where} cannot be reached: {why}", "See that it runs, and try again.")


def _url(there: str) -> "URL":
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        url = make_url(there)
        if url.get_backend_name() == "postgresql":
            return url
    except (ArgumentError, NoSuchModuleError):
        pass
    raise UserError(
        "The address of the database is none of Postgres.",
        command="Set TRIPTYCH_DATABASE_URL to postgresql://user:password@host/name.",
    )


def _column(url: str, query: str, name: str) -> list[str]:
    from sqlalchemy import text

    with _telling(engine(url)), engine(url).connect() as connection:
        return list(connection.execute(text(query), {"name": name}).scalars())


def _run(url: str, command: str) -> None:
    from sqlalchemy import text

    with _telling(engine(url)), engine(url).begin() as connection:
        connection.execute(text(command))


@contextmanager
def _telling(there: "Engine") -> Iterator[None]:
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except DBAPIError as error:
        raise told(there, error) from error
