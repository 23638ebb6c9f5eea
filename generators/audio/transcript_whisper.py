"""Speech to text with Whisper in CTranslate2's format, which hears a question on a laptop in about a second.

CTranslate2 is used directly: faster-whisper would bring FFmpeg with encoders under the GPL, for nothing but to read
sound files, which `generators.audio.sound` does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar

from common.errors import ModelUnavailable
from generators.audio import whisper_weights
from generators.audio.sound import resampled, samples_of, windows
from generators.core.base import NOTHING, CannotConvert, Info, Medium, Watch, check_packages, read_options

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 16_000  # samples a second
SILENT = 0.6
UNSURE = -0.7
"""A window is silence, and no words are made up for it, where "no speech" is likelier than `SILENT` and the mean
log-probability of the words is under `UNSURE` (arXiv 2212.04356, section 4.5, where it is -1: "you", which these models
hear in silence, has -.96 to -.99)."""


@dataclass(frozen=True, slots=True)
class Options:
    """`language` is a two-letter code, for models of several languages; empty lets the model find out."""

    language: str = ""


@dataclass(frozen=True)
class _Model:
    name: str
    network: Any
    tokenizer: Any
    features: Any


class WhisperTranscript:
    """Settings: `model`, a folder in CTranslate2's format; empty for the weights that the extra brought."""

    info: ClassVar[Info] = Info(
        name="transcript-whisper",
        source="audio",
        target="text",
        form="transcript",
        summary="Writes down speech with a small Whisper model in this process.",
        cost=4.0,
        quality=3,
        licence="MIT",
        packages=("ctranslate2",),
        extra="whisper",
    )
    Options: ClassVar[type] = Options

    def __init__(self, model: str = "") -> None:
        self._folder = model
        self._loaded: _Model | None = None
        self._lock = Lock()

    def check(self) -> None:
        """Raise `MissingExtra` or `NotConfigured`; loads nothing."""
        check_packages(self.info)
        whisper_weights.check(self._folder)

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """Raises `NotConfigured`, `ModelUnavailable`, `CannotConvert` or `Cancelled`."""
        self.check()
        chosen, watch = read_options(Options, options, self.info.name), watch or Watch()
        samples, rate = samples_of(source.data)
        sound = resampled(samples, rate, RATE)
        said: list[str] = []
        with self._lock:
            self._loaded = model = self._loaded or _load(self._folder)
            at = 0
            for window in windows(sound, RATE):
                watch.step(at / len(sound), f"{at / RATE:.0f} of {len(sound) / RATE:.0f} s")
                said.append(_heard(model, window, chosen.language))
                at += len(window)
        facts = {"converter": self.info.name, "model": model.name, "seconds": len(samples) / rate}
        return Medium.of_text(" ".join(part for part in said if part), **facts)


def _load(folder: str) -> _Model:
    """Raises `UserError` when the weights are not what they were, `ModelUnavailable` when they cannot be read."""
    import ctranslate2
    from tokenizers import Tokenizer
    from transformers import WhisperFeatureExtractor

    name, files = whisper_weights.weights(folder)
    try:
        network = ctranslate2.models.Whisper(name, device="auto", compute_type="int8", files=files)
        tokenizer = Tokenizer.from_buffer(files["tokenizer.json"])
    except (RuntimeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise ModelUnavailable(f"The model {name} cannot be read: {reason}", "Convert it again.") from error
    features: Any = WhisperFeatureExtractor
    return _Model(name, network, tokenizer, features(feature_size=network.n_mels))


def _heard(model: _Model, samples: "NDArray[np.float32]", language: str) -> str:
    """The words of one window of at most 30 seconds; none where it is silent."""
    import ctranslate2

    found = model.features(samples, sampling_rate=RATE, return_tensors="np")["input_features"]  # [1, mels, 3000]
    encoded = model.network.encode(ctranslate2.StorageView.from_array(found))
    (result,) = model.network.generate(
        encoded, [_prompt(model, encoded, language)], return_scores=True, return_no_speech_prob=True
    )
    if result.no_speech_prob > SILENT and result.scores[0] < UNSURE:
        return ""
    return str(model.tokenizer.decode(result.sequences_ids[0], skip_special_tokens=True)).strip()


def _prompt(model: _Model, encoded: Any, language: str) -> list[str]:
    """What tells Whisper its task: in which language, to write down, without times."""
    start, end = "<|startoftranscript|>", "<|notimestamps|>"
    if not model.network.is_multilingual:
        if language not in ("", "en"):
            raise CannotConvert(f"{model.name} hears English alone, not {language!r}.", whisper_weights.INSTALL)
        return [start, end]
    if not language:
        ((spoken, _), *_), *_ = model.network.detect_language(encoded)
        return [start, spoken, "<|transcribe|>", end]
    if model.tokenizer.token_to_id(f"<|{language}|>") is None:
        raise CannotConvert(f"The model does not know the language {language!r}.", "Leave the language out.")
    return [start, f"<|{language}|>", "<|transcribe|>", end]
