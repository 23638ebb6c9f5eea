"""Text to video with a diffusers pipeline in this process, written as WebM."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar

from common.errors import UserError
from generators.core.base import NOTHING, Info, Medium, Watch, read_options, text_of
from generators.images.diffusion import Diffusers, chosen_seed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Options:
    """`width` and `height` in pixels, 0 for the model's own; `frames` in all, `rate` of them a second."""

    width: int = 0
    height: int = 0
    frames: int = 16
    rate: int = 8
    steps: int = 30
    seed: int = 0


class DiffusersFilm(Diffusers):
    """Makes a short silent film from words."""

    info: ClassVar[Info] = Info(
        name="film-hf",
        source="text",
        target="video",
        form="film",
        summary="Makes a short video from words with a diffusion model in this process.",
        cost=600.0,
        quality=3,
        licence="the model's",
        packages=("torch", "diffusers", "cv2"),
        extra="diffusion",
        needs="a text-to-video pipeline such as Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
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
            num_frames=chosen.frames,
            width=chosen.width or None,
            height=chosen.height or None,
            output_type="np",
        )
        facts = {"converter": self.info.name, "model": self._name, "prompt": prompt} | asdict(chosen)
        return Medium("video", text=prompt, data=webm(made.frames[0], chosen.rate), mime="video/webm", facts=facts)


def webm(frames: "Sequence[NDArray[np.floating]]", rate: int) -> bytes:
    """Frames of floats in 0..1, each [height, width, 3] in RGB, as a VP8 film that browsers play."""
    import cv2
    import numpy as np

    pixels = [(np.clip(np.nan_to_num(frame), 0.0, 1.0) * 255).round().astype(np.uint8) for frame in frames]
    high, wide = pixels[0].shape[:2]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "film.webm"
        file = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"VP80"), rate, (wide, high))
        if not file.isOpened():
            raise UserError(
                "This build of OpenCV cannot write films.",
                command="pip install --force-reinstall opencv-python-headless",
            )
        for frame in pixels:
            file.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
        file.release()
        return path.read_bytes()
