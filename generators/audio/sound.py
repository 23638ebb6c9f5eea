"""Reading sound files: any WAV with what Python has, other formats with the extra `listen` (soundfile)."""

import io
import wave
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

from common.errors import MissingExtra
from generators.core.base import CannotConvert

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Samples = tuple["NDArray[np.float32]", int]
"""Float samples of one channel in -1..1, shape [n], and how many make a second."""

LONGEST = 4 * 3600  # seconds
WINDOW = 30.0  # seconds: what Whisper hears at once
SEARCH = 4.0  # seconds before a window's end in which the quietest moment is looked for


def samples_of(data: bytes) -> "Samples":
    """Raises `CannotConvert` if the file is damaged, empty or endless, `MissingExtra` if its format needs soundfile."""
    samples, rate = _wav(data) if data[:4] == b"RIFF" and _is_pcm(data) else _other(data)
    if not len(samples):
        raise CannotConvert("The sound file holds no sound.", "Record it again.")
    if len(samples) > LONGEST * rate:
        raise CannotConvert("The sound is longer than four hours.", "Cut it into parts.")
    return samples, rate


def resampled(samples: "NDArray[np.float32]", rate: int, wanted: int) -> "NDArray[np.float32]":
    """The same sound at `wanted` samples a second, without the tones the new rate cannot hold."""
    import numpy as np

    if rate == wanted:
        return samples
    if wanted < rate:
        reach = int(np.ceil(8 * rate / wanted))
        steps = np.arange(-reach, reach + 1)
        filter_ = np.sinc(steps * wanted / rate) * np.hanning(2 * reach + 3)[1:-1]
        samples = np.convolve(samples, filter_ / filter_.sum(), mode="same")
    places = np.arange(int(len(samples) * wanted / rate)) * (rate / wanted)
    found: NDArray[np.float32] = np.interp(places, np.arange(len(samples)), samples).astype(np.float32)
    return found


def windows(samples: "NDArray[np.float32]", rate: int) -> "Iterator[NDArray[np.float32]]":
    """The sound in order, in pieces of at most WINDOW seconds, cut at the quietest tenth of a second near their end."""
    import numpy as np

    longest, search, tenth = int(WINDOW * rate), int(SEARCH * rate), max(rate // 10, 1)
    while len(samples) > longest:
        near = samples[longest - search : longest]
        near = near[: len(near) // tenth * tenth].reshape(-1, tenth)
        cut = longest - search + int(np.square(near).mean(axis=1).argmin()) * tenth + tenth // 2
        yield samples[:cut]
        samples = samples[cut:]
    yield samples


def _is_pcm(data: bytes) -> bool:
    """Whether a RIFF file holds plain integers (format 1, or the extensible form of it)."""
    place = data.find(b"fmt ", 12, 4096)
    return place < 0 or data[place + 8 : place + 10] in (b"\x01\x00", b"\xfe\xff")


def _wav(data: bytes) -> "Samples":
    import numpy as np

    try:
        with wave.open(io.BytesIO(data)) as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            raw = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        why = str(error) or "it ends too early"
        raise CannotConvert(f"The sound cannot be read: {why}.", "Record it again.") from error
    raw = raw[: len(raw) - len(raw) % (width * channels)]
    if rate <= 0 or width not in {1, 2, 3, 4}:
        raise CannotConvert(
            f"The sound has {8 * width} bits at {rate} Hz, which is not read.", "Save it as 16-bit WAV."
        )
    if width == 3:  # to the upper bytes of 32 bits
        wide = np.zeros((len(raw) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        whole = wide.reshape(-1).view("<i4")
    else:
        whole = np.frombuffer(raw, {1: "u1", 2: "<i2", 4: "<i4"}[width])
    scale = float(2 ** (8 * (4 if width == 3 else width) - 1))
    samples = (whole.astype(np.float32) - (scale if width == 1 else 0.0)) / scale
    return samples.reshape(-1, channels).mean(axis=1), rate


def _other(data: bytes) -> "Samples":
    if find_spec("soundfile") is None:
        raise MissingExtra(
            "Only WAV sound can be read here.", 'For MP3, FLAC, OGG and others: pip install "triptych[listen]"'
        )
    import soundfile

    try:
        samples, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        cure = "Give a WAV, FLAC, OGG or MP3 file that plays."
        raise CannotConvert("The sound cannot be read: it is damaged, or no sound.", cure) from error
    return samples.mean(axis=1), int(rate)
