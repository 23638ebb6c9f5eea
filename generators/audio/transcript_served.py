"""Speech to text at an OpenAI-compatible `/v1/audio/transcriptions`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from generators.audio.sound import samples_of
from generators.audio.wav import wav_of_samples
from generators.core.base import NOTHING, Info, Medium, Watch, read_options
from generators.core.served import Served, garbage


@dataclass(frozen=True, slots=True)
class Options:
    """`language` is a two-letter code; empty lets the model find out."""

    language: str = ""


class ServedTranscript(Served):
    """Sends the sound as 16-bit mono WAV, so that a damaged file is refused here and not there."""

    info: ClassVar[Info] = Info(
        name="transcript-served",
        source="audio",
        target="text",
        form="transcript",
        summary="Writes down speech with a model behind /v1/audio/transcriptions.",
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
        chosen, watch = read_options(Options, options, self.info.name), watch or Watch()
        samples, rate = samples_of(source.data)
        fields = self._endpoint.with_model({"language": chosen.language, "response_format": "json"})
        sound = ("speech.wav", wav_of_samples(samples, rate), "audio/wav")
        reply = self._endpoint.post("audio/transcriptions", watch, fields, {"file": sound})
        text = reply.json(self._endpoint.base_url).get("text")
        if not isinstance(text, str):
            raise garbage(self._endpoint.base_url, "no text")
        facts = {"converter": self.info.name, "model": self._endpoint.model, "seconds": len(samples) / rate}
        return Medium.of_text(text.strip(), **facts)
