"""eSpeak NG in this process, through ctypes. The library (GPL-3.0) comes with the extra `speech`.

It keeps one voice and one callback for the whole process, so that one text is spoken at a time.
"""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

RETRIEVAL = 2  # samples come through the callback; nothing is played
DONT_EXIT = 0x8000
UTF8 = 1
RATE, VOLUME, PITCH = 1, 2, 3  # numbers of the parameters
OK = 0


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("reserved", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice: its name ("English (Great Britain)") and the code of its language ("en-gb")."""

    name: str
    language: str


class EspeakFailed(Exception):
    """The library could not be started, or refused a text."""


@cache
def voices() -> tuple[Voice, ...]:
    """Every voice of the library."""
    with _lock:
        library, _ = _library()
        library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        listed = library.espeak_ListVoices(None)
        found, number = [], 0
        while listed[number]:
            voice = listed[number].contents
            # `languages` starts with a byte of priority
            found.append(Voice(voice.name.decode(), voice.languages[1:].decode()))
            number += 1
        return tuple(found)


def speak(text: str, voice: Voice, speed: int, volume: int, pitch: int, go_on: Callable[[], bool]) -> tuple[bytes, int]:
    """16-bit mono samples, and how many make a second.

    `speed` in words a minute, `volume` 0..200 (100 is usual), `pitch` 0..99. Stops early once `go_on` is false.
    Raises `EspeakFailed`.
    """
    samples = bytearray()

    def take(wave: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int) -> int:
        if wave and count > 0:
            samples.extend(ctypes.string_at(wave, count * ctypes.sizeof(ctypes.c_short)))
        return OK if go_on() else 1

    callback = _CALLBACK(take)
    with _lock:
        library, rate = _library()
        library.espeak_SetSynthCallback(callback)
        if library.espeak_SetVoiceByName(voice.name.encode()) != OK:
            raise EspeakFailed(f"the voice {voice.name!r} does not load")
        for parameter, value in ((RATE, speed), (VOLUME, volume), (PITCH, pitch)):
            library.espeak_SetParameter(parameter, value, 0)
        data = text.replace("\0", " ").encode()
        size = ctypes.c_size_t(len(data) + 1)
        if library.espeak_Synth(data, size, 0, 1, 0, UTF8, None, None) != OK or library.espeak_Synchronize() != OK:
            raise EspeakFailed("the text was refused")
    return bytes(samples), rate


@cache
def _library() -> tuple[ctypes.CDLL, int]:
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    folder = str(Path(espeakng_loader.get_data_path()).parent).encode()
    rate = library.espeak_Initialize(RETRIEVAL, 0, folder, DONT_EXIT)
    if rate <= 0:
        raise EspeakFailed("its data files do not load")
    return library, rate
