"""Files of one name from different visitors, through the page's ingestion: both stay, and it is said."""

from pathlib import Path

from agent_corpus import agent_over

from agent import Agent
from ui import uploads
from ui.ingestion import Reading, read


def upload(agent: Agent, folder: Path, text: str) -> Reading:
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
