"""Files of one name from different visitors, through the page's ingestion: both stay, and it is said."""

from pathlib import Path

import pytest
from agent_corpus import agent_over

from agent import Agent, Settings
from ui import chat, uploads
from ui.ingestion import IngestionProgress, read


def upload(agent: Agent, folder: Path, text: str) -> IngestionProgress:
    """A visitor adds a "report.md"."""
    folder.mkdir(exist_ok=True)
    (folder / "report.md").write_text(text)
    return list(read(agent, [folder / "report.md"], "test"))[-1]


def test_a_document_of_the_same_name_stays_and_is_told(tmp_path: Path) -> None:
    with agent_over(tmp_path, {"report.md": "The vault is opened by Ada."}) as agent:
        mine = upload(agent, tmp_path / "mine", "The pump is oiled by Bea.")
        theirs = upload(agent, tmp_path / "theirs", "The mast is painted by Cyd.")
        again = upload(agent, tmp_path / "again", "The pump is oiled by Bea.")
        assert (mine.documents, theirs.documents, again.documents) == (
            ("report (2).md",),
            ("report (3).md",),
            ("report (2).md",),
        )
        assert "report.md is kept as report (2).md" in mine.html
        answers = [agent.ask(question).text for question in ("Who opens the vault?", "Who oils the pump?")]
        assert ["Ada" in answers[0], "Bea" in answers[1]] == [True, True]
        removed = agent.library.open("test").remove("report (3).md")
        uploads.forget(Path(removed.path), agent.settings.data_dir / "uploads" / "test")
        assert upload(agent, tmp_path / "theirs", "The mast is painted by Dee.").documents == ("report (3).md",)


@pytest.mark.parametrize("given", ["~/kept", "~"])
def test_a_tilde_is_the_home_folder_for_the_page_too(tmp_path, monkeypatch, given):
    home, here = tmp_path / "home", tmp_path / "here"
    here.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TRIPTYCH_DATA_DIR", given)
    monkeypatch.chdir(here)
    with Agent(Settings(corpus="test")) as agent:
        assert upload(agent, tmp_path / "mine", "The pump is oiled by Bea.").documents == ("report.md",)
    assert (home / given.removeprefix("~").strip("/") / "uploads/test/report.md").exists()
    assert not any(here.iterdir())


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"1.png": 9, "2.jpg": 9, "3.webp": 9}, "3 files were given; the page takes 2 at once"),
        ({"1.wav": 9, "2.mp3": 9, "3.png": 9}, "3 files were given; the page takes 2 at once"),
        ({"photo.png": (1 << 20) + 1}, "photo.png is larger than 1 MB"),
        ({"talk.ogg": (1 << 20) + 1}, "talk.ogg is larger than 1 MB"),
    ],
)
def test_pictures_and_recordings_of_a_question_obey_the_limits(tmp_path, files, words):
    for name, size in files.items():
        (tmp_path / name).write_bytes(b"x" * size)
    with agent_over(tmp_path, max_upload_files=2, max_upload_mb=1) as agent:
        turn = chat.ChatTurn(0, "Who opens the vault?", "test", [tmp_path / name for name in files])
        assert list(chat.ask(agent, turn, ""))
    assert words in turn.problem
    assert turn.answer is None
