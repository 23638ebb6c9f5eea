"""The browsers that are signed in, kept on the server: a session ends there, at sign-out or when its time is over.

The browser holds 256 random bits. The server keeps a keyed hash of them over the credentials in force, so that neither
the file alone nor the cookie alone tells anything of the password, and changing the credentials ends every session.
"""

import hmac
import os
import secrets
import sqlite3
import time
from pathlib import Path

SECONDS = 30 * 24 * 3600
"""How long a session lasts, used or not."""


class Sessions:
    """`credentials` are those in force. The file is readable by its owner alone."""

    def __init__(self, path: Path, credentials: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite's own files beside it follow
        path.chmod(0o600)
        self.credentials = credentials.encode()
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
        self._file.execute("CREATE TABLE IF NOT EXISTS sessions (hash TEXT PRIMARY KEY, user TEXT, expires REAL)")

    def start(self, user: str) -> str:
        """Returns the token for the browser's cookie."""
        token = secrets.token_urlsafe(32)
        self._file.execute("DELETE FROM sessions WHERE expires < ?", (time.time(),))
        self._file.execute("INSERT INTO sessions VALUES (?, ?, ?)", (self._hash(token), user, time.time() + SECONDS))
        return token

    def user(self, token: str) -> str | None:
        """Who signed in with this session; None when there is none, or it has ended."""
        found = self._file.execute(
            "SELECT user FROM sessions WHERE hash = ? AND expires > ?", (self._hash(token), time.time())
        ).fetchone()
        return found[0] if found else None

    def end(self, token: str) -> None:
        self._file.execute("DELETE FROM sessions WHERE hash = ?", (self._hash(token),))

    def _hash(self, token: str) -> str:
        return hmac.digest(token.encode(errors="replace"), self.credentials, "sha256").hex()
