"""Opening what converters make, for their tests."""

import io
import wave
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def pixels_of(png: bytes) -> NDArray[np.uint8]:
    """The decoded picture, [height, width, 3]; it must not be of one colour."""
    picture = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    assert picture.std() > 1, "the picture is blank"
    return picture


def svg_of(data: bytes) -> ElementTree.Element:
    root = ElementTree.fromstring(data)
    assert root.tag.endswith("svg")
    return root


def samples_of_wav(data: bytes) -> tuple[NDArray[np.int16], int]:
    """Samples of a 16-bit mono file and their rate; it must not be silent."""
    with wave.open(io.BytesIO(data)) as file:
        assert file.getsampwidth() == 2
        assert file.getnchannels() == 1
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        rate = file.getframerate()
    assert np.sqrt(np.square(samples.astype(float)).mean()) > 0, "the sound is silent"
    return samples, rate


def tone(seconds: float, rate: int = 16_000) -> bytes:
    """A WAV file with a tone of 440 Hz."""
    from generators.wav import wav_of_samples

    times = np.arange(int(seconds * rate)) / rate
    return wav_of_samples(0.5 * np.sin(2 * np.pi * 440 * times), rate)


def picture(width: int = 64, height: int = 48) -> bytes:
    """A PNG with a slope of colours."""
    file = io.BytesIO()
    slope = np.linspace(0, 255, width * height * 3).reshape(height, width, 3).astype(np.uint8)
    Image.fromarray(slope).save(file, "PNG")
    return file.getvalue()
