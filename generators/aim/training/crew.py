"""The processes that train together, each with a device of its own, as `accelerate launch` or `torchrun` starts them.

They find each other by the variables that both launchers set; where there are none, there is one process.
"""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


class Crew:
    """`size` processes; this is number `rank`, on `device`."""

    def __init__(self, device: str = "") -> None:
        """`device`: instead of this process's GPU, or the CPU where there is none."""
        import torch
        from torch import distributed

        self.size, self.rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
        own = f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if torch.cuda.is_available() else "cpu"
        self.device = device or own
        if self.size > 1 and not distributed.is_initialized():
            if self.device != "cpu":
                torch.cuda.set_device(self.device)
            distributed.init_process_group("gloo" if self.device == "cpu" else "nccl")

    @property
    def leads(self) -> bool:
        """Whether this is the one that writes and speaks."""
        return self.rank == 0

    def share(self, count: int) -> Sequence[int]:
        """Which of 0..count-1 are this process's to do."""
        return range(self.rank, count, self.size)

    def total(self, part: "torch.Tensor") -> "torch.Tensor":
        """The sum of all processes' parts; they wait for each other here."""
        from torch import distributed

        if self.size == 1:
            return part.detach()
        whole = part.detach().clone().to(self.device)
        distributed.all_reduce(whole)
        return whole.to(part.device)

    def disband(self) -> None:
        from torch import distributed

        if self.size > 1:
            distributed.destroy_process_group()
