"""What fusing costs beside the forward pass. Run: python -m benchmarks.fuse [--model DIR --projector DIR --device cuda]

Times `Fuser.fuse`, from pictures to fused tokens in memory, and the model alone over the very same inputs, prepared
and on the device before the clock starts. The two take turns, and the ratio of their medians is printed: 1.0 would be
pictures and projection for nothing. Without a model, the lab's.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from generators.aim.demonstrations import Demonstration
from generators.aim.fuser import BATCH, Fuser
from generators.aim.lab import MODEL, PROJECTOR
from generators.aim.states import demonstration_inputs


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
    demonstrations = shown(given.demonstrations, given.side)
    alone = forward_alone(fuser, demonstrations)
    runs = [(seconds(lambda: fuser.fuse(demonstrations)), seconds(alone)) for _ in range(given.repeats + 1)]
    fuse, forward = (1000 * statistics.median(times) for times in zip(*runs[1:], strict=True))  # the first warms up
    print(f"{given.demonstrations} demonstrations of {given.side} x {given.side} pixels on {fuser.model.device}")
    print(f"fuse {fuse:.0f} ms, forward alone {forward:.0f} ms, ratio {fuse / forward:.2f}")


if __name__ == "__main__":
    main()
