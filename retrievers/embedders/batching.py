"""Texts through a network on CPU: like lengths together, side by side, each batch in one thread."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

BATCH_TOKENS = 1024  # padded tokens in one forward pass: what its layers pass on stays in a core's cache
_TURNS = threading.Lock()  # how many threads torch may use is one number for the whole process


def batches(lengths: list[int]) -> Iterator[list[int]]:
    """Places of `lengths`, shortest first, cut so that no batch pads to more than `BATCH_TOKENS`; none is empty."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[index] > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


@contextmanager
def one_thread_a_batch(count: int) -> "Iterator[Callable[..., Iterator[Any]]]":
    """A `map` that takes `count` batches side by side, each in one thread: threads that share a batch wait for each
    other, the longer the busier the machine. As many as torch would use; one batch, as a question is, needs no other.
    Callers take turns.
    """
    import torch

    with _TURNS:
        allowed = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            if count == 1:
                yield map
            else:
                with ThreadPoolExecutor(allowed) as threads:
                    yield threads.map
        finally:
            torch.set_num_threads(allowed)
