"""Conversations in one SQLite file, which several threads and processes may share."""

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from agent import memory
from agent.conversations import checkpoints
from agent.conversations.turns import Conversation, Status, StoredTurn, title_of
from agent.memory import Turn
from common.databases import telling
from common.errors import UserError

AWAY = "Move it away: conversations then begin anew; no document is lost."
_TABLES = """
    CREATE TABLE IF NOT EXISTS conversation (
        name TEXT PRIMARY KEY, title TEXT NOT NULL, owner TEXT NOT NULL, pinned INTEGER NOT NULL DEFAULT 0,
        changed REAL NOT NULL
    );
    CREATE TABLE IF NOT EXISTS turn (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        conversation TEXT NOT NULL REFERENCES conversation ON DELETE CASCADE,
        status TEXT NOT NULL, question TEXT NOT NULL, corpus TEXT NOT NULL, files TEXT NOT NULL, asked REAL NOT NULL,
        report TEXT NOT NULL DEFAULT '', problem TEXT NOT NULL DEFAULT '', partial TEXT NOT NULL DEFAULT '', said TEXT
    );
    CREATE INDEX IF NOT EXISTS turn_of ON turn (conversation, id);
"""
_FOUND = """
    SELECT name, title, owner, pinned, changed FROM conversation
    WHERE (:owner IS NULL OR owner = :owner) AND (
        instr(folded(title), folded(:search)) OR EXISTS (
            SELECT 1 FROM turn WHERE conversation = name
            AND instr(folded(question || ' ' || ifnull(json_extract(said, '$.text'), '')), folded(:search))
        )
    )
    ORDER BY pinned DESC, changed DESC, name
"""


class Conversations:
    """Those in the file at `path`. A turn is written down when it is asked, and again when it has come to its end.

    Raises like `telling`. What is deleted is overwritten in the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._one = RLock()  # a connection is for one thread at a time
        path.parent.mkdir(parents=True, exist_ok=True)
        with telling(path, AWAY):
            self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
            self._file.create_function("folded", 1, str.casefold, deterministic=True)
            self._file.executescript(f"PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; {_TABLES}")
        with self._writing():
            for name, records in checkpoints.taken_over(self._file):
                self._adopt(name, records)

    def newest(self, owner: str | None = None, search: str = "") -> list[Conversation]:
        """Those of `owner` (None: everybody's) that hold the words `search`: pinned ones, then newest first."""
        return [_conversation(row) for row in self._all(_FOUND, {"owner": owner, "search": " ".join(search.split())})]

    def get(self, name: str) -> Conversation | None:
        rows = self._all("SELECT name, title, owner, pinned, changed FROM conversation WHERE name = ?", (name,))
        return _conversation(rows[0]) if rows else None

    def turns(self, name: str) -> list[StoredTurn]:
        """Oldest first; none where there is no such conversation."""
        return [_turn(row) for row in self._all("SELECT * FROM turn WHERE conversation = ? ORDER BY id", (name,))]

    def said(self, name: str, before: int | None = None) -> list[Turn]:
        """What was answered, oldest first, to the questions before this one."""
        turns = self.turns(name)
        return [turn.said for turn in turns if turn.said and (before is None or turn.id < before)]

    def begin(
        self,
        name: str,
        question: str,
        corpus: str,
        files: Sequence[Path] = (),
        owner: str = "",
        *,
        id: int | None = None,
    ) -> int:
        """A question is asked. Returns the id of its turn, which is that of the turn it replaces where one is given.

        The first one makes the conversation, and its title.
        """
        with self._writing():
            return self._begin(name, question, corpus, files, owner, id)

    def answered(self, turn: int, said: Turn | None) -> None:
        """`said` is None where files were read and nothing was asked."""
        self._end(turn, "answered", said=None if said is None else json.dumps(memory.dump(said), ensure_ascii=False))

    def failed(self, turn: int, problem: str) -> None:
        self._end(turn, "failed", problem=problem)

    def stopped(self, turn: int, partial: str = "") -> None:
        self._end(turn, "stopped", partial=partial)

    def reported(self, turn: int, report: str) -> None:
        """What became of the files that came with the question."""
        self._run("UPDATE turn SET report = ? WHERE id = ?", (report, turn))

    def rename(self, name: str, title: str) -> None:
        """Raises `UserError` for an empty title."""
        if not (words := title_of(title, ())):
            raise UserError("A conversation needs a title.", "Type some words.")
        self._run("UPDATE conversation SET title = ? WHERE name = ?", (words, name))

    def pin(self, name: str, pinned: bool = True) -> None:
        self._run("UPDATE conversation SET pinned = ? WHERE name = ?", (int(pinned), name))

    def cut(self, name: str, turn: int) -> None:
        """Forgets a turn and all that were asked after it."""
        self._run("DELETE FROM turn WHERE conversation = ? AND id >= ?", (name, turn))

    def delete(self, name: str) -> None:
        """With all its turns; a name that is not there is none of them."""
        self._run("DELETE FROM conversation WHERE name = ?", (name,))

    def close(self) -> None:
        self._file.close()

    def _end(self, turn: int, status: Status, *, said: str | None = None, problem: str = "", partial: str = "") -> None:
        """A turn that was deleted meanwhile stays so."""
        self._run(
            "UPDATE turn SET status = ?, said = ?, problem = ?, partial = ? WHERE id = ? AND status = 'asked'",
            (status, said, problem, partial, turn),
        )

    def _begin(
        self, name: str, question: str, corpus: str, files: Sequence[Path], owner: str = "", id: int | None = None
    ) -> int:
        now = time.time()
        self._run(
            "INSERT INTO conversation (name, title, owner, changed) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET changed = excluded.changed",
            (name, title_of(question, files), owner, now),
        )
        cursor = self._run(
            "INSERT OR REPLACE INTO turn (id, conversation, status, question, corpus, files, asked)"
            " VALUES (?, ?, 'asked', ?, ?, ?, ?)",
            (id, name, question, corpus, json.dumps([str(path) for path in files]), now),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def _adopt(self, name: str, records: Sequence[dict[str, Any]]) -> None:
        for record in records:
            turn = self._begin(name, record["question"], "", [Path(image) for image in record["images"]])
            self.answered(turn, memory.load(record))

    def _all(self, query: str, values: Any = ()) -> list[Any]:
        with self._one, telling(self._path, AWAY):
            return self._file.execute(query, values).fetchall()

    def _run(self, command: str, values: Any = ()) -> sqlite3.Cursor:
        with self._one, telling(self._path, AWAY):
            return self._file.execute(command, values)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """All of it or nothing, and by one process at a time."""
        with self._one, telling(self._path, AWAY):
            self._file.execute("BEGIN IMMEDIATE")
            with self._file:  # commits, or takes all back
                yield


def _conversation(row: Any) -> Conversation:
    name, title, owner, pinned, changed = row
    return Conversation(name, title, owner, bool(pinned), changed)


def _turn(row: Any) -> StoredTurn:
    id, _, status, question, corpus, files, asked, report, problem, partial, said = row
    heard = memory.load(json.loads(said)) if said else None
    paths = tuple(map(Path, json.loads(files)))
    return StoredTurn(id, status, question, corpus, paths, asked, report, problem, partial, heard)
