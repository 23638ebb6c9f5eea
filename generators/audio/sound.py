"""Reading sound files (WAV, FLAC, OGG, MP3 ...) by soundfile, and sound at another rate, in pieces."""

import io
from collections.abc import Iterator
from math import gcd
from typing import TYPE_CHECKING

from generators.core.base import CannotConvert

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Samples = tuple["NDArray[np.float32]", int]
"""Float samples of one channel in -1..1, shape [n], and how many make a second."""

LONGEST = 4 * 3600  # seconds
RATES = (1000, 768_000)  # samples a second: from a poor telephone to the best studio
WINDOW = 30.0  # seconds: what Whisper hears at once
SEARCH = 4.0  # seconds before a window's end in which the quietest moment is looked for


def samples_of(data: bytes) -> "Samples":
    """Raises `CannotConvert` if the file is damaged, empty or endless."""
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            rate = int(file.samplerate)
            if not RATES[0] <= rate <= RATES[1]:
                raise CannotConvert(f"The sound has {rate} samples a second.", "Save it with 44,100 a second.")
            if file.frames > LONGEST * rate:
                raise CannotConvert("The sound is longer than four hours.", "Cut it into parts.")
            samples: NDArray[np.float32] = file.read(dtype="float32", always_2d=True).mean(axis=1)
    except soundfile.SoundFileError as error:
        cure = "Give a WAV, FLAC, OGG or MP3 file that plays."
        raise CannotConvert("The sound cannot be read: it is damaged, or no sound.", cure) from error
    if not len(samples):
        raise CannotConvert("The sound file holds no sound.", "Record it again.")
    return samples, rate


def resampled(samples: "NDArray[np.float32]", rate: int, wanted: int) -> "NDArray[np.float32]":
    """The same sound at `wanted` samples a second, without the tones the new rate cannot hold."""
    from scipy.signal import resample_poly

    common = gcd(rate, wanted)
    found: NDArray[np.float32] = resample_poly(samples, wanted // common, rate // common)
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
