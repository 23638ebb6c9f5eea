"""What SQLite raises about its file, in words: which file, what is wrong with it, and the cure."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common.errors import Damaged, DiskFull, UserError

_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_SHUT = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}


@contextmanager
def telling(path: Path, cure: str) -> Iterator[None]:
    """Raises `DiskFull`; `UserError` for a file that may not be written or is in use; else `Damaged`, with `cure`."""
    try:
        yield
    except sqlite3.ProgrammingError:  # ours: closed, or a wrong query
        raise
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _FULL:
            raise DiskFull(f"{path} cannot be written: {error}.", DiskFull.CURE) from error
        if code in _SHUT:
            cure = "Allow it, or keep the data elsewhere: TRIPTYCH_DATA_DIR."
            raise UserError(f"{path} cannot be opened for writing ({error}).", cure) from error
        if code == sqlite3.SQLITE_BUSY:
            raise UserError(f"{path} is in use by another program.", "Try again in a moment.") from error
        raise Damaged(f"{path} is damaged ({error}).", cure) from error
