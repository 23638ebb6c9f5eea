"""The model as judge of relevance: of each of the best pages it says whether what answers the question is there.

MM-Embed (arXiv 2411.02571) ranks pages again by the probability that a multimodal model answers "True"; Re-ranking
the Context (arXiv 2501.04695) leaves out those it finds irrelevant: up to k pages, possibly none. Fusion and the
linear reranker compare words and meanings; a question whose page and words are right and whose one detail is missing
takes reading.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.messages import BaseMessage, HumanMessage, ToolMessage

from agent.answering import evidence
from agent.inputs.page_images import parts_of
from agent.models.replies.truth import TellsTrue
from agent.plan import Step, run_wave
from agent.prompts import prompt
from agent.request import Draw
from common.errors import ModelUnavailable, UserError
from retrievers.elements import Hit

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

RELEVANT = 0.5  # "True" is likelier than "False": what the model would have said, which needs no fitting
NEAREST = 3  # pages named when none is relevant
FEWER = "With TRIPTYCH_JUDGED lower fewer pages are judged, with 0 none."
Regions = Sequence[Hit]  # of one page, the one found first


@dataclass(frozen=True)
class Judge:
    """Judges the `most` best pages of a search by their regions' words, and their pictures as an answer sees them.

    `timeout` bounds all of it, in seconds: the pages are asked about side by side.
    """

    model: TellsTrue
    most: int
    timeout: float
    pictures: int
    images: Sequence[Path]
    figure: Draw
    page: Draw

    def relevant(self, question: str, pages: Sequence[Regions]) -> tuple[list[Regions], list[str], list[str]]:
        """The pages that hold the answer, surest first, what there is to be told, and what to whoever runs Triptych.

        Pages it was not asked about are none of them: it vouches for what it leaves. If it cannot judge, that is told,
        and all pages stay as they were found.
        """
        judged, notices = pages[: self.most], list[str]()
        try:
            chances = self.chances(question, judged, notices)
        except ModelUnavailable as error:
            notices.append(f"{error.words} The pages were not judged by the model and stand as the search found them.")
            return list(pages), notices, [*filter(None, [error.command]), FEWER]
        kept = relevant(judged, chances)
        if judged and not kept:
            notices.append(
                f"The model read the {len(judged)} best pages and found none that answers “{question}”. "
                f"The nearest: {_places(judged)}."
            )
        return kept, notices, []

    def chances(self, question: str, pages: Sequence[Regions], notices: list[str]) -> list[float]:
        """For each page, the probability that it holds what answers the question. Raises `ModelUnavailable` when that
        of any page cannot be told, since probabilities of two kinds have no order.

        A page that cannot be drawn is judged by its words, and noted in `notices`.
        """
        messages = {str(place): self._messages(question, page, notices) for place, page in enumerate(pages)}

        def call(step: Step) -> ToolMessage:
            return ToolMessage("", artifact=self.model.p_true(messages[step.id]), tool_call_id=step.id)

        found: dict[str, float] = {}
        for outcome in run_wave([Step(place, "Judging a page") for place in messages], call, self.timeout):
            if outcome.message is None:
                raise ModelUnavailable(outcome.error, command=outcome.command)
            found[outcome.step.id] = outcome.message.artifact
        return [found[place] for place in messages]

    def _messages(self, question: str, page: Regions, notices: list[str]) -> list[BaseMessage]:
        text = prompt("judge").format(sources=evidence.fence(page), question=question)
        pictures = list(parts_of(page, self.images, self.pictures, self.figure, self.page, notices))
        content: Any = [{"type": "text", "text": text}, *pictures] if pictures else text
        return [HumanMessage(content)]


def able(model: "BaseChatModel", name: str) -> TellsTrue:
    """The model as a judge. Raises `UserError` when it is none."""
    if not isinstance(model, TellsTrue):
        command = "Set TRIPTYCH_MODEL to openai:<name>@<url> or hf:<repo or folder>, or TRIPTYCH_JUDGED=0."
        raise UserError(f"The model {name!r} cannot judge pages.", command=command)
    return model


def relevant(pages: Sequence[Regions], chances: Sequence[float]) -> list[Regions]:
    """The pages of a chance of `RELEVANT` and more, surest first; it becomes the relevance of all their regions."""
    order = sorted(zip(chances, pages, strict=True), key=lambda pair: -pair[0])
    return [[replace(hit, relevance=chance) for hit in page] for chance, page in order if chance >= RELEVANT]


def _places(pages: Sequence[Regions]) -> str:
    elements = [page[0].element for page in pages[:NEAREST]]
    return "; ".join(f"{element.document}, page {element.page}" for element in elements)
