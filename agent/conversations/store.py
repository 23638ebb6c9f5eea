"""Conversations in an SQLite file or a Postgres database, which several threads and processes may share."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent import memory
from agent.conversations import checkpoints, schema
from agent.conversations.feedback import WORD, Feedback
from agent.conversations.turns import Conversation, Status, StoredTurn, title_of
from agent.memory import Turn
from common.database import Database, Transaction
from common.errors import UserError

AWAY = "Move it away: conversations then begin anew; no document is lost."


class Conversations:
    """Those in a file, or in the schema `space` of the database of a `url`. A turn is written down when it is asked,
    and again when it has come to its end.

    Raises like `Database`. What is deleted is overwritten in the file.
    """

    def __init__(self, file: Path, url: str = "", space: str = "conversations") -> None:
        self._home = file.parent  # files are named from there
        if url and file.exists():
            Conversations(file).close()  # which an earlier version may have written
        self._database = Database(
            file, schema.TABLES, url=url, space=space, added=schema.ADDED, indexes=(schema.UNREAD,), cure=AWAY
        )
        with self._database.transaction() as transaction:
            for name, records in {} if url else checkpoints.taken_over(transaction).items():
                for record in records:
                    images = [Path(image) for image in record["images"]]
                    turn = self._begin(transaction, name, record["question"], "", images)
                    self._end(transaction, turn, "answered", memory.load(record, self._home))
            unread = transaction.rows("SELECT id, question, said FROM turn WHERE words IS NULL")
            command = "UPDATE turn SET words = :words WHERE id = :id"
            transaction.each(
                command,
                [{"id": row["id"], "words": _words(row["question"], _said(row, self._home))} for row in unread],
            )

    def newest(self, owner: str | None = None, search: str = "") -> list[Conversation]:
        """Those of `owner` (None: everybody's) that hold the words `search`: pinned ones, then newest first."""
        found = [_conversation(row) for row in self._database.rows(schema.LISTED, owner=owner)]
        if not (words := _folded(search)):
            return found
        pattern = "".join(f"\\{one}" if one in "%_\\" else one for one in words)
        holding = {row["conversation"] for row in self._database.rows(schema.HOLDING, pattern=f"%{pattern}%")}
        return [one for one in found if one.name in holding or words in _folded(one.title)]

    def get(self, name: str) -> Conversation | None:
        rows = self._database.rows("SELECT * FROM conversation WHERE name = :name", name=name)
        return _conversation(rows[0]) if rows else None

    def states(self, name: str) -> dict[int, str]:
        """By turn, oldest first: another word once it is asked again, or comes to its end."""
        return {row["id"]: f"{row['asked']} {row['status']}" for row in self._database.rows(schema.STATES, name=name)}

    def turns(self, name: str) -> list[StoredTurn]:
        """Oldest first; none where there is no such conversation."""
        return [_turn(row, self._home) for row in self._database.rows(schema.TURNS, name=name)]

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
        with self._database.transaction() as transaction:
            return self._begin(transaction, name, question, corpus, files, owner, documents, id)

    def answered(self, turn: int, said: Turn | None) -> None:
        """`said` is None where files were read and nothing was asked."""
        self._ended(turn, "answered", said)

    def failed(self, turn: int, problem: str) -> None:
        self._ended(turn, "failed", problem=problem)

    def stopped(self, turn: int, partial: str = "") -> None:
        self._ended(turn, "stopped", partial=partial)

    def reported(self, turn: int, report: str) -> None:
        """What became of the files that came with the question."""
        self._database.run("UPDATE turn SET report = :report WHERE id = :turn", report=report, turn=turn)

    def rate(self, turn: int, good: bool | None, word: str = "") -> None:
        """What a person says of the answer to this turn; None takes it back. Raises `UserError` where there is none."""
        if good is None:
            self._database.run(schema.UNRATED, turn=turn)
            return
        short = " ".join(word.split())[:WORD]
        if not self._database.run(schema.RATED, turn=turn, good=int(good), word=short, now=time.time()):
            raise UserError("There is no answer here to say something of.")

    def feedback(self) -> list[Feedback]:
        """All that people said of answers, oldest first; also of those that were asked for again since."""
        return [_feedback(row, self._home) for row in self._database.rows("SELECT * FROM feedback ORDER BY given")]

    def rename(self, name: str, title: str) -> None:
        """Raises `UserError` for an empty title."""
        if not (words := title_of(title, ())):
            raise UserError("A conversation needs a title.", "Type some words.")
        self._database.run("UPDATE conversation SET title = :words WHERE name = :name", words=words, name=name)

    def corpus_renamed(self, old: str, new: str) -> None:
        """What was asked of it was asked of it by its new name."""
        self._database.run("UPDATE turn SET corpus = :new WHERE corpus = :old", new=new, old=old)

    def pin(self, name: str, pinned: bool = True) -> None:
        self._database.run("UPDATE conversation SET pinned = :pinned WHERE name = :name", pinned=int(pinned), name=name)

    def cut(self, name: str, turn: int) -> None:
        """Forgets a turn and all that were asked after it. A conversation called after its first question is called
        after the next one when that is gone."""
        first, known = next(iter(self.turns(name)), None), self.get(name)
        self._database.run("DELETE FROM turn WHERE conversation = :name AND id >= :turn", name=name, turn=turn)
        if first and known and first.id >= turn and known.title == title_of(first.question, first.files):
            self._database.run("UPDATE conversation SET title = '' WHERE name = :name", name=name)

    def delete(self, name: str) -> None:
        """With all its turns; a name that is not there is none of them."""
        self._database.run("DELETE FROM conversation WHERE name = :name", name=name)

    def close(self) -> None:
        self._database.close()

    def _ended(
        self, turn: int, status: Status, said: Turn | None = None, *, problem: str = "", partial: str = ""
    ) -> None:
        with self._database.transaction() as transaction:
            self._end(transaction, turn, status, said, problem, partial)

    def _begin(
        self,
        transaction: Transaction,
        name: str,
        question: str,
        corpus: str,
        files: Sequence[Path],
        owner: str = "",
        documents: Sequence[str] = (),
        id: int | None = None,
    ) -> int:
        now = time.time()
        transaction.run(schema.BEGUN, name=name, title=title_of(question, files), owner=owner, now=now)
        transaction.run("DELETE FROM turn WHERE id = :id", id=id)
        (row,) = transaction.rows(
            schema.ASKED.format(id="id,", given=":id,") if id else schema.ASKED.format(id="", given=""),
            name=name,
            question=question,
            corpus=corpus,
            files=json.dumps([memory.named(path, self._home) for path in files]),
            now=now,
            documents=json.dumps(list(documents)),
            words=_words(question, None),
            **({"id": id} if id else {}),
        )
        number: int = row["id"]
        return number

    def _end(
        self,
        transaction: Transaction,
        turn: int,
        status: Status,
        said: Turn | None,
        problem: str = "",
        partial: str = "",
    ) -> None:
        """A turn that was deleted meanwhile stays so."""
        transaction.run(
            schema.ENDED,
            turn=turn,
            status=status,
            said=None if said is None else json.dumps(memory.dump(said, self._home), ensure_ascii=False),
            problem=problem,
            partial=partial,
            words=_words("", said),
        )


def _words(question: str, said: Turn | None) -> str:
    return _folded(f"{question} {said.answer.text if said else ''}")


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _conversation(row: Any) -> Conversation:
    return Conversation(row["name"], row["title"], row["owner"], bool(row["pinned"]), row["changed"])


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
