"""Models in this process: pipelines of the real classes with small random weights; their output is opened."""

from pathlib import Path
from threading import Event

import pytest
import tiny_diffusion
import tiny_speech
from converter_checks import picture, pixels_of, samples_of_wav, tone

from common.errors import ModelUnavailable
from generators.audio.music_hf import DiffusersMusic
from generators.audio.speech_hf import TransformersSpeech
from generators.audio.transcript_hf import TransformersTranscript
from generators.core.base import Cancelled, CannotConvert, Converter, Medium, NotConfigured, Watch
from generators.images.edit_hf import DiffusersEdit
from generators.images.picture_hf import DiffusersPicture
from generators.video.film_hf import DiffusersFilm

IN_PROCESS = (
    DiffusersPicture,
    DiffusersEdit,
    DiffusersFilm,
    DiffusersMusic,
    TransformersSpeech,
    TransformersTranscript,
)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_diffusion.write_pictures(tmp_path_factory.mktemp("pictures")))


def test_a_picture_from_words_step_by_step(pictures: str) -> None:
    steps: list[str] = []
    maker = DiffusersPicture(pictures)
    asked = Medium.of_text("a red moon")
    made = maker.convert(asked, "", {"steps": 3, "seed": 1}, Watch(lambda _share, what: steps.append(what)))
    assert pixels_of(made.data).shape == (64, 64, 3)
    assert [step for step in steps if step.startswith("step")] == ["step 1 of 3", "step 2 of 3", "step 3 of 3"]
    assert made.facts["seed"] == 1
    again = maker.convert(asked, "", {"steps": 3, "seed": 1})
    other = maker.convert(asked, "", {"steps": 3, "seed": 2})
    assert again.data == made.data
    assert other.data != made.data


def test_a_picture_stops_when_told(pictures: str) -> None:
    stop = Event()
    seen: list[str] = []

    def report(_share: float, what: str) -> None:
        seen.append(what)
        if what.startswith("step 2"):
            stop.set()

    with pytest.raises(Cancelled):
        DiffusersPicture(pictures).convert(Medium.of_text("a moon"), "", {"steps": 50}, Watch(report, stop))
    assert seen[-1] == "step 2 of 50"


def test_a_seed_by_chance_is_kept(pictures: str) -> None:
    assert DiffusersPicture(pictures).convert(Medium.of_text("a moon"), "", {"steps": 1}).facts["seed"] > 0


def test_endless_work_is_refused(pictures: str) -> None:
    with pytest.raises(CannotConvert, match="steps"):
        DiffusersPicture(pictures).convert(Medium.of_text("a moon"), "", {"steps": 5000})


def test_a_picture_is_changed(pictures: str) -> None:
    before = Medium("image", data=picture(200, 150))
    made = DiffusersEdit(pictures).convert(before, "make it red", {"steps": 4, "seed": 3, "side": 64})
    assert pixels_of(made.data).shape == (48, 64, 3)
    with pytest.raises(CannotConvert, match="cannot be read"):
        DiffusersEdit(pictures).convert(Medium("image", data=b"no picture"), "make it red")
    with pytest.raises(CannotConvert, match="no text"):
        DiffusersEdit(pictures).convert(before, "")
    with pytest.raises(CannotConvert, match="strength"):
        DiffusersEdit(pictures).convert(before, "make it red", {"strength": 0})


def test_a_film_from_words(tmp_path: Path) -> None:
    import cv2

    model = str(tiny_diffusion.write_films(tmp_path / "model"))
    options = {"steps": 2, "frames": 5, "width": 32, "height": 16, "rate": 4, "seed": 1}
    made = DiffusersFilm(model).convert(Medium.of_text("the moon rises"), "", options)
    assert made.mime == "video/webm"
    file = tmp_path / "film.webm"
    file.write_bytes(made.data)
    film = cv2.VideoCapture(str(file))
    frames = []
    while (read := film.read())[0]:
        frames.append(read[1])
    assert len(frames) == 5
    assert frames[0].shape == (16, 32, 3)
    assert film.get(cv2.CAP_PROP_FPS) == 4


def test_music_from_words(tmp_path: Path) -> None:
    model = str(tiny_diffusion.write_music(tmp_path))
    maker = DiffusersMusic(model)
    made = maker.convert(Medium.of_text("slow drums"), "", {"steps": 2, "seconds": 0.5, "seed": 1})
    samples, rate = samples_of_wav(made.data)
    assert (len(samples), rate) == (2000, 4000)
    with pytest.raises(CannotConvert, match="cannot last"):
        maker.convert(Medium.of_text("slow drums"), "", {"seconds": 0})


def test_speech_by_a_vits_model(tmp_path: Path) -> None:
    speaker = TransformersSpeech(str(tiny_speech.write_vits(tmp_path)))
    short, rate = samples_of_wav(speaker.convert(Medium.of_text("Hello.")).data)
    long = speaker.convert(Medium.of_text("# Hello\n\nThis is **much** longer [1]. " + "And longer still. " * 30))
    assert rate == 16_000
    assert len(samples_of_wav(long.data)[0]) > 4 * len(short)
    assert "[1]" not in long.text
    assert speaker.convert(Medium.of_text("Hello.")).data == speaker.convert(Medium.of_text("Hello.")).data


def test_transcript_by_a_whisper_model(tmp_path: Path) -> None:
    writer = TransformersTranscript(str(tiny_speech.write_whisper(tmp_path)))
    parts: list[str] = []
    made = writer.convert(Medium("audio", data=tone(70)), watch=Watch(lambda _share, what: parts.append(what)))
    assert len(parts) == 3  # windows of at most 30 s
    assert made.text
    assert made.facts["seconds"] == 70
    for damaged in (b"", b"no sound at all", tone(1)[:30]):
        with pytest.raises(CannotConvert):
            writer.convert(Medium("audio", data=damaged))
    with pytest.raises(CannotConvert, match="language"):
        writer.convert(Medium("audio", data=tone(1)), "", {"language": "fr"})


def test_a_sound_is_cut_where_it_is_quiet() -> None:
    import numpy as np

    from generators.audio.sound import windows

    sound = np.ones(16_000 * 40, np.float32)
    sound[16_000 * 28 : 16_000 * 28 + 3200] = 0
    first, second = windows(sound, 16_000)
    assert 28.0 <= len(first) / 16_000 <= 28.2
    assert len(first) + len(second) == len(sound)


@pytest.mark.parametrize("kind", IN_PROCESS, ids=lambda kind: kind.info.name)
def test_without_a_model_the_cure_is_named(kind: type[Converter], tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match=rf"\[converters\.{kind.info.name}\]"):
        kind().check()
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        source = {"audio": tone(1), "image": picture()}.get(kind.info.source, b"")
        kind(model=str(tmp_path)).convert(Medium(kind.info.source, text="a moon", data=source), "a moon")  # type: ignore[call-arg]
