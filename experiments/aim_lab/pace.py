"""A training stage that lasts a given time, survives a kill and writes its curve."""

import json
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch.optim import Optimizer

SAVE_EVERY = 60  # seconds


class Pace:
    """Time spent against time allowed; the learning rate that follows; the state on disk.

    `parts` are things with `state_dict` and `load_state_dict`. After a kill, a stage goes on from its last save.
    """

    def __init__(self, folder: Path, name: str, seconds: float, parts: dict[str, Any]) -> None:
        import torch

        self.file = folder / f"{name}.pt"
        self.curve_file = folder / f"{name}.jsonl"
        self.name, self.seconds, self.parts = name, seconds, parts
        self.step, self._before, self._start = 0, 0.0, time.monotonic()
        if self.file.exists():
            state = torch.load(self.file, weights_only=True)
            self.step, self._before = state["step"], state["seconds"]
            for key, part in parts.items():
                part.load_state_dict(state[key])
        self._saved = time.monotonic()

    @property
    def spent(self) -> float:
        return self._before + time.monotonic() - self._start

    @property
    def share(self) -> float:
        """0 at the start, 1 once the time is used up."""
        return min(1.0, self.spent / self.seconds)

    def going(self) -> bool:
        """Whether to take another step; saves now and then, and at the end."""
        over = self.share >= 1
        if over or time.monotonic() - self._saved > SAVE_EVERY:
            self.save()
        self.step += not over
        return not over

    def save(self) -> None:
        import torch

        state = {"step": self.step, "seconds": self.spent} | {k: p.state_dict() for k, p in self.parts.items()}
        half_written = self.file.with_suffix(".new")
        torch.save(state, half_written)
        half_written.replace(self.file)
        self._saved = time.monotonic()

    def set_rate(self, optimizer: "Optimizer", peak: float, warm_up: int = 50) -> None:
        """Linear warm-up, then flat, then a cosine down over the second half of the time."""
        falling = max(0.0, 2 * self.share - 1)
        rate = peak * min(1.0, self.step / warm_up) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * falling)))
        for group in optimizer.param_groups:
            group["lr"] = rate

    def note(self, **figures: float) -> None:
        """A line of the curve."""
        line = {"stage": self.name, "step": self.step, "seconds": round(self.spent)}
        line |= {key: round(value, 4) for key, value in figures.items()}
        with self.curve_file.open("a") as curve:
            curve.write(json.dumps(line) + "\n")
