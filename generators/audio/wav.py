"""16-bit mono WAV files from samples, and what can be told of one, by soundfile. Knows no synthesizer."""

import io
from typing import TYPE_CHECKING

from generators.core.base import CannotConvert

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PEAK = 0.95  # of full scale, where louder samples are brought down to


def wav_of_pcm(pcm: bytes, rate: int) -> bytes:
    """A WAV file of 16-bit little-endian mono samples, `rate` a second."""
    import numpy as np

    return _written(np.frombuffer(pcm, "<i2"), rate)


def wav_of_samples(samples: "NDArray[np.floating]", rate: int, volume: float = 1.0) -> bytes:
    """A WAV file of float samples in -1..1, shape [n] or [channels, n] (mixed to one); louder ones are scaled down."""
    import numpy as np

    flat = np.nan_to_num(np.asarray(samples, dtype=np.float32)) * volume
    if flat.ndim > 1:
        flat = flat.mean(axis=tuple(range(flat.ndim - 1)))
    top = float(np.abs(flat).max(initial=0.0))
    return _written(flat * (PEAK / top) if top > PEAK else flat, rate)


def seconds(wav: bytes) -> float:
    """Duration of a WAV file. Raises `CannotConvert` if it is none."""
    import soundfile

    try:
        return float(soundfile.info(io.BytesIO(wav)).duration)
    except soundfile.SoundFileError as error:
        raise CannotConvert("This is no WAV file.", "Give a 16-bit WAV file.") from error


def _written(samples: "NDArray[np.generic]", rate: int) -> bytes:
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype="PCM_16")
    return file.getvalue()
