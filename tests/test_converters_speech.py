"""Speech in process: the sound lasts as long as its words, is not silent, and obeys its options."""

import io
import struct
from threading import Event

import numpy as np
import pytest
import soundfile
from converter_checks import samples_of_wav, tone

from generators.audio.espeak import voices
from generators.audio.sound import resampled, samples_of
from generators.audio.speakable import pieces, speakable
from generators.audio.speech import Speech, find_voice
from generators.audio.wav import seconds, wav_of_samples
from generators.core.base import Cancelled, CannotConvert, Medium, Watch

WORDS = "Mars is the fourth planet from the Sun, and it has two small moons. "


def say(text: str, **options: object) -> Medium:
    return Speech().convert(Medium.of_text(text), "", options)


def test_duration_fits_the_text() -> None:
    made = say(WORDS * 4)  # 56 words
    samples, rate = samples_of_wav(made.data)
    assert rate == 22_050
    assert 56 / 250 * 60 < len(samples) / rate < 56 / 110 * 60
    assert made.facts["seconds"] == pytest.approx(seconds(made.data))
    assert made.facts["language"] == "en-us"


def test_odd_characters_are_not_read() -> None:
    assert say("a\0b\x0b\udc80 moon").text == "ab moon."


def test_speed_and_volume() -> None:
    usual, _ = samples_of_wav(say(WORDS).data)
    slow, _ = samples_of_wav(say(WORDS, speed=100).data)
    quiet, _ = samples_of_wav(say(WORDS, volume=20).data)
    assert len(slow) > 1.4 * len(usual)
    assert np.abs(quiet.astype(int)).max() < 0.5 * np.abs(usual.astype(int)).max()
    for wrong in ({"speed": 1}, {"volume": 500}, {"pitch": -1}, {"voice": 3.5, "speed": "fast"}):
        with pytest.raises(CannotConvert):
            say(WORDS, **wrong)


def test_ten_thousand_characters_in_pieces() -> None:
    text = (WORDS * 160)[:10_000]
    reports: list[tuple[float, str]] = []
    watch = Watch(lambda share, what: reports.append((share, what)))
    made = Speech().convert(Medium.of_text(text), watch=watch)
    assert len(reports) > 10
    assert [share for share, _ in reports] == sorted(share for share, _ in reports)
    assert len(text.split()) / 250 * 60 < seconds(made.data) < len(text.split()) / 110 * 60


def test_a_long_text_stops_when_told() -> None:
    stop = Event()

    def report(share: float, _what: str) -> None:
        if share > 0.2:
            stop.set()

    with pytest.raises(Cancelled):
        Speech().convert(Medium.of_text(WORDS * 200), watch=Watch(report, stop))


def test_languages() -> None:
    assert len(voices()) > 100
    assert find_voice("German").language == "de"
    assert find_voice("en").language == "en-us"
    assert find_voice("fr_FR").language == "fr-fr"
    assert find_voice("en-au").language == "en-us"
    german, _ = samples_of_wav(say("Guten Tag, lieber Mond.", voice="de").data)
    english, _ = samples_of_wav(say("Guten Tag, lieber Mond.").data)
    assert len(german) != len(english)
    with pytest.raises(CannotConvert, match="does not speak 'Klingonish'") as caught:
        say(WORDS, voice="Klingonish")
    assert "de German" in caught.value.cure


def test_the_setting_is_the_usual_voice() -> None:
    assert Speech(voice="de").convert(Medium.of_text("Guten Tag.")).facts["language"] == "de"


@pytest.mark.parametrize("text", ["", "   ", "[1] ![](x.png)", "--- *** ---"])
def test_no_words_no_sound(text: str) -> None:
    with pytest.raises(CannotConvert):
        say(text)


def test_markdown_is_not_read() -> None:
    text = "# Moons\n\n- **Phobos** and _Deimos_ [1], [2, 3]\n\n[the report](http://a.b/c_(d)) `x`"
    table = "\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    assert speakable(text + table) == "Moons.\nPhobos and Deimos.\nthe report x.\na, b.\n1, 2."
    assert (
        speakable("See https://a.b/c?d for 2*3*4 and snake_case_names.") == "See link for 2*3*4 and snake_case_names."
    )
    assert speakable("```python\nprint(1)\n```\nDone!") == "Done!"


def test_pieces_end_with_sentences() -> None:
    text = "One two three. Four five six! Seven?"
    assert pieces(text, 20) == ["One two three.", "Four five six!", "Seven?"]
    assert pieces(text, 100) == [text]
    assert pieces("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]
    assert pieces("", 10) == []


def test_sound_files() -> None:

    plain, rate = samples_of(tone(1))
    assert (len(plain), rate) == (16_000, 16_000)
    for form, subtype in (
        ("WAV", "PCM_U8"),
        ("WAV", "PCM_24"),
        ("WAV", "PCM_32"),
        ("WAV", "FLOAT"),
        ("FLAC", None),
        ("OGG", None),
    ):
        file = io.BytesIO()
        soundfile.write(file, np.stack([plain, plain], axis=1), rate, format=form, subtype=subtype)
        read, its_rate = samples_of(file.getvalue())
        assert its_rate == rate
        assert np.abs(read[:16_000] - plain).mean() < 0.02, (form, subtype)


def wav(rate: int, claimed: int, data: bytes) -> bytes:
    """A 16-bit mono WAV file whose header claims `rate` samples a second and `claimed` bytes of them."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, min(2 * rate, 2**32 - 1), 2, 16)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", claimed) + data
    return struct.pack("<4sI", b"RIFF", min(len(body) - len(data) + claimed, 2**32 - 1)) + body


@pytest.mark.parametrize("rate", [0, 1, 1_000_000, 2**31 - 1, 2**32 - 1])
def test_a_rate_that_no_sound_has_is_refused(rate: int) -> None:
    with pytest.raises(CannotConvert, match=r"samples a second|cannot be read"):
        samples_of(wav(rate, 8, b"\0\1" * 4))


@pytest.mark.parametrize("claimed", [2**32 - 1, 0xFFFFFFF0, 10_000])
def test_what_a_stream_left_open_holds_is_heard(claimed: int) -> None:
    """A recorder that cannot go back writes no true length into its header."""
    samples, rate = samples_of(wav(8000, claimed, b"\0\x40" * 800))
    assert (len(samples), rate, samples.max()) == (800, 8000, 0.5)


@pytest.mark.parametrize("form", ["WAV", "FLAC"])
def test_hours_of_silence_are_refused_before_they_are_unpacked(form: str) -> None:
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 1000, 1, "PCM_16", format=form) as out:
        for _ in range(5):
            out.write(np.zeros(1000 * 3600, np.int16))
    with pytest.raises(CannotConvert, match="longer than four hours"):
        samples_of(file.getvalue())


@pytest.mark.parametrize("data", [b"", b"RIFF", b"RIFF no sound", b"fLaC" + b"\0" * 40, b"ID3\4" + b"\xff" * 99])
def test_what_is_no_sound_is_refused(data: bytes) -> None:
    with pytest.raises(CannotConvert, match=r"cannot be read|holds no sound"):
        samples_of(data)


def test_resampling_keeps_tones_and_drops_what_does_not_fit() -> None:
    times = np.arange(44_100) / 44_100
    low = resampled(np.sin(2 * np.pi * 440 * times).astype(np.float32), 44_100, 16_000)
    assert len(low) == 16_000
    assert np.abs(np.fft.rfft(low)).argmax() == 440
    high = resampled(np.sin(2 * np.pi * 12_000 * times).astype(np.float32), 44_100, 16_000)
    assert np.sqrt(np.square(high).mean()) < 0.01


def test_loud_sound_is_brought_down() -> None:
    samples, _ = samples_of_wav(wav_of_samples(np.array([[0.0, 4.0, -4.0], [0.0, 4.0, -4.0]]), 8000))
    assert samples.tolist() == pytest.approx([0, 0.95 * 32768, -0.95 * 32768], abs=2)
