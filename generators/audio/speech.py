"""Text to speech with eSpeak NG: no model, over a hundred languages, hundreds of times faster than speech."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from common.errors import UserError
from generators.audio.speakable import pieces, speakable
from generators.audio.wav import wav_of_pcm
from generators.core.base import (
    NOTHING,
    CannotConvert,
    Info,
    Medium,
    Watch,
    check_packages,
    read_options,
    text_of,
)

if TYPE_CHECKING:
    from generators.audio.espeak import Voice

PIECE = 800  # characters spoken between two looks at the watch
LONGEST = 200_000  # characters: about four hours
USUAL = {"en": "en-us", "english": "en-us", "fr": "fr-fr", "french": "fr-fr", "zh": "cmn", "chinese": "cmn", "no": "nb"}
SPEEDS, VOLUMES, PITCHES = (80, 450), (0, 200), (0, 99)


@dataclass(frozen=True, slots=True)
class Options:
    """`voice` is a language code or a voice's name, empty for the setting; `speed` words a minute (80..450); `volume`
    0..200, 100 being usual; `pitch` 0..99."""

    voice: str = ""
    speed: int = 170
    volume: int = 100
    pitch: int = 50


class Speech:
    """Reads a text aloud into a 16-bit mono WAV file. Settings: `voice`, a language code or a voice's name."""

    info: ClassVar[Info] = Info(
        name="speech",
        source="text",
        target="audio",
        form="speech",
        summary="Reads a text aloud with eSpeak NG: clear, robotic, in over a hundred languages.",
        cost=0.3,
        quality=2,
        licence="GPL-3.0 (eSpeak NG)",
        packages=("espeakng_loader",),
        extra="speech",
    )
    Options: ClassVar[type] = Options

    def __init__(self, voice: str = "en-us") -> None:
        self._voice = voice

    def check(self) -> None:
        check_packages(self.info)

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """Raises `CannotConvert` for a language it does not speak, or a text without words."""
        self.check()
        from generators.audio.espeak import EspeakFailed, speak

        chosen, watch = read_options(Options, options, self.info.name), watch or Watch()
        _check_ranges(chosen)
        text = speakable(text_of(source, request))
        if not any(letter.isalnum() for letter in text):
            raise CannotConvert("There are no words to read aloud.", "Choose a text that has some.")
        if len(text) > LONGEST:
            raise CannotConvert(f"The text has {len(text):,} characters.", f"Read at most {LONGEST:,} at once.")
        voice = find_voice(chosen.voice or self._voice)
        spoken, rate = bytearray(), 0
        parts = pieces(text, PIECE)
        for number, part in enumerate(parts):
            watch.step(number / len(parts), f"part {number + 1} of {len(parts)}")
            try:
                samples, rate = speak(part, voice, chosen.speed, chosen.volume, chosen.pitch, lambda: not watch.stopped)
            except EspeakFailed as error:
                raise UserError(
                    f"eSpeak NG cannot speak: {error}.", command='Try: pip install -U "triptych[speech]"'
                ) from error
            spoken += samples
        watch.step(1.0, "done")
        facts: dict[str, Any] = {"converter": self.info.name, "language": voice.language}
        made = {
            "speed": chosen.speed,
            "volume": chosen.volume,
            "pitch": chosen.pitch,
            "seconds": len(spoken) / 2 / rate,
        }
        return Medium("audio", text=text, data=wav_of_pcm(bytes(spoken), rate), mime="audio/wav", facts=facts | made)


def find_voice(wanted: str) -> "Voice":
    """A voice by language code ("en-gb", "de"), language ("German") or name.

    Another variety of the language will do. Raises `CannotConvert` with the choices.
    """
    from generators.audio.espeak import voices

    asked = wanted.strip().casefold().replace("_", "-")
    base = asked.partition("-")[0]
    known = voices()
    for key in (asked, USUAL.get(asked), base, USUAL.get(base)):
        for voice in known:
            if key in {voice.language.casefold(), voice.name.casefold()}:
                return voice
    for voice in known:
        if base in {voice.language.casefold().partition("-")[0], voice.name.casefold().partition(" (")[0]}:
            return voice
    names = ", ".join(f"{voice.language} {voice.name}" for voice in sorted(known, key=lambda voice: voice.language))
    raise CannotConvert(f"eSpeak NG does not speak {wanted!r}.", f"It speaks: {names}.")


def _check_ranges(options: Options) -> None:
    for name, value, (least, most) in (
        ("speed", options.speed, SPEEDS),
        ("volume", options.volume, VOLUMES),
        ("pitch", options.pitch, PITCHES),
    ):
        if not least <= value <= most:
            raise CannotConvert(f"The {name} cannot be {value}.", f"Choose one from {least} to {most}.")
