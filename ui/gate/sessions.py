"""The browsers that are signed in, kept on the server: a session ends there, at sign-out or when its time is over.

The browser holds 256 random bits. The server keeps a keyed hash of them over the credentials in force, so that neither
the file alone nor the cookie alone tells anything of the password, and changing the credentials ends every session.
"""

import hmac
import secrets
import time
from pathlib import Path

from agent.settings import Settings
from common.database import Database

SECONDS = 30 * 24 * 3600
"""How long a session lasts, used or not."""
AWAY = "Move it away: everybody then signs in anew."
_TABLE = 'CREATE TABLE IF NOT EXISTS sessions (hash TEXT PRIMARY KEY, "user" TEXT, expires DOUBLE PRECISION)'


class Sessions:
    """In a file that its owner alone can read, or in the database of a URL. `credentials` are those in force."""

    def __init__(self, file: Path, credentials: str, url: str = "") -> None:
        self.credentials = credentials.encode()
        self._database = Database(file, [_TABLE], url=url, cure=AWAY, private=True)

    def start(self, user: str) -> str:
        """Returns the token for the browser's cookie."""
        token, now = secrets.token_urlsafe(32), time.time()
        with self._database.transaction() as transaction:
            transaction.run("DELETE FROM sessions WHERE expires < :now", now=now)
            command = "INSERT INTO sessions VALUES (:hash, :user, :expires)"
            transaction.run(command, hash=self._hash(token), user=user, expires=now + SECONDS)
        return token

    def user(self, token: str) -> str | None:
        """Who signed in with this session; None when there is none, or it has ended."""
        query = 'SELECT "user" FROM sessions WHERE hash = :hash AND expires > :now'
        found = self._database.rows(query, hash=self._hash(token), now=time.time())
        return found[0]["user"] if found else None

    def end(self, token: str) -> None:
        self._database.run("DELETE FROM sessions WHERE hash = :hash", hash=self._hash(token))

    def _hash(self, token: str) -> str:
        return hmac.digest(token.encode(errors="replace"), self.credentials, "sha256").hex()


def sessions(settings: Settings, credentials: str) -> Sessions:
    """Those of the page."""
    return Sessions(settings.data_dir / "sessions.sqlite", credentials, settings.database_url.get_secret_value())
