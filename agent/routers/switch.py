"""`switch`: a small head on MiniLM sentence embeddings decides which tools a request needs. No language model.

Softmax regression on the committed example requests, after the idea of SwitchGPT (Wang et al., 2023) that a light
classifier in front of the model routes a request to its modalities.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from agent.plan import Plan, Step
from agent.routers import attached
from agent.routers.base import Decision, Situation
from agent.routers.demonstrating import step_of
from agent.routers.modalities import ModalityHead, Reading
from agent.routers.ordering import FROM_TABLES, Wish, shown, wish_of
from agent.routers.picture_choice import settled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXAMPLES = Path(__file__).with_name("switch_examples.json")
KINDS = {"show_figure": "figure", "show_table": "table"}
_TELL_ME = re.compile(
    r"^\s*(?:please\s+|can you\s+|could you\s+)*(?:tell|read|show|explain to)\s+(?:me|us)\s+"
    r"(?=(?:why|how|what|which|who|whom|whose|when|where)\b)",
    re.IGNORECASE,
)
SURE = 0.55  # below this share of the vote a request is looked up in the documents, which harms nothing


class Head:
    """Softmax regression over unit sentence vectors, fitted to labelled requests."""

    def __init__(self, vectors: "NDArray[np.float32]", labels: list[str], *, steps: int = 400, decay: float = 1e-3):
        import numpy as np

        self.classes = sorted(set(labels))
        target = np.eye(len(self.classes))[[self.classes.index(label) for label in labels]]  # [N, C]
        inputs = _with_bias(vectors)  # [N, d + 1]
        self._weights = np.zeros((inputs.shape[1], len(self.classes)))
        for _ in range(steps):
            error = _softmax(inputs @ self._weights) - target  # [N, C]
            self._weights -= 8.0 * (inputs.T @ error / len(inputs) + decay * self._weights)

    def __call__(self, vector: "NDArray[np.float32]") -> dict[str, float]:
        """Class -> its share, summing to 1."""
        shares = _softmax(_with_bias(vector[None]) @ self._weights)[0]
        return {name: float(share) for name, share in zip(self.classes, shares, strict=True)}


class SwitchRouter:
    """`embedder` has `embed_texts`, as `retrievers.embedders.load("minilm")` does."""

    name: ClassVar[str] = "switch"
    loops: ClassVar[bool] = False
    obeys: ClassVar[bool] = False

    def __init__(self, embedder: Any) -> None:
        self._embedder = embedder

    @cached_property
    def _head(self) -> Head:
        examples: dict[str, list[str]] = json.loads(EXAMPLES.read_text(encoding="utf-8"))
        labels = [label for label, texts in examples.items() for _ in texts]
        return Head(self._embedder.embed_texts([text for texts in examples.values() for text in texts]), labels)

    @cached_property
    def modalities(self) -> ModalityHead:
        return ModalityHead(self._embedder)

    def decide(self, question: str) -> str:
        """The class of a request: `search`, `show_figure`, `show_table`, `list_documents` or `smalltalk`."""
        shares = self._head(self._embedder.embed_texts([question])[0])
        best = max(shares, key=lambda name: shares[name])
        return best if shares[best] >= SURE else "search"

    def route(self, situation: Situation) -> Decision:
        if by_showing := step_of(situation):
            return Decision(_checked((by_showing,), situation), situation.question, frozenset({"text"}))
        situation = replace(situation, question=situation.standalone)
        reading = self.modalities(situation.question)
        if not situation.images:
            reading = settled(reading, situation.pictures)
        if reads := attached.steps_of(situation, reading):
            return self._read(reads, attached.as_read(reading), situation)
        if wish := wish_of(situation.question, reading, situation.turns):
            return replace(self._ordered(wish, reading, situation), modalities=reading.modalities)
        wanted = "search" if situation.images else self.decide(situation.question)
        if wanted in {"smalltalk", "list_documents"}:
            steps = (Step("list", "list_documents"),) if wanted == "list_documents" else ()
            return Decision(_checked(steps, situation), situation.question, frozenset({"text"}))
        question = _TELL_ME.sub("", situation.question)
        to_show = ({KINDS[wanted]: question} if wanted in KINDS else {}) | shown(reading, question)
        found = (*_showing(to_show), Step("search", "search", {"query": question}))
        return Decision(_checked(found, situation), question, reading.modalities)

    def _read(self, reads: tuple[Step, ...], reading: Reading, situation: Situation) -> Decision:
        """Read the pictures, then make what is ordered from what they hold."""
        wish = wish_of(situation.question, reading, situation.turns)
        plan = (*reads, *(wish.steps([step.id for step in reads]) if wish else ()))
        return Decision(_checked(plan, situation), situation.question, reading.modalities)

    def _ordered(self, wish: Wish, reading: Reading, situation: Situation) -> Decision:
        """Look up what the orders are about, if anything, then place them."""
        found: tuple[Step, ...] = ()
        if wish.query:
            found = (*_showing(shown(reading, wish.query)), Step("search", "search", {"query": wish.query}))
            if any(order.form in FROM_TABLES for order in wish.orders):
                found = (Step("numbers", "search", {"query": wish.query, "kinds": ["table"]}), *found)
        plan = (*found, *wish.steps([step.id for step in found]))
        return Decision(_checked(plan, situation), wish.query or situation.question, asks=wish.asks)


def _showing(to_show: Mapping[str, str]) -> tuple[Step, ...]:
    return tuple(Step(f"{kind}s", "search", {"query": query, "kinds": [kind]}) for kind, query in to_show.items())


def _checked(steps: tuple[Step, ...], situation: Situation) -> Plan:
    plan = Plan(steps)
    plan.check(situation.tools)
    return plan


def _with_bias(vectors: Any) -> Any:
    import numpy as np

    return np.hstack([vectors, np.ones((len(vectors), 1))])


def _softmax(scores: Any) -> Any:
    import numpy as np

    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)
