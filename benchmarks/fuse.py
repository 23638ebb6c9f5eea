"""What fusing costs beside the forward pass. Run: python -m benchmarks.fuse [--model DIR --projector DIR --device cuda]

Times `Fuser.fuse`, from pictures to fused tokens in memory, and the model alone over the very same inputs, prepared
and on the device before the clock starts. The two take turns, and the ratio of their medians is printed: 1.0 would be
pictures and projection for nothing. Without a model, the lab's.

Then what a question costs whose demonstrations the bank holds, with a W as wide as an 8 B model's: the first after the
projection was loaded, for which W is hashed, and the next.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from generators.aim.bank import Bank
from generators.aim.demonstrations import Demonstration
from generators.aim.fuser import BATCH, Fuser
from generators.aim.lab import MODEL, PROJECTOR
from generators.aim.projector import Projector
from generators.aim.states import demonstration_inputs

WIDE = 4096
SHOWN = 16  # demonstrations of a question


def shown(count: int, side: int) -> list[Demonstration]:
    """Pictures of noise, `side` pixels wide."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (count, side, side, 3), dtype=np.uint8)
    return [Demonstration(Image.fromarray(pixels), "apple") for pixels in noise]


def forward_alone(fuser: Fuser, demonstrations: list[Demonstration]) -> Callable[[], object]:
    """The model's passes over all batches, which are ready."""
    template, model = fuser.projector.meta.template, fuser.model
    batches = [demonstrations[start : start + BATCH] for start in range(0, len(demonstrations), BATCH)]
    ready = [
        demonstration_inputs(fuser.processor, fuser.adapter, batch, template)[0].to(model.device, model.dtype)
        for batch in batches
    ]

    @torch.inference_mode()
    def run() -> None:
        for inputs in ready:
            model(**inputs, use_cache=False)
        if model.device.type == "cuda":
            torch.cuda.synchronize()

    return run


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def beside(fuser: Fuser, demonstrations: list[Demonstration], repeats: int) -> tuple[float, float]:
    """Median seconds to fuse, and of the forward pass alone, in turns; the first turn warms up."""
    alone = forward_alone(fuser, demonstrations)
    runs = [(seconds(lambda: fuser.fuse(demonstrations)), seconds(alone)) for _ in range(repeats + 1)]
    fuse, forward = (statistics.median(times) for times in zip(*runs[1:], strict=True))
    return fuse, forward


def from_bank(fuser: Fuser, demonstrations: list[Demonstration], repeats: int) -> tuple[float, float]:
    """Median seconds in which the bank hands out what it keeps: at first, and again."""
    wide = Projector(torch.eye(WIDE), fuser.meta)
    with tempfile.TemporaryDirectory() as folder:
        bank = Bank(Path(folder))
        entries = bank.add("shown", demonstrations)
        runs = []
        for _ in range(repeats + 1):
            fuser.projector = replace(wide)
            runs.append([seconds(lambda: bank.fused(fuser, entries)) for _ in range(2)])
    first, again = (statistics.median(times) for times in zip(*runs[1:], strict=True))
    return first, again


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=str(MODEL))
    parser.add_argument("--projector", type=Path, default=PROJECTOR)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--demonstrations", type=int, default=32)
    parser.add_argument("--side", type=int, default=336, help="pixels of a picture (default: 336)")
    parser.add_argument("--repeats", type=int, default=9)
    given = parser.parse_args()
    fuser = Fuser.load(given.model, given.projector, given.device)
    fuse, forward = beside(fuser, shown(given.demonstrations, given.side), given.repeats)
    print(f"{given.demonstrations} demonstrations of {given.side} x {given.side} pixels on {fuser.model.device}")
    print(f"fuse {1000 * fuse:.0f} ms, forward alone {1000 * forward:.0f} ms, ratio {fuse / forward:.2f}")

    first, again = from_bank(fuser, shown(SHOWN, given.side), given.repeats)
    print(f"{SHOWN} from the bank, W {WIDE} wide: {1000 * first:.1f} ms at first, {1000 * again:.1f} ms again")


if __name__ == "__main__":
    main()
