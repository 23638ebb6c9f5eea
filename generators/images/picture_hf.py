"""Text to image with a diffusers pipeline in this process."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

from generators.core.base import NOTHING, Info, Medium, Watch, read_options, text_of
from generators.images.diffusion import Diffusers, chosen_seed
from generators.images.pixels import png_of


@dataclass(frozen=True, slots=True)
class Options:
    """`width` and `height` in pixels, 0 for the model's own; `seed` 0 for a new one; `guidance` -1 for the model's."""

    width: int = 0
    height: int = 0
    steps: int = 30
    seed: int = 0
    guidance: float = -1.0
    avoid: str = ""


class DiffusersPicture(Diffusers):
    """Makes a picture from words, as PNG. `avoid` says what should not be in it."""

    info: ClassVar[Info] = Info(
        name="picture-hf",
        source="text",
        target="image",
        form="picture",
        summary="Makes a picture from words with a diffusion model in this process.",
        cost=60.0,
        quality=4,
        licence="the model's",
        packages=("torch", "diffusers"),
        extra="diffusion",
        needs="a text-to-image pipeline such as stabilityai/sdxl-turbo",
    )
    Options: ClassVar[type] = Options

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """Raises `MissingExtra`, `NotConfigured`, `ModelUnavailable`, `CannotConvert` or `Cancelled`."""
        self.check()
        chosen = read_options(Options, options, self.info.name)
        chosen = replace(chosen, seed=chosen_seed(chosen.seed))
        prompt = text_of(source, request)
        made = self._run(
            watch or Watch(),
            prompt,
            chosen.steps,
            chosen.seed,
            width=chosen.width or None,
            height=chosen.height or None,
            guidance_scale=chosen.guidance if chosen.guidance >= 0 else None,
            negative_prompt=chosen.avoid or None,
        )
        facts = {"converter": self.info.name, "model": self._name, "prompt": prompt} | asdict(chosen)
        return Medium("image", text=prompt, data=png_of(made.images[0]), mime="image/png", facts=facts)

    def _pipeline(self, usual: Any) -> Any:
        from diffusers import AutoPipelineForText2Image

        return AutoPipelineForText2Image
