"""Training the projection W, everything else frozen: next-text loss on interleaved documents.

Follows AIM (arXiv 2406.07588): pairs 1..n-1 of a document are fused, each on its own, and the loss is that of text n
given F_1..F_{n-1} and image n. The backbone's graph is kept but its weights are not touched, so they may be of half
precision; W, its optimizer and the loss never are. Each candidate layer k starts from W = identity; the one with the
least development loss wins. Killed at any moment, training goes on from its last save and draws the same documents,
as it does on any number of processes.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from common.errors import UserError
from generators.aim import projector as projectors
from generators.aim.backbone import Backbone, Fusing, Written
from generators.aim.data import Document, Pair, PairSource, Source
from generators.aim.training.crew import Crew

DEVELOPMENT = 10_000_000  # documents of the development set are drawn with seeds from here on


@dataclass(frozen=True)
class Recipe:
    """How to train. `layers`: candidates for k; () means a quarter, half, three quarters and all of them.

    A step is `accumulate` batches. Every `every` steps the development loss is taken and everything is saved; after
    `patience` times without a better one, that k is done.
    """

    steps: int = 400
    batch: int = 16
    accumulate: int = 1
    rate: float = 1e-3
    every: int = 25
    patience: int = 4
    development: int = 64
    layers: tuple[int, ...] = ()
    seed: int = 0
    written: Written = field(default_factory=Written)

    def candidates(self, depth: int) -> list[int]:
        return sorted(set(self.layers)) or sorted({max(1, depth * part // 4) for part in (1, 2, 3, 4)})


def train(
    backbone: Backbone,
    source: Source,
    development: Source,
    recipe: Recipe,
    out: Path,
    tell: Callable[[str], None] = lambda _line: None,
    crew: Crew | None = None,
) -> projectors.Projector:
    """The projection with the least development loss over all k, saved in `out` with its card and curves.

    `tell` hears how it goes, a line at every save. Each process of a `crew` calls this with the same arguments.
    """
    import torch

    crew = crew or Crew(str(backbone.model.device))
    out.mkdir(parents=True, exist_ok=True)
    start, curves, best, scales = time.monotonic(), {}, {}, {}
    held = [development.document(np.random.default_rng([DEVELOPMENT, i])) for i in range(recipe.development)]
    for k in recipe.candidates(backbone.depth):
        scales[k] = backbone.size(held, k, recipe.written.template, batch=1)
        run = Run(backbone, recipe, k, scales[k], out / f"layer-{k}.pt", crew)
        for _ in run.steps(source, held):
            if not crew.leads:
                continue
            (out / f"layer-{k}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in run.curve))
            now = run.curve[-1]
            tell(
                f"layer {k}, step {now['step']} of {recipe.steps}: loss {now['loss']}, development {now['development']}"
            )
        curves[k], best[k] = run.curve, (run.least, run.best)
    chosen = min(best, key=lambda k: best[k][0])
    record = {
        "recipe": asdict(recipe),
        "development_loss": {str(k): round(least, 4) for k, (least, _) in best.items()},
        "processes": crew.size,
        "precision": str(backbone.model.dtype).removeprefix("torch."),
        "seconds": round(time.monotonic() - start),
        "torch": torch.__version__,
    }
    meta = projectors.Meta(
        backbone=backbone.folder.name,
        revision=projectors.revision_of(backbone.folder),
        layers=chosen,
        width=backbone.width,
        scale=scales[chosen],
        template=recipe.written.template,
        separator=recipe.written.separator,
        training=record,
    )
    projector = projectors.Projector(best[chosen][1].cpu(), meta)
    if crew.leads:
        projector.save(out)
        (out / "README.md").write_text(card(meta, curves))
    return projector


class Run:
    """Training for one k: `weight` as it is, `best` as it was at the `least` development loss."""

    def __init__(self, backbone: Backbone, recipe: Recipe, layers: int, scale: float, file: Path, crew: Crew) -> None:
        import torch

        self.backbone, self.recipe, self.file, self.crew = backbone, recipe, file, crew
        self.weight = torch.eye(backbone.width, device=backbone.model.device, requires_grad=True)
        self.fusing = Fusing(self.weight, layers, scale, recipe.written)
        self.optimizer = torch.optim.Adam([self.weight], recipe.rate)
        self.best, self.least = self.weight.detach().clone(), float("inf")
        self.step, self.worse, self.micro = 0, 0, recipe.batch
        self.curve: list[dict[str, float]] = []
        if file.exists():
            self._resume()

    def steps(self, source: Source, held: Sequence[Document]) -> Iterator[int]:
        """Yields after every check of the development loss."""
        while self.step < self.recipe.steps and self.worse < self.recipe.patience:
            if self.step == 0:
                self._check(held, float("nan"))
            losses = [self._one(source) for _ in range(self.recipe.every)]
            self._check(held, float(np.mean(losses)))
            if self.crew.leads:
                self._save()
            yield self.step

    def _one(self, source: Source) -> float:
        """One step; the loss of each of its batches is the mean over all processes' tokens."""
        import torch

        recipe, losses = self.recipe, torch.zeros(1)
        gradient = torch.zeros_like(self.weight)
        for part in range(recipe.accumulate):
            numbers = [part * recipe.batch + i for i in self.crew.share(recipe.batch)]
            documents = [source.document(np.random.default_rng([recipe.seed, self.step, i])) for i in numbers]
            summed, count = self._read(documents)
            tokens = float(self.crew.total(torch.tensor([float(count)]))) * recipe.accumulate
            gradient += (self.weight.grad if self.weight.grad is not None else 0) / tokens
            losses += summed / tokens
        self.weight.grad = self.crew.total(gradient)
        self.optimizer.step()
        self.step += 1
        return float(self.crew.total(losses))

    def _read(self, documents: Sequence[Document]) -> tuple[float, int]:
        """Summed loss and number of the tokens that answer; the sum's gradient, where there is to be one.

        As many documents at a time as there is memory for: half as many from where they did not fit.
        """
        import torch

        while True:
            self.weight.grad = None
            try:
                parts = [self._part(documents[i : i + self.micro]) for i in range(0, len(documents), self.micro)]
                return sum(loss for loss, _ in parts), sum(count for _, count in parts)
            except torch.OutOfMemoryError as error:
                if self.micro == 1:
                    raise UserError(
                        "Not one document of the training data fits the memory of this GPU beside the model.",
                        "Use a larger GPU, --precision bfloat16, or smaller pictures.",
                    ) from error
                self.micro //= 2
            torch.cuda.empty_cache()  # outside of the handler, whose error holds what did not fit

    def _part(self, documents: Sequence[Document]) -> tuple[float, int]:
        import torch

        answers = self.backbone.answers(documents, self.fusing)
        loss = answers.loss() * len(answers.targets)
        if torch.is_grad_enabled():
            torch.autograd.backward(loss)
        return loss.item(), len(answers.targets)

    def _check(self, held: Sequence[Document], loss: float) -> None:
        import torch

        size, losses = self.recipe.batch, torch.zeros(1, dtype=torch.float64)
        parts = [held[i : i + size] for i in range(0, len(held), size)]
        with torch.no_grad():
            for i in self.crew.share(len(parts)):
                summed, count = self._read(parts[i])
                losses += summed / count * len(parts[i])
        now = float(self.crew.total(losses)) / len(held)
        self.worse = 0 if now < self.least else self.worse + 1
        if now < self.least:
            self.least, self.best = now, self.weight.detach().clone()
        self.curve.append({"step": self.step, "loss": round(loss, 4), "development": round(now, 4)})

    def _save(self) -> None:
        import torch

        state = {key: getattr(self, key) for key in ("best", "least", "step", "worse", "curve")}
        state |= {"weight": self.weight.detach(), "optimizer": self.optimizer.state_dict()}
        half_written = self.file.with_suffix(".new")
        torch.save(state, half_written)
        half_written.replace(self.file)

    def _resume(self) -> None:
        import torch

        device = self.weight.device
        state: dict[str, Any] = torch.load(self.file, map_location=device, weights_only=True)
        self.optimizer.load_state_dict(state.pop("optimizer"))
        with torch.no_grad():
            self.weight.copy_(state.pop("weight"))
        for key, value in state.items():
            setattr(self, key, value)


def card(meta: projectors.Meta, curves: dict[int, list[dict[str, float]]]) -> str:
    """What was trained on what, and how the losses went, as Markdown."""
    lines = [f"# AIM projector for {meta.backbone}", "", f"Layer {meta.layers} of weights `{meta.revision[:12]}`.", ""]
    for k, curve in curves.items():
        lines += [f"## k = {k}", "", "| step | loss | development loss |", "| --- | --- | --- |"]
        lines += [f"| {line['step']} | {line['loss']} | {line['development']} |" for line in curve] + [""]
    return "\n".join([*lines, "```json", json.dumps(meta.training, indent=1), "```", ""])


def sources(pairs: Sequence[Pair]) -> tuple[PairSource, PairSource]:
    """To train with and to judge with: of 40 pairs or more every tenth is held out; fewer serve as both."""
    held = pairs[::10] if len(pairs) >= 40 else pairs
    kept = [pair for place, pair in enumerate(pairs) if place % 10] if len(pairs) >= 40 else pairs
    most = max(1, min(8, len(held) - 1))
    return PairSource(kept, most=most), PairSource(held, most=most)
