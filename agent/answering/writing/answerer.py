"""A model's answer from the evidence. Where it cannot write one, that is said, and the evidence is quoted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage

from agent.answering import evidence
from agent.answering.answerer import WriteDiagram
from agent.answering.candidates.candidate import Candidates
from agent.answering.candidates.estimate import FOUND
from agent.answering.candidates.found import absent, in_results
from agent.answering.draft import Draft
from agent.answering.history import conversation
from agent.answering.quoting.answerer import quote
from agent.answering.writing.diagrams import write_diagram
from agent.answering.writing.messages import messages_of, told
from agent.answering.writing.packing import Source, packed
from agent.answering.writing.settling import NO_SOURCE, Settling
from agent.answering.writing.support import Support
from agent.events import Answer, Artifact, Token
from agent.models import abilities
from agent.models.budget import budget
from agent.models.replies import bounds
from agent.prompts import prompt
from agent.request import Request, Work
from agent.settings import NO_MODEL
from common.errors import ModelUnavailable
from retrievers.elements import WHOLE_PAGE, Element, Hit

EMBEDDED = "This is the embedded answer: quotes from the documents, written by no model."


@dataclass(frozen=True)
class WritingAnswerer:
    """An answer by `model`, which people call `name`, and which is shown `max_images` pictures at most."""

    model: BaseChatModel
    name: str
    max_images: int

    @property
    def write_diagram(self) -> WriteDiagram:
        return partial(write_diagram, self.model)

    def answer(self, request: Request, work: Work) -> Iterator[Token | Artifact | Answer]:
        """A model that is down, slow or without words is said so, and the evidence is quoted instead."""
        draft, problem = Draft(request, work), work.down
        asked = not problem and self._is_asked(draft)
        if asked:
            try:
                yield from self._write(draft)
            except ModelUnavailable as error:
                problem = error.words
                draft.advice += filter(None, [error.command])
        if asked and not problem:
            yield from draft.finish(self.name)
            return
        if problem:
            yield from _broken_off(draft, problem)
        yield from quote(draft)
        yield from draft.finish(NO_MODEL)

    @property
    def _images(self) -> int:
        return 0 if abilities.of(self.model).images is False else self.max_images

    def _is_asked(self, draft: Draft) -> bool:
        """A model that sees the pages is asked whatever the estimate says, which reads words; and any for an overview,
        as the estimate is of answers."""
        work = draft.work
        if (self._images and work.hits) or work.topic is not None or not absent(work.results, FOUND):
            return True
        draft.notices.append(f"{self.name} was not asked: what was found does not seem to hold the answer.")
        return False

    def _write(self, draft: Draft) -> Iterator[Token]:
        """The model's own words, settled with its sources. Raises `ModelUnavailable`, also when it writes none."""
        request, work = draft.request, draft.work
        found = in_results(work.question, work.results) if work.hits else Candidates((), 0.0)
        history = conversation(work.turns)
        sources = packed(work.question, work.hits, found, self._room(request, work, history))
        messages = messages_of(request, work, sources, history, self._images, draft.notices)
        settling = _settling(work, sources, found) if work.hits else None
        for text in self._stream(messages, draft.notices):
            yield from draft.add(settling.feed(text) if settling else [text])
        if settling:
            yield from draft.add(settling.close())
            draft.leave_out(settling.dangling)
            draft.found, draft.sure = settling.found, found.answerable
        yield from draft.close()
        if not draft.text.strip():
            raise ModelUnavailable("The model wrote no answer.")

    def _room(self, request: Request, work: Work, history: Sequence[BaseMessage]) -> int:
        """Tokens that are left for sources."""
        told_too = map(evidence.fence_words, told(work.results))
        return budget(self.model, prompt("answer"), prompt("question"), request.question, *history, *told_too)

    def _stream(self, messages: list[BaseMessage], notices: list[str]) -> Iterator[str]:
        for chunk in bounds.awaited(self.model.stream(messages)):
            assert isinstance(chunk, AIMessageChunk)
            notices += bounds.notices(chunk.response_metadata)
            yield chunk.text


def _broken_off(draft: Draft, problem: str) -> Iterator[Token]:
    """What the model wrote, whose whole sentences stay; quotes follow."""
    known = any(notice.startswith(problem) for notice in draft.notices)  # the router has met it, too
    draft.notices.append(EMBEDDED if known else f"{problem} {EMBEDDED}")
    yield from draft.close()
    if draft.text:
        yield from draft.add(["\n\n"])


def _settling(work: Work, sources: Sequence[Source], found: Candidates) -> Settling:
    """What tools told beside the sources bears a sentence out as well, without a number to cite."""
    places = {hit.element.id: number for number, hit in enumerate(work.hits, start=1)}
    beside = [Hit(Element("", "", 0, "text", text, WHOLE_PAGE, 0), 0.0) for text in told(work.results)]
    support = Support(work.question, [*(one.hit for one in sources), *beside], found)
    numbers = [*(places[one.hit.element.id] for one in sources), *(NO_SOURCE for _ in beside)]
    return Settling(support, numbers, answers=work.topic is not None or found.answerable >= FOUND)
