"""Image and words to image with a diffusers pipeline in this process."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

from generators.core.base import NOTHING, CannotConvert, Info, Medium, Watch, read_options, text_of
from generators.images.diffusion import Diffusers, chosen_seed
from generators.images.pixels import open_picture, png_of

GRAIN = 8  # pixels; sides are made multiples of it


@dataclass(frozen=True, slots=True)
class Options:
    """`strength` above 0 to 1: how far from the picture; `side` in pixels: a larger picture is scaled down to it."""

    strength: float = 0.6
    steps: int = 30
    seed: int = 0
    side: int = 1024


class DiffusersEdit(Diffusers):
    """Changes a picture as the request says, as PNG."""

    info: ClassVar[Info] = Info(
        name="edit-hf",
        source="image",
        target="image",
        form="edit",
        summary="Changes a picture as told, with a diffusion model in this process.",
        cost=60.0,
        quality=3,
        licence="the model's",
        packages=("torch", "diffusers"),
        extra="diffusion",
        needs="an image-to-image pipeline such as stabilityai/sdxl-turbo",
    )
    Options: ClassVar[type] = Options

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """Raises `MissingExtra`, `NotConfigured`, `ModelUnavailable`, `CannotConvert` or `Cancelled`."""
        self.check()
        chosen = read_options(Options, options, self.info.name)
        chosen = replace(chosen, seed=chosen_seed(chosen.seed))
        if not 0 < chosen.strength <= 1:
            raise CannotConvert(f"The strength cannot be {chosen.strength}.", "Choose one above 0, up to 1.")
        prompt = text_of(Medium.of_text(request))
        picture = open_picture(source.data)
        picture.thumbnail((chosen.side, chosen.side))
        picture = picture.resize(tuple(max(GRAIN, side // GRAIN * GRAIN) for side in picture.size))  # type: ignore[arg-type]
        made = self._run(
            watch or Watch(),
            prompt,
            chosen.steps,
            chosen.seed,
            image=picture,
            strength=chosen.strength,
            width=picture.width,
            height=picture.height,
        )
        facts = {"converter": self.info.name, "model": self._name, "prompt": prompt} | asdict(chosen)
        return Medium("image", text=prompt, data=png_of(made.images[0]), mime="image/png", facts=facts)

    def _pipeline(self, usual: Any) -> Any:
        from diffusers import AutoPipelineForImage2Image

        return AutoPipelineForImage2Image
