"""A frozen multimodal model, whole: what its first layers make of demonstrations, and what it answers after them.

Follows AIM (arXiv 2406.07588). Only `weight`, the projection handed in, can have a gradient.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generators.aim import projector as projectors
from generators.aim import prompts
from generators.aim.adapters import adapter_for, load_processor
from generators.aim.data import Document
from generators.aim.demonstrations import DEFAULT_TEMPLATE, Demonstration
from generators.aim.fuser import precision
from generators.aim.states import checkpointed, demonstration_inputs, placed, shortened

if TYPE_CHECKING:
    import torch
    from transformers import ProcessorMixin

AT_ONCE = 8  # demonstrations read together: each on its own, so that memory does not grow with their number


@dataclass(frozen=True)
class Written:
    """How demonstrations are written: a `template` for the text of one, a `separator` between two."""

    template: str = DEFAULT_TEMPLATE
    separator: str = "\n"


@dataclass(frozen=True)
class Fusing:
    """How demonstrations are fused: by `weight` W [d, d] from layer k, to vectors of RMS `scale`."""

    weight: "torch.Tensor"
    layers: int
    scale: float
    written: Written = field(default_factory=Written)


@dataclass(frozen=True)
class Answers:
    """`scores` [n, vocabulary] and `targets` [n] of every answer's tokens; `owners` [n]: whose they are."""

    scores: "torch.Tensor"
    targets: "torch.Tensor"
    owners: "torch.Tensor"

    def loss(self) -> "torch.Tensor":
        """Mean negative log-likelihood of a token."""
        from torch.nn import functional

        return functional.cross_entropy(self.scores, self.targets)

    def right(self) -> list[bool]:
        """Whether each answer, its end included, is what greedy decoding gives."""
        wrong = self.scores.argmax(-1) != self.targets
        return [not wrong[self.owners == owner].any() for owner in range(int(self.owners.max()) + 1)]


class Backbone:
    """A frozen model with its processor: the loss of documents under a projection of its layer k."""

    def __init__(self, folder: Path, device: str = "cpu", dtype: "torch.dtype | None" = None) -> None:
        """`dtype`: of the model's weights, instead of what `device` is best at."""
        from transformers import AutoModelForImageTextToText

        self.folder = folder
        self.processor: ProcessorMixin = load_processor(folder)
        models: Any = AutoModelForImageTextToText
        self.model = models.from_pretrained(folder, dtype=dtype or precision(device))
        self.model.eval().requires_grad_(False).to(device)
        self.adapter = adapter_for(self.model.config)
        self.stack: Any = self.adapter.stack(self.model.model)
        self.embedding = self.model.get_input_embeddings()
        self.depth, self.width = len(self.stack.layers), int(self.embedding.weight.shape[1])

    def states(
        self, documents: Sequence[Document], layers: int, template: str
    ) -> "tuple[torch.Tensor, list[list[int]]]":
        """H of every demonstration, one after the other [sum T_i, d], and each document's T_i."""
        import torch

        everything = [shown for document in documents for shown in document.demonstrations]
        if not everything:
            return torch.zeros(0, self.width, device=self.model.device), [[] for _ in documents]
        read = [self._rows(everything[i : i + AT_ONCE], layers, template) for i in range(0, len(everything), AT_ONCE)]
        sizes = iter([size for _, part in read for size in part])
        rows = torch.cat([rows for rows, _ in read])
        return rows, [[next(sizes) for _ in document.demonstrations] for document in documents]

    def _rows(self, some: Sequence[Demonstration], layers: int, template: str) -> "tuple[torch.Tensor, list[int]]":
        """H of some demonstrations [sum T_i, d], and their T_i."""
        import torch

        inputs, is_text = demonstration_inputs(self.processor, self.adapter, some, template)
        inputs = inputs.to(self.model.device, self.model.dtype)
        with torch.no_grad(), shortened(self.stack, layers):
            states = self.model.model(**inputs, use_cache=False).last_hidden_state
        return states[is_text.to(states.device)], is_text.sum(1).tolist()

    def read(self, prompt: prompts.Prompts, fused: "torch.Tensor") -> Answers:
        """Scores of the tokens that answer each prompt, with `fused` [places, d] in their places."""
        device = self.model.device
        inputs = {
            key: value.to(device, self.model.dtype if value.is_floating_point() else None)
            for key, value in prompt.inputs.items()
        }
        kept = checkpointed(self.stack) if fused.requires_grad else nullcontext()
        with kept, placed(self.embedding, prompt.places.to(device), fused.to(device)):
            states = self.model.model(**inputs, use_cache=False).last_hidden_state
        targets = prompt.answers[:, 1:].to(device)
        asked = targets != prompts.IGNORED
        return Answers(self.model.lm_head(states[:, :-1][asked]).float(), targets[asked], asked.nonzero()[:, 0])

    def answers(self, documents: Sequence[Document], fusing: Fusing) -> Answers:
        """The whole way: demonstrations read by the first layers, projected, put in prompts."""
        states, rooms = self.states(documents, fusing.layers, fusing.written.template)
        asked = [document.asked for document in documents]
        prompt = prompts.build(self.processor, asked, rooms, fusing.written.separator)
        return self.read(prompt, projectors.project(fusing.weight, states, fusing.scale))

    def size(self, documents: Sequence[Document], layers: int, template: str, batch: int = 16) -> float:
        """RMS of the states after so many layers, of `batch` documents at a time.

        Fused tokens keep this size, not that of embeddings: the model's layers add to what they are given, and would
        drown a small vector. (In the lab, W = identity is right in 12 of 100 at the embeddings' size, 83 at this one.)
        """
        squares, count = 0.0, 0
        for start in range(0, len(documents), batch):
            states, _ = self.states(documents[start : start + batch], layers, template)
            squares, count = squares + float(states.double().square().sum()), count + states.numel()
        return float((squares / count) ** 0.5)
