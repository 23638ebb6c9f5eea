"""Who asked, added, removed and made what: a line of JSON each, without what was said or what stands in documents."""

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from agent import Answer, Artifact, Event, Failed
from ui.users.accounts import Account

FILE = "audit.jsonl"  # of the data folder


class AuditLog:
    """Lines at the end of the file at `path`, which its owner alone may read. It is opened for each, so that it may be
    moved away at any time."""

    def __init__(self, path: Path) -> None:
        self._path, self._one = path, Lock()

    def write(self, account: Account, did: str, corpus: str = "", **more: str | bool) -> None:
        at = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="seconds")
        line = {"at": at, "user": account.name, "did": did} | ({"corpus": corpus} if corpus else {}) | more
        with self._one, os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
            file.write(json.dumps(line) + "\n")

    def event(self, account: Account, corpus: str, event: Event) -> None:
        """Of those that come of a question, how it ended and what was made."""
        match event:
            case Answer(found=found):
                self.write(account, "asked", corpus, found=found)
            case Failed():
                self.write(account, "asked", corpus, failed=True)
            case Artifact(mime=mime, made=made) if made:
                self.write(account, "made", corpus, form=str(made.get("form", "")), mime=mime)
