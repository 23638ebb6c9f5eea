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
from agent.conversations import checkpoints, schema
from agent.conversations.feedback import WORD, Feedback
from agent.conversations.turns import Conversation, Status, StoredTurn, title_of
from agent.memory import Turn
from common.databases import telling
from common.errors import UserError

AWAY = "Move it away: conversations then begin anew; no document is lost."


class Conversations:
    """Those in the file at `path`. A turn is written down when it is asked, and again when it has come to its end.

    Raises like `telling`. What is deleted is overwritten in the file.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._home = path, path.parent
        self._one = RLock()  # a connection is for one thread at a time
        path.parent.mkdir(parents=True, exist_ok=True)
        with telling(path, AWAY):
            self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
            schema.create(self._file)
        with self._writing():
            for name, records in checkpoints.taken_over(self._file):
                self._adopt(name, records)

    def newest(self, owner: str | None = None, search: str = "") -> list[Conversation]:
        """Those of `owner` (None: everybody's) that hold the words `search`: pinned ones, then newest first."""
        return [
            _conversation(row) for row in self._all(schema.FOUND, {"owner": owner, "search": " ".join(search.split())})
        ]

    def get(self, name: str) -> Conversation | None:
        rows = self._all("SELECT name, title, owner, pinned, changed FROM conversation WHERE name = ?", (name,))
        return _conversation(rows[0]) if rows else None

    def state(self, name: str) -> tuple[float, ...]:
        """Another once a question of it is asked, comes to its end or is taken away."""
        (row,) = self._all(
            "SELECT COUNT(*), TOTAL(status = 'asked'), TOTAL(asked) FROM turn WHERE conversation = ?", (name,)
        )
        return tuple(row)

    def turns(self, name: str) -> list[StoredTurn]:
        """Oldest first; none where there is no such conversation."""
        return [_turn(row, self._home) for row in self._all(schema.TURNS, (name,))]

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
        documents: Sequence[str] = (),
        id: int | None = None,
    ) -> int:
        """A question is asked, of `documents` alone if any are named. Returns the id of its turn, which is that of the
        turn it replaces where one is given.

        The first one makes the conversation, and its title.
        """
        with self._writing():
            return self._begin(name, question, corpus, files, owner, documents, id)

    def answered(self, turn: int, said: Turn | None) -> None:
        """`said` is None where files were read and nothing was asked."""
        record = None if said is None else json.dumps(memory.dump(said, self._home), ensure_ascii=False)
        self._end(turn, "answered", said=record)

    def failed(self, turn: int, problem: str) -> None:
        self._end(turn, "failed", problem=problem)

    def stopped(self, turn: int, partial: str = "") -> None:
        self._end(turn, "stopped", partial=partial)

    def reported(self, turn: int, report: str) -> None:
        """What became of the files that came with the question."""
        self._run("UPDATE turn SET report = ? WHERE id = ?", (report, turn))

    def rate(self, turn: int, good: bool | None, word: str = "") -> None:
        """What a person says of the answer to this turn; None takes it back. Raises `UserError` where there is none."""
        if good is None:
            self._run(
                "DELETE FROM feedback WHERE turn = ? AND asked = (SELECT asked FROM turn WHERE id = ?)", (turn,) * 2
            )
            return
        said = {"turn": turn, "good": good, "word": " ".join(word.split())[:WORD], "now": time.time()}
        if not self._run(schema.RATED, said).rowcount:
            raise UserError("There is no answer here to say something of.")

    def feedback(self) -> list[Feedback]:
        """All that people said of answers, oldest first; also of those that were asked for again since."""
        return [_feedback(row, self._home) for row in self._all("SELECT * FROM feedback ORDER BY given")]

    def rename(self, name: str, title: str) -> None:
        """Raises `UserError` for an empty title."""
        if not (words := title_of(title, ())):
            raise UserError("A conversation needs a title.", "Type some words.")
        self._run("UPDATE conversation SET title = ? WHERE name = ?", (words, name))

    def corpus_renamed(self, old: str, new: str) -> None:
        """What was asked of it was asked of it by its new name."""
        self._run("UPDATE turn SET corpus = ? WHERE corpus = ?", (new, old))

    def pin(self, name: str, pinned: bool = True) -> None:
        self._run("UPDATE conversation SET pinned = ? WHERE name = ?", (int(pinned), name))

    def cut(self, name: str, turn: int) -> None:
        """Forgets a turn and all that were asked after it. A conversation called after its first question is called
        after the next one when that is gone."""
        first, known = next(iter(self.turns(name)), None), self.get(name)
        self._run("DELETE FROM turn WHERE conversation = ? AND id >= ?", (name, turn))
        if first and known and first.id >= turn and known.title == title_of(first.question, first.files):
            self._run("UPDATE conversation SET title = '' WHERE name = ?", (name,))

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
        self,
        name: str,
        question: str,
        corpus: str,
        files: Sequence[Path],
        owner: str = "",
        documents: Sequence[str] = (),
        id: int | None = None,
    ) -> int:
        now, named = time.time(), [memory.named(path, self._home) for path in files]
        self._run(
            "INSERT INTO conversation (name, title, owner, changed) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET changed = excluded.changed,"
            " title = CASE title WHEN '' THEN excluded.title ELSE title END",
            (name, title_of(question, files), owner, now),
        )
        cursor = self._run(
            "INSERT OR REPLACE INTO turn (id, conversation, status, question, corpus, files, asked, documents)"
            " VALUES (?, ?, 'asked', ?, ?, ?, ?, ?)",
            (
                id,
                name,
                question,
                corpus,
                json.dumps(named),
                now,
                json.dumps(list(documents)),
            ),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def _adopt(self, name: str, records: Sequence[dict[str, Any]]) -> None:
        for record in records:
            turn = self._begin(name, record["question"], "", [Path(image) for image in record["images"]])
            self.answered(turn, memory.load(record, self._home))

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


def _turn(row: Any, home: Path) -> StoredTurn:
    return StoredTurn(
        id=row["id"],
        status=row["status"],
        question=row["question"],
        corpus=row["corpus"],
        files=tuple(home / file for file in json.loads(row["files"])),
        asked=row["asked"],
        report=row["report"],
        problem=row["problem"],
        partial=row["partial"],
        said=_said(row, home),
        documents=tuple(json.loads(row["documents"])),
        feedback=None if row["good"] is None else _feedback(row, home),
    )


def _feedback(row: Any, home: Path) -> Feedback:
    said = _said(row, home)
    assert said is not None
    return Feedback(bool(row["good"]), row["word"], row["given"], row["corpus"], said)


def _said(row: Any, home: Path) -> Turn | None:
    return memory.load(json.loads(row["said"]), home) if row["said"] else None
