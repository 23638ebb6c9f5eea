"""What all diffusers pipelines share: loading, seeds, step progress and cancel. Needs the extra `diffusion`."""

import inspect
from random import SystemRandom
from typing import Any

from generators.core.base import CannotConvert, Watch
from generators.core.in_process import InProcess

MOST_STEPS = 200
SEEDS = 2**31 - 1


class Diffusers(InProcess):
    """Any pipeline saved with safetensors weights; half precision on a GPU."""

    def _load(self, name: str, device: str) -> Any:
        import torch
        from diffusers import DiffusionPipeline

        half = torch.bfloat16 if device == "cuda" and torch.cuda.is_bf16_supported() else torch.float16
        dtype = half if device == "cuda" else torch.float32
        pipe = self._pipeline(DiffusionPipeline).from_pretrained(name, use_safetensors=True, dtype=dtype)
        pipe.set_progress_bar_config(disable=True)
        return pipe.to(device)

    def _pipeline(self, usual: Any) -> Any:
        """The class that loads: the one the model names, unless a subclass knows better."""
        return usual

    def _run(self, watch: Watch, prompt: str, steps: int, seed: int, **arguments: Any) -> Any:
        """The pipeline's output. Arguments that are None, or unknown to this pipeline, are left out.

        Raises `ModelUnavailable`, `CannotConvert` or `Cancelled`.
        """
        import torch

        if not 1 <= steps <= MOST_STEPS:
            raise CannotConvert(f"The number of steps cannot be {steps}.", f"Choose one from 1 to {MOST_STEPS}.")
        with self._lock:
            watch.step(0.0, "loading the model")
            pipe = self._model()
            known = inspect.signature(pipe.__call__).parameters
            given = {"num_inference_steps": steps, "generator": torch.Generator("cpu").manual_seed(seed), **arguments}
            given = {name: value for name, value in given.items() if value is not None and name in known}
            try:
                return pipe(prompt=prompt, **given, **_watching(known, watch, steps))
            except ValueError as error:
                raise CannotConvert(f"The model cannot do this: {error}", "Change the size or the request.") from error


def chosen_seed(seed: int) -> int:
    """The seed, or one by chance for 0; it is kept with the result, so that it can be made again."""
    return seed or SystemRandom().randint(1, SEEDS)


def _watching(known: Any, watch: Watch, steps: int) -> dict[str, Any]:
    """Arguments that have the pipeline call `watch` after every step. What it raises ends the pipeline."""

    def after(_pipe: Any, step: int, _time: Any, kept: dict[str, Any]) -> dict[str, Any]:
        watch.step((step + 1) / steps, f"step {step + 1} of {steps}")
        return kept

    def after_old(step: int, _time: Any, _latents: Any) -> None:
        watch.step((step + 1) / steps, f"step {step + 1} of {steps}")

    if "callback_on_step_end" in known:
        return {"callback_on_step_end": after}
    return {"callback": after_old, "callback_steps": 1} if "callback" in known else {}
