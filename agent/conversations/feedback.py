"""What people say of answers, in the form of the questions that evaluations read."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from agent.memory import Turn

WORD = 1000  # characters kept of it


@dataclass(frozen=True, slots=True)
class Feedback:
    """The answer that `said` holds, from `corpus`, was found good or not; `word` says why, if anything. `given` in
    seconds since 1970."""

    good: bool
    word: str
    given: float
    corpus: str
    said: Turn

    def to_dict(self) -> dict[str, Any]:
        """A line of a question file (`evals.datasets.questions`): of a good answer what it cites is the evidence, and
        what it marks the answer; of a bad one neither is known."""
        answer = self.said.answer
        return {
            "question": self.said.asked or self.said.question,
            **(self._evidence() if self.good else {}),
            "good": self.good,
            "word": self.word,
            "said": answer.text,
            "cited": [f"{one.hit.element.document}, page {one.hit.element.page}" for one in answer.citations],
            "corpus": self.corpus,
            "model": answer.model,
            "given": datetime.fromtimestamp(self.given, UTC).isoformat(timespec="seconds"),
        }

    def _evidence(self) -> dict[str, Any]:
        answer = self.said.answer
        if not answer.found:
            return {"unanswerable": True}
        places = [(one.hit.element.document, one.hit.element.page) for one in answer.citations]
        documents = list(dict.fromkeys(document for document, _ in places))
        named: dict[str, Any] = {"document": documents}
        if len(documents) == 1:  # pages belong to one document
            named = {"document": documents[0], "pages": sorted({page for _, page in places})}
        return named | ({"answer": answer.short} if answer.short else {})
