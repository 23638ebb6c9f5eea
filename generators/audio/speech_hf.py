"""Text to speech with a model of the transformers library: VITS and MMS, Bark, SeamlessM4T, CSM."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from generators.audio.speakable import pieces, speakable
from generators.audio.wav import wav_of_samples
from generators.core.base import NOTHING, CannotConvert, Info, Medium, Watch, read_options, text_of
from generators.core.in_process import InProcess

PIECE = 400  # characters; these models are made for sentences
PAUSE = 0.25  # seconds between pieces


@dataclass(frozen=True, slots=True)
class Options:
    """`volume` in percent; the same `seed` gives the same sound."""

    volume: int = 100
    seed: int = 0


class TransformersSpeech(InProcess):
    """Reads a text aloud into a 16-bit mono WAV file."""

    info: ClassVar[Info] = Info(
        name="speech-hf",
        source="text",
        target="audio",
        form="speech",
        summary="Reads a text aloud with a speech model in this process.",
        cost=10.0,
        quality=4,
        licence="the model's",
        packages=("torch", "transformers"),
        needs="a text-to-speech model such as facebook/mms-tts-eng",
    )
    Options: ClassVar[type] = Options

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """Raises `NotConfigured`, `ModelUnavailable`, `CannotConvert` or `Cancelled`."""
        self.check()
        import numpy as np
        import torch

        chosen, watch = read_options(Options, options, self.info.name), watch or Watch()
        text = speakable(text_of(source, request))
        parts = pieces(text, PIECE)
        sounds: list[Any] = []
        with self._lock:
            speaker = self._model()
            torch.manual_seed(chosen.seed)
            for number, part in enumerate(parts):
                watch.step(number / len(parts), f"part {number + 1} of {len(parts)}")
                samples = np.asarray(speaker(part)["audio"], dtype=np.float32)
                sounds += [samples.reshape(-1), np.zeros(int(PAUSE * speaker.sampling_rate), np.float32)]
        if not sounds or not sum(len(samples) for samples in sounds[::2]):
            raise CannotConvert("The model made no sound of this text.", "Choose a text in the language it speaks.")
        wav = wav_of_samples(np.concatenate(sounds[:-1]), speaker.sampling_rate, chosen.volume / 100)
        facts = {"converter": self.info.name, "model": self._name} | asdict(chosen)
        return Medium("audio", text=text, data=wav, mime="audio/wav", facts=facts)

    def _load(self, name: str, device: str) -> Any:
        from transformers import pipeline

        return pipeline("text-to-audio", model=name, device=device, model_kwargs={"use_safetensors": True})
