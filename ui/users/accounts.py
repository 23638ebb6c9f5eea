"""Accounts and their API keys, in one SQLite file. Passwords are kept as Argon2id hashes (RFC 9106); keys, which are
256 random bits, as SHA-256."""

import os
import re
import secrets
import sqlite3
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from common.databases import telling
from common.errors import UserError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

Role = Literal["admin", "member"]
NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")
FILE = "accounts.sqlite"  # of the data folder
KEY = "tk-"  # what every key begins with
SHORTEST, LONGEST = 8, 1024  # characters of a password
AWAY = "Put a copy of it back; without one, move it away and make the accounts anew."
_TABLES = """
    PRAGMA foreign_keys = ON;
    PRAGMA secure_delete = ON;
    CREATE TABLE IF NOT EXISTS account (
        id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, password TEXT NOT NULL, role TEXT NOT NULL,
        disabled INTEGER NOT NULL DEFAULT 0, created REAL NOT NULL
    );
    CREATE TABLE IF NOT EXISTS key (
        hash TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
        name TEXT NOT NULL, created REAL NOT NULL, UNIQUE (account, name)
    );
"""


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
    """Those in the file at `path`, which is readable by its owner alone. Several processes may share it.

    Raises like `telling`. What is said of a name raises `UserError` where there is no such account.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._one = threading.RLock()  # a connection is for one thread at a time
        self._checking = threading.Lock()  # one hash at a time: each takes 64 MB and some hundredths of a second
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        with telling(path, AWAY):
            self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
            self._file.row_factory = sqlite3.Row
            self._file.executescript(_TABLES)

    def add(self, name: str, password: str | None, role: Role = "member") -> Account:
        """A new one; without a password it signs in by a key or through a proxy alone. Raises `UserError` for a bad or
        taken name, or a password that is too short."""
        if not NAME.fullmatch(name):
            raise UserError(f"{name!r} cannot be the name of a user.", "Use a-z, 0-9 and . _ @ + -, at most 64.")
        hashed = "" if password is None else self._hashed(password)
        command = "INSERT INTO account VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING"
        if not self._run(command, (uuid4().hex, name, hashed, role, time.time())).rowcount:
            raise UserError(f"There is a user {name!r} already.", "Choose another name.")
        return self.named(name)

    def all(self) -> list[Account]:
        return [_account(row) for row in self._rows("SELECT * FROM account ORDER BY name")]

    def named(self, name: str) -> Account:
        rows = self._rows("SELECT * FROM account WHERE name = ?", (name,))
        if not rows:
            raise UserError(f"There is no user {name!r}.", "See: triptych user list")
        return _account(rows[0])

    def get(self, id: str) -> Account | None:
        rows = self._rows("SELECT * FROM account WHERE id = ?", (id,))
        return _account(rows[0]) if rows else None

    def signed_in(self, name: str, password: str) -> Account | None:
        """Whose name and password these are. Takes as long for a name that there is not."""
        rows = self._rows("SELECT * FROM account WHERE name = ?", (name,))
        hashed = rows[0]["password"] if rows else ""
        valid = self._verifies(hashed or self._nobody, password)
        return _account(rows[0]) if valid and hashed and not rows[0]["disabled"] else None

    def of_key(self, key: str) -> Account | None:
        command = "SELECT account.* FROM key JOIN account ON account.id = key.account WHERE hash = ? AND NOT disabled"
        rows = self._rows(command, (_digest(key),)) if key.startswith(KEY) else []
        return _account(rows[0]) if rows else None

    def vouched_for(self, name: str) -> Account | None:
        """Whom a trusted proxy signed in; a member from then on. None for one that is disabled, or cannot be a name."""
        with suppress(UserError):
            if not self._rows("SELECT 1 FROM account WHERE name = ?", (name,)):
                self.add(name, None)
            account = self.named(name)
            return None if account.disabled else account
        return None

    def set_password(self, name: str, password: str) -> None:
        """Whoever is signed in by that name no longer is. Raises `UserError` for one that is too short."""
        self._run("UPDATE account SET password = ? WHERE id = ?", (self._hashed(password), self.named(name).id))

    def set_disabled(self, name: str, disabled: bool) -> None:
        self._run("UPDATE account SET disabled = ? WHERE id = ?", (int(disabled), self.named(name).id))

    def set_role(self, name: str, role: Role) -> None:
        self._run("UPDATE account SET role = ? WHERE id = ?", (role, self.named(name).id))

    def add_key(self, name: str, label: str) -> str:
        """A new key; it can be read now and never again. Raises `UserError` for a label that is taken."""
        key = KEY + secrets.token_urlsafe(32)
        command = "INSERT INTO key VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
        if not self._run(command, (_digest(key), self.named(name).id, label, time.time())).rowcount:
            raise UserError(f"{name} has a key {label!r} already.", "Choose another name, or revoke that one.")
        return key

    def keys(self, name: str) -> list[Key]:
        rows = self._rows("SELECT name, created FROM key WHERE account = ? ORDER BY created", (self.named(name).id,))
        return [Key(row["name"], row["created"]) for row in rows]

    def revoke(self, name: str, label: str) -> None:
        """Raises `UserError` where there is no such key."""
        if not self._run("DELETE FROM key WHERE account = ? AND name = ?", (self.named(name).id, label)).rowcount:
            raise UserError(f"{name} has no key {label!r}.", f"See: triptych user keys {name}")

    def close(self) -> None:
        self._file.close()

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

    def _rows(self, query: str, values: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        with self._one, telling(self._path, AWAY):
            return self._file.execute(query, values).fetchall()

    def _run(self, command: str, values: tuple[Any, ...]) -> sqlite3.Cursor:
        with self._one, telling(self._path, AWAY):
            return self._file.execute(command, values)


def _account(row: sqlite3.Row) -> Account:
    stamp = sha256(row["password"].encode()).hexdigest()[:16]
    return Account(row["id"], row["name"], row["role"], bool(row["disabled"]), row["created"], stamp)


def _digest(key: str) -> str:
    return sha256(key.encode(errors="replace")).hexdigest()
