"""Text to speech at an OpenAI-compatible `/v1/audio/speech`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from generators.audio.sound import samples_of
from generators.audio.speakable import pieces, speakable
from generators.audio.wav import wav_of_samples
from generators.core.base import NOTHING, CannotConvert, Info, Medium, Watch, read_options, text_of
from generators.core.served import Served, garbage

LONGEST = 4000  # characters in one request; the API takes 4,096


@dataclass(frozen=True, slots=True)
class Options:
    """`voice` as the server names it; `speed` 1.0 is usual; `volume` in percent."""

    voice: str = ""
    speed: float = 1.0
    volume: int = 100


class ServedSpeech(Served):
    """Long texts are sent in pieces and joined. The result is a 16-bit mono WAV file."""

    info: ClassVar[Info] = Info(
        name="speech-served",
        source="text",
        target="audio",
        form="speech",
        summary="Reads a text aloud with a model behind /v1/audio/speech.",
        cost=5.0,
        quality=5,
        licence="the model's",
        needs="an endpoint",
        needs_network=True,
    )
    Options: ClassVar[type] = Options

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """Raises `NotConfigured`, `ModelUnavailable`, `CannotConvert` or `Cancelled`."""
        self.check()
        import numpy as np

        chosen, watch = read_options(Options, options, self.info.name), watch or Watch()
        text = speakable(text_of(source, request))
        parts = pieces(text, LONGEST)
        if not parts:
            raise CannotConvert("There are no words to read aloud.", "Choose a text that has some.")
        sounds, rate = [], 0
        for number, part in enumerate(parts):
            span = watch.part(number / len(parts), (number + 1) / len(parts))
            fields: dict[str, Any] = {"input": part, "voice": chosen.voice or "alloy", "response_format": "wav"}
            if chosen.speed != 1.0:
                fields |= {"speed": chosen.speed}
            reply = self._endpoint.post("audio/speech", span, self._endpoint.with_model(fields))
            try:
                samples, rate = samples_of(reply.data)
            except CannotConvert as error:
                raise garbage(self._endpoint.base_url, f"{reply.mime or 'bytes'} that are no sound") from error
            sounds.append(samples)
        wav = wav_of_samples(np.concatenate(sounds), rate, chosen.volume / 100)
        facts = {"converter": self.info.name, "model": self._endpoint.model} | asdict(chosen)
        return Medium("audio", text=text, data=wav, mime="audio/wav", facts=facts)
