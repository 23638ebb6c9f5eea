"""Accuracy of every arm, as a table: `python -m experiments.aim_lab.table --model DIR --projector DIR [--images DIR]`.

Through plain transformers. The pictures are of classes nobody trained on: those kept aside, or a folder's.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.aim_lab import glyphs
from experiments.aim_lab.arms import ARMS, accuracy, prompt_tokens
from experiments.aim_lab.episodes import STRENGTH, Pictures, evaluation, from_folder, from_glyphs
from generators.aim import projector as projectors
from generators.aim.backbone import Backbone, Fusing, Written

SIZES = (0, 1, 2, 4, 5, 8, 16)
TAKES = 12  # pictures of each class kept aside


@dataclass(frozen=True)
class Cell:
    """One arm at one number of demonstrations. `margin`: half of a 95 % interval; `tokens`: of one demonstration."""

    arm: str
    demonstrations: int
    accuracy: float
    margin: float
    tokens: float


def fusing(backbone: Backbone, folder: Path) -> Fusing:
    """The projection in `folder`; `UserError` if it is not this model's."""
    trained = projectors.load(folder)
    projectors.check(
        trained.meta,
        revision=projectors.revision_of(backbone.folder),
        width=backbone.width,
        layers=backbone.depth,
    )
    meta = trained.meta
    return Fusing(trained.weight, meta.layers, meta.scale, Written(meta.template, meta.separator))


def cells(
    backbone: Backbone, used: Fusing, pictures: Pictures, count: int, sizes: Sequence[int] = SIZES, seed: int = 0
) -> Iterator[Cell]:
    """Every arm on the same `count` episodes for each number of demonstrations."""
    for size in sizes:
        documents = evaluation(pictures, count, size, seed)
        empty = prompt_tokens(backbone, documents[0], "zero", used)
        for arm in ARMS if size else ("zero",):
            share = accuracy(backbone, documents, arm, used)
            spent = prompt_tokens(backbone, documents[0], arm, used) - empty
            margin = 1.96 * math.sqrt(share * (1 - share) / count)
            yield Cell(arm, size, share, margin, spent / size if size else 0.0)


def markdown(found: Sequence[Cell]) -> str:
    """A row an arm, a column a number of demonstrations."""
    sizes = sorted({cell.demonstrations for cell in found})
    at = {(cell.arm, cell.demonstrations): cell for cell in found}
    head = ["arm", *(f"N = {size}" for size in sizes), "tokens a demonstration"]
    lines = ["| " + " | ".join(head) + " |", "| --- " * len(head) + "|"]
    for arm in ARMS:
        mine = [at.get((arm, size)) for size in sizes]
        figures = [f"{cell.accuracy:.3f} ± {cell.margin:.3f}" if cell else "" for cell in mine]
        tokens = max((cell.tokens for cell in mine if cell), default=0.0)
        lines.append("| " + " | ".join([arm, *figures, f"{tokens:g}"]) + " |")
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    import argparse
    import sys

    import torch

    parser = argparse.ArgumentParser(description="Accuracy of raw, fused and other demonstrations.")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--projector", type=Path, required=True)
    parser.add_argument("--images", type=Path, help="one sub-folder of pictures per class; else unseen characters")
    parser.add_argument("--count", type=int, default=400, help="episodes")
    parser.add_argument("--strength", type=float, default=STRENGTH, help="of the warps of unseen characters")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.images:
        pictures = from_folder(given.images)
    else:
        _, aside = glyphs.make().split()
        pictures = from_glyphs(aside, TAKES, given.seed, given.strength)
    backbone = Backbone(given.model)
    found = list(cells(backbone, fusing(backbone, given.projector), pictures, given.count, seed=given.seed))
    sys.stdout.write(markdown(found) + "\n")


if __name__ == "__main__":
    main()
