"""The lab's projector: `python -m experiments.aim_lab.project --model DIR --out DIR`.

`generators.aim.training.train` on few-shot episodes of the characters that the lab model itself was trained on, printed
and written; the development loss, by which k is chosen, is of classes kept aside.
"""

from pathlib import Path

from experiments.aim_lab import glyphs, vision
from experiments.aim_lab.episodes import EpisodeSource, from_both
from generators.aim.backbone import Backbone, Written
from generators.aim.projector import Projector
from generators.aim.training.train import Recipe, train

TAKES = 6  # pictures of each class
WRITTEN = Written(template="{text}", separator="")


def run(
    model: Path, out: Path, steps: int, seed: int, drawings: glyphs.Drawings, layers: tuple[int, ...] = ()
) -> Projector:
    """The projection with the least development loss of those of `layers`; () for all."""
    parts = (vision.characters(part, seed) for part in drawings.split())
    training, aside = (EpisodeSource(from_both(part, TAKES, seed)) for part in parts)
    recipe = Recipe(steps=steps, batch=16, rate=2e-3, every=20, patience=5, layers=layers, seed=seed, written=WRITTEN)
    return train(Backbone(model), training, aside, recipe, out)


def main() -> None:
    """Command line."""
    import argparse

    import torch

    parser = argparse.ArgumentParser(description="Train the lab's projector.")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--layers", type=int, nargs="+", default=[], help="to try (default: all)")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    run(given.model, given.out, given.steps, given.seed, glyphs.make(given.seed), tuple(given.layers))


if __name__ == "__main__":
    main()
