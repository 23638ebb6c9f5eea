"""16-bit mono WAV files from samples, and what can be told of one. Knows no synthesizer."""

import io
import wave
from typing import TYPE_CHECKING

from generators.core.base import CannotConvert

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PEAK = 0.95  # of full scale, where louder samples are brought down to


def wav_of_pcm(pcm: bytes, rate: int) -> bytes:
    """A WAV file of 16-bit little-endian mono samples, `rate` a second."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(pcm)
    return file.getvalue()


def wav_of_samples(samples: "NDArray[np.floating]", rate: int, volume: float = 1.0) -> bytes:
    """A WAV file of float samples in -1..1, shape [n] or [channels, n] (mixed to one); louder ones are scaled down."""
    import numpy as np

    flat = np.nan_to_num(np.asarray(samples, dtype=np.float32)) * volume
    if flat.ndim > 1:
        flat = flat.mean(axis=tuple(range(flat.ndim - 1)))
    top = float(np.abs(flat).max(initial=0.0))
    if top > PEAK:
        flat = flat * (PEAK / top)
    return wav_of_pcm((flat * 32767).astype("<i2").tobytes(), rate)


def seconds(wav: bytes) -> float:
    """Duration of a WAV file. Raises `CannotConvert` if it is none."""
    try:
        with wave.open(io.BytesIO(wav)) as file:
            return float(file.getnframes() / file.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError) as error:
        raise CannotConvert(f"This is no WAV file: {error}.", "Give a 16-bit WAV file.") from error
