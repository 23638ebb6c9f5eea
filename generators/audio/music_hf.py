"""Text to music and other sound with a diffusers pipeline in this process."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

from generators.audio.wav import wav_of_samples
from generators.core.base import NOTHING, CannotConvert, Info, Medium, Watch, read_options, text_of
from generators.images.diffusion import Diffusers, chosen_seed


@dataclass(frozen=True, slots=True)
class Options:
    """`seconds` of sound; `volume` in percent; `seed` 0 for a new one."""

    seconds: float = 10.0
    steps: int = 50
    seed: int = 0
    volume: int = 100


class DiffusersMusic(Diffusers):
    """Makes music or sounds from words, as a 16-bit mono WAV file."""

    info: ClassVar[Info] = Info(
        name="music-hf",
        source="text",
        target="audio",
        form="music",
        summary="Makes music and sounds from words with a diffusion model in this process.",
        cost=120.0,
        quality=3,
        licence="the model's",
        packages=("torch", "diffusers"),
        extra="diffusion",
        needs="a text-to-audio pipeline such as stabilityai/stable-audio-open-1.0",
        narrow=True,
    )
    Options: ClassVar[type] = Options

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """Raises `MissingExtra`, `NotConfigured`, `ModelUnavailable`, `CannotConvert` or `Cancelled`."""
        self.check()
        chosen = read_options(Options, options, self.info.name)
        chosen = replace(chosen, seed=chosen_seed(chosen.seed))
        if not 0 < chosen.seconds <= 600:
            raise CannotConvert(f"The music cannot last {chosen.seconds:g} s.", "Choose up to 600.")
        prompt = text_of(source, request)
        made = self._run(
            watch or Watch(),
            prompt,
            chosen.steps,
            chosen.seed,
            audio_end_in_s=chosen.seconds,
            audio_length_in_s=chosen.seconds,
            audio_duration=chosen.seconds,
        )
        samples = made.audios[0]
        samples = samples.float().cpu().numpy() if hasattr(samples, "cpu") else samples
        wav = wav_of_samples(samples, rate_of(self._loaded), chosen.volume / 100)
        facts = {"converter": self.info.name, "model": self._name, "prompt": prompt} | asdict(chosen)
        return Medium("audio", text=prompt, data=wav, mime="audio/wav", facts=facts)


def rate_of(pipe: Any) -> int:
    """Samples a second: where the parts of a pipeline keep it."""
    for part in (pipe, getattr(pipe, "vae", None), getattr(pipe, "vocoder", None)):
        for holder in (part, getattr(part, "config", None)):
            for name in ("sampling_rate", "sample_rate"):
                rate = getattr(holder, name, None)
                if isinstance(rate, int):
                    return rate
    return 16_000
