"""Accounts and their API keys, in an SQLite file or a Postgres database. Passwords are kept as Argon2id hashes (RFC
9106); keys, which are 256 random bits, as SHA-256."""

import re
import secrets
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self
from uuid import uuid4

from common.database import Database
from common.errors import UserError

if TYPE_CHECKING:
    from argon2 import PasswordHasher
    from sqlalchemy import RowMapping

    from agent.settings import Settings

Role = Literal["admin", "member"]
NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")
FILE = "accounts.sqlite"  # of the data folder
ALL = "everybody"  # what all of them together are called, and so none alone
KEY = "tk-"  # what every key begins with
SHORTEST, LONGEST = 8, 1024  # characters of a password
AWAY = "Put a copy of it back; without one, move it away and make the accounts anew."
_TABLES = (
    """CREATE TABLE IF NOT EXISTS account (
        id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, password TEXT NOT NULL, role TEXT NOT NULL,
        disabled INTEGER NOT NULL DEFAULT 0, created DOUBLE PRECISION NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS key (
        hash TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
        name TEXT NOT NULL, created DOUBLE PRECISION NOT NULL, UNIQUE (account, name)
    )""",
    """CREATE TABLE IF NOT EXISTS identity (
        issuer TEXT, subject TEXT, account TEXT NOT NULL UNIQUE REFERENCES account ON DELETE CASCADE,
        PRIMARY KEY (issuer, subject)
    )""",
)


@dataclass(frozen=True, slots=True)
class Account:
    """`id` never changes and is never given again; `created` in seconds since 1970. `stamp` changes with the password:
    what was begun with another one is over."""

    id: str
    name: str
    role: Role
    disabled: bool
    created: float
    stamp: str


@dataclass(frozen=True, slots=True)
class Key:
    name: str
    created: float


class Accounts:
    """Those in a file, or in the database of a URL. Several processes may share them.

    Raises like `Database`. What is said of a name raises `UserError` where there is no such account.
    """

    def __init__(self, file: Path, url: str = "") -> None:
        self._checking = threading.Lock()  # one hash at a time: each takes 64 MB and some hundredths of a second
        self._database = Database(file, _TABLES, url=url, cure=AWAY, private=True)

    @classmethod
    def of(cls, settings: "Settings") -> Self:
        return cls(settings.data_dir / FILE, settings.database_url.get_secret_value())

    def add(self, name: str, password: str | None, role: Role = "member") -> Account:
        """A new one; without a password it signs in by a key or through a proxy alone. Raises `UserError` for a bad or
        taken name, or a password that is too short."""
        if name == ALL or not NAME.fullmatch(name):
            raise UserError(f"{name!r} cannot be the name of a user.", "Use a-z, 0-9 and . _ @ + -, at most 64.")
        hashed = "" if password is None else self._hashed(password)
        command = "INSERT INTO account VALUES (:id, :name, :hashed, :role, 0, :now) ON CONFLICT DO NOTHING"
        if not self._run(command, id=uuid4().hex, name=name, hashed=hashed, role=role, now=time.time()):
            raise UserError(f"There is a user {name!r} already.", "Choose another name.")
        return self.named(name)

    def all(self) -> list[Account]:
        return [_account(row) for row in self._rows("SELECT * FROM account ORDER BY name")]

    def named(self, name: str) -> Account:
        rows = self._rows("SELECT * FROM account WHERE name = :name", name=name)
        if not rows:
            raise UserError(f"There is no user {name!r}.", command="See: triptych user list")
        return _account(rows[0])

    def get(self, id: str) -> Account | None:
        rows = self._rows("SELECT * FROM account WHERE id = :id", id=id)
        return _account(rows[0]) if rows else None

    def signed_in(self, name: str, password: str) -> Account | None:
        """Whose name and password these are. Takes as long for a name that there is not."""
        rows = self._rows("SELECT * FROM account WHERE name = :name", name=name)
        hashed = rows[0]["password"] if rows else ""
        valid = self._verifies(hashed or self._nobody, password)
        return _account(rows[0]) if valid and hashed and not rows[0]["disabled"] else None

    def of_key(self, key: str) -> Account | None:
        found = "SELECT account.* FROM key JOIN account ON account.id = key.account"
        rows = (
            self._rows(f"{found} WHERE hash = :hash AND disabled = 0", hash=_digest(key)) if key.startswith(KEY) else []
        )
        return _account(rows[0]) if rows else None

    def vouched_for(self, name: str) -> Account | None:
        """Whom a trusted proxy signed in; a member from then on. None for one that is disabled, or cannot be a name."""
        with suppress(UserError):
            if not self._rows("SELECT 1 FROM account WHERE name = :name", name=name):
                self.add(name, None)
            account = self.named(name)
            return None if account.disabled else account
        return None

    def identified(self, issuer: str, subject: str, name: str) -> Account | None:
        """Who is known there by this unchanging `subject`; at first an account of this `name`, which is made unless it
        is there without a password. None for one that is disabled. Raises `UserError` where the name is another's."""
        query = (
            "SELECT account.* FROM identity JOIN account ON account.id = identity.account"
            " WHERE issuer = :issuer AND subject = :subject"
        )
        rows = self._rows(query, issuer=issuer, subject=subject)
        if not rows:
            self._identify(issuer, subject, name)
            rows = self._rows(query, issuer=issuer, subject=subject)
        return None if not rows or rows[0]["disabled"] else _account(rows[0])

    def _identify(self, issuer: str, subject: str, name: str) -> None:
        there = self._rows("SELECT * FROM account WHERE name = :name", name=name)
        account = _account(there[0]) if there else self.add(name, None)
        command = "INSERT INTO identity VALUES (:issuer, :subject, :account) ON CONFLICT DO NOTHING"
        if (there and there[0]["password"]) or not self._run(
            command, issuer=issuer, subject=subject, account=account.id
        ):
            raise UserError(
                f"The name {name!r} is another user's here.", "Ask an admin for an account of another name."
            )

    def set_password(self, name: str, password: str) -> None:
        """Whoever is signed in by that name no longer is. Raises `UserError` for one that is too short."""
        command = "UPDATE account SET password = :hashed WHERE id = :id"
        self._run(command, hashed=self._hashed(password), id=self.named(name).id)

    def set_disabled(self, name: str, disabled: bool) -> None:
        command = "UPDATE account SET disabled = :disabled WHERE id = :id"
        self._run(command, disabled=int(disabled), id=self.named(name).id)

    def set_role(self, name: str, role: Role) -> None:
        self._run("UPDATE account SET role = :role WHERE id = :id", role=role, id=self.named(name).id)

    def add_key(self, name: str, label: str) -> str:
        """A new key; it can be read now and never again. Raises `UserError` for a label that is taken."""
        key = KEY + secrets.token_urlsafe(32)
        command = "INSERT INTO key VALUES (:hash, :account, :label, :now) ON CONFLICT DO NOTHING"
        if not self._run(command, hash=_digest(key), account=self.named(name).id, label=label, now=time.time()):
            raise UserError(f"{name} has a key {label!r} already.", "Choose another name, or revoke that one.")
        return key

    def keys(self, name: str) -> list[Key]:
        query = "SELECT name, created FROM key WHERE account = :id ORDER BY created"
        rows = self._rows(query, id=self.named(name).id)
        return [Key(row["name"], row["created"]) for row in rows]

    def revoke(self, name: str, label: str) -> None:
        """Raises `UserError` where there is no such key."""
        command = "DELETE FROM key WHERE account = :id AND name = :label"
        if not self._run(command, id=self.named(name).id, label=label):
            raise UserError(f"{name} has no key {label!r}.", command=f"See: triptych user keys {name}")

    def close(self) -> None:
        self._database.close()

    @cached_property
    def _hasher(self) -> "PasswordHasher":
        from argon2 import PasswordHasher

        return PasswordHasher()

    @cached_property
    def _nobody(self) -> str:
        """The hash of a password that nobody has."""
        return self._hasher.hash(secrets.token_urlsafe(32))

    def _hashed(self, password: str) -> str:
        if not SHORTEST <= len(password) <= LONGEST:
            raise UserError(f"A password has {SHORTEST} to {LONGEST} characters.", "Choose another one.")
        return self._hasher.hash(password.encode())

    def _verifies(self, hashed: str, password: str) -> bool:
        from argon2.exceptions import VerificationError

        with self._checking:
            try:
                return self._hasher.verify(hashed, password.encode(errors="replace")[: 4 * LONGEST])
            except VerificationError:
                return False

    def _rows(self, query: str, **values: str) -> Sequence["RowMapping"]:
        return self._database.rows(query, **values)

    def _run(self, command: str, **values: str | float) -> int:
        return self._database.run(command, **values)


def _account(row: "RowMapping") -> Account:
    stamp = sha256(row["password"].encode()).hexdigest()[:16]
    return Account(row["id"], row["name"], row["role"], bool(row["disabled"]), row["created"], stamp)


def _digest(key: str) -> str:
    return sha256(key.encode(errors="replace")).hexdigest()
