"""Speech to text with a Whisper model of the transformers library."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from generators.audio.sound import resampled, samples_of, windows
from generators.core.base import NOTHING, CannotConvert, Info, Medium, Watch, read_options
from generators.core.in_process import InProcess

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Options:
    """`language` is a two-letter code, for models of several languages; empty lets the model find out."""

    language: str = ""


class TransformersTranscript(InProcess):
    """Writes down what is said, window by window, cut where it is quiet."""

    info: ClassVar[Info] = Info(
        name="transcript-hf",
        source="audio",
        target="text",
        form="transcript",
        summary="Writes down speech with a Whisper model in this process.",
        cost=15.0,
        quality=4,
        licence="the model's",
        packages=("torch", "transformers"),
        needs="a Whisper model such as openai/whisper-small",
    )
    Options: ClassVar[type] = Options

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """Raises `NotConfigured`, `ModelUnavailable`, `CannotConvert` or `Cancelled`."""
        self.check()
        chosen, watch = read_options(Options, options, self.info.name), watch or Watch()
        samples, rate = samples_of(source.data)
        said: list[str] = []
        with self._lock:
            processor, model = self._model()
            heard = processor.feature_extractor.sampling_rate
            sound = resampled(samples, rate, heard)
            at = 0
            for window in windows(sound, heard):
                watch.step(at / len(sound), f"{at / heard:.0f} of {len(sound) / heard:.0f} s")
                said.append(_heard(processor, model, window, chosen.language))
                at += len(window)
        facts = {"converter": self.info.name, "model": self._name, "seconds": len(samples) / rate}
        return Medium.of_text(" ".join(part for part in said if part), **facts)

    def _load(self, name: str, device: str) -> Any:
        from transformers import WhisperForConditionalGeneration, WhisperProcessor

        model: Any = WhisperForConditionalGeneration.from_pretrained(name, use_safetensors=True)
        return WhisperProcessor.from_pretrained(name), model.to(device).eval()


def _heard(processor: Any, model: Any, samples: "NDArray[np.float32]", language: str) -> str:
    import torch

    rate = processor.feature_extractor.sampling_rate
    heard = processor(samples, sampling_rate=rate, return_tensors="pt", return_attention_mask=True)
    asked = {"language": language, "task": "transcribe"} if language else {}
    try:
        with torch.inference_mode():
            tokens = model.generate(  # [1, length]
                heard.input_features.to(model.device, model.dtype),
                attention_mask=heard.attention_mask.to(model.device),
                **asked,
            )
    except ValueError as error:
        if not language:
            raise
        raise CannotConvert(f"The model does not know the language {language!r}.", "Leave the language out.") from error
    return str(processor.batch_decode(tokens, skip_special_tokens=True)[0]).strip()
