"""Questions that are being answered, whoever looks on: a page that goes away, comes back or opens elsewhere finds them.

No Gradio here.
"""

import logging
import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise, takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import UserError
from ui import chat
from ui.api.places import Rate
from ui.chat import ChatTurn

if TYPE_CHECKING:
    from agent import Agent

WAITING = 10  # questions of one conversation, the one being answered included
_log = logging.getLogger("triptych.page")


@dataclass
class LiveTurn:
    """`version` grows with everything new that `turn` has to show."""

    conversation: str
    turn: ChatTurn
    begun: bool = False
    stopped: bool = False
    version: int = 0


class LiveTurns:
    """Those of one server, `at_once` of which are answered at the same time, and one of each conversation."""

    def __init__(self, agent: "Agent", at_once: int, rate: Rate | None = None) -> None:
        self._agent, self._at_once, self._rate = agent, at_once, rate
        self._live: dict[int, LiveTurn] = {}  # in the order they were asked
        self._change = threading.Condition()

    def ask(
        self,
        conversation: str,
        question: str,
        corpus: str,
        files: Sequence[Path] = (),
        owner: str = "",
        only: Sequence[str] = (),
        *,
        model: str = "",
        again: int | None = None,
        instead: int | None = None,
    ) -> None:
        """Writes the question down and answers it when its turn has come: from `only` these documents, if any are
        named. It takes the place of the turn `again`, or of the turn `instead` and all after it.

        Raises `UserError` where too many wait, or came within a minute, and where what it would replace is being
        answered.
        """
        with self._change:
            if len(self.of(conversation)) >= WAITING:
                raise UserError(f"{WAITING} questions are waiting here already.", "Stop them, or wait for an answer.")
            replaced = range(instead, sys.maxsize) if instead is not None else [again]
            if any(one.turn.number in replaced for one in self.of(conversation)):
                raise UserError("This question is being answered.", "Stop it first.")
            if self._rate:
                self._rate.take()
            kept = self._agent.conversations
            if instead is not None:
                kept.cut(conversation, instead)
            number = kept.begin(conversation, question, corpus, files, owner, documents=only, id=again)
            turn = ChatTurn(number, question, corpus, files, only=only, model=model)
            live = self._live[number] = LiveTurn(conversation, turn)
        threading.Thread(target=self._answer, args=(live,), daemon=True).start()

    @property
    def busy(self) -> bool:
        """Whether anything is being answered, or waits."""
        return bool(self._live)

    def of(self, conversation: str) -> list[LiveTurn]:
        with self._change:
            return [live for live in self._live.values() if live.conversation == conversation]

    def turns(self, conversation: str) -> list[ChatTurn]:
        """All of a conversation, oldest first: as they were stored, and those that are being answered as they are."""
        with self._change:
            live = {one.turn.number: one.turn for one in self.of(conversation)}
            stored = self._agent.conversations.turns(conversation)
        corpus = self._agent.settings.corpus
        turns = [live.get(turn.id) or chat.stored(turn, corpus) for turn in stored]
        for before, turn in pairwise(turns):
            turn.told = before.answer.notices if before.answer else ()
        return turns

    def marks(self, conversation: str) -> dict[int, str]:
        """Of what there is to show of it, by turn: another whenever that changes."""
        versions = {one.turn.number: f" {one.version}" for one in self.of(conversation)}
        states = self._agent.conversations.states(conversation)
        return {number: f"{number} {state}{versions.get(number, '')}" for number, state in states.items()}

    def stop(self, conversation: str) -> None:
        """Whatever is being answered in it, and what waits."""
        with self._change:
            for live in self.of(conversation):
                live.stopped = True
            self._change.notify_all()
        self._agent.stop(conversation)

    def _answer(self, live: LiveTurn) -> None:
        number = live.turn.number
        try:
            if self._has_come(live):
                self._carry_out(live)
        except Exception:  # noqa: BLE001 - a bug: told in the place of the answer, and seen in the log
            _log.exception("A question could not be answered")
            self._agent.conversations.failed(number, "Something went wrong here.")
        finally:
            self._agent.conversations.stopped(number)  # unless it has ended otherwise
            with self._change:
                del self._live[number]
                self._change.notify_all()

    def _carry_out(self, live: LiveTurn) -> None:
        with closing(chat.ask(self._agent, live.turn, live.conversation)) as news:
            for _ in news:
                if live.stopped:
                    return
                live.version += 1

    def _has_come(self, live: LiveTurn) -> bool:
        """Waits until it may be answered; False when it was stopped before."""
        with self._change:
            while not live.stopped and (before := self._before(live)):
                live.turn.doing = f"Waiting: {before} before this one"
                live.version += 1
                self._change.wait()
            live.begun = True
        return not live.stopped

    def _before(self, live: LiveTurn) -> int:
        """How many have to end first."""
        earlier = list(takewhile(lambda one: one is not live, self._live.values()))
        if own := sum(one.conversation == live.conversation for one in earlier):
            return own
        full = sum(one.begun for one in self._live.values()) >= self._at_once
        return 1 + sum(not one.begun for one in earlier) if full else 0
