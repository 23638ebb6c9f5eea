"""Tracebacks of what could not be read: the person is told the reason, whoever mends a parser reads them here."""

import logging
from contextlib import closing
from logging.handlers import RotatingFileHandler
from pathlib import Path

NAME = "reading.log"
MOST = 1_000_000  # bytes; then the file becomes `reading.log.1`, in place of an older one


def write_down(folder: Path | None, title: str, traceback: str) -> Path | None:
    """Appends to the log in `folder`; where it is, or None where there is no folder."""
    if folder is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    with closing(
        RotatingFileHandler(path, maxBytes=MOST, backupCount=1, encoding="utf-8", errors="replace")
    ) as handler:
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        handler.handle(logging.makeLogRecord({"msg": f"{title}\n{traceback}", "levelno": logging.ERROR}))
    return path
