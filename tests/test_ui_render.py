"""What the page shows, as HTML: every foreign word escaped, every citation a link to its evidence."""

from hashlib import sha256
from pathlib import Path

import pytest

from agent.events import Answer, Artifact, Citation, Failed, Planned, ToolFinished, ToolStarted
from common.errors import UserError
from retrievers.elements import Box, Element, Hit
from ui import render, steps, uploads
from ui.chat import ChatTurn
from ui.documents import evidence

HOSTILE = '<img src=x onerror="alert(1)">'


def citation(number: int = 1, text: str = "Neptune needs 59,800 days.") -> Citation:
    element = Element(
        document=f"papers/{HOSTILE}.pdf",
        sha256="0" * 64,
        page=3,
        kind="text",
        order=0,
        text=text,
        box=Box(0, 0, 1, 0.5),
    )
    return Citation(number, Hit(element, 1.0))


def test_citations_become_links_and_other_numbers_stay():
    html = render.prose("Long [1], not [2].", [citation()], turn=4)
    assert 'data-cite="4-1"' in html
    assert "[2]" in html and 'data-cite="4-2"' not in html


@pytest.mark.parametrize("words", [HOSTILE, "<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](http://h/)"])
def test_answers_carry_no_markup_of_their_own(words):
    html = render.prose(words, [citation()])
    assert not any(tag in html for tag in ("<script", "<img", "<a "))


def test_names_quotes_and_errors_are_escaped():
    hostile = citation(text=HOSTILE)
    shown = [
        render.sources([hostile], 0),
        evidence.panel(
            evidence.DocumentPage("c", hostile.hit.element.document, "0" * 64, 3, 9),
            evidence.Source(hostile, [hostile], 0),
            Path("/pages/map.png"),
        ),
        render.figure(Artifact(Path("/artifacts/x.png"), "image/png", HOSTILE, (hostile,)), 0),
        render.problem(HOSTILE, HOSTILE),
        steps.trace([Planned(HOSTILE, (HOSTILE,)), Failed(HOSTILE)]),
        ChatTurn(0, HOSTILE, "c", [Path(f"{HOSTILE}.pdf")]).asked_html(),
    ]
    for html in shown:
        assert "<img src=x" not in html
        assert "&lt;img src=x" in html


def test_an_answer_is_one_line_so_that_the_chat_leaves_it_alone():
    assert "\n" not in render.message("One.\n\n- two\n- three\n\n```\ncode\n\nmore\n```")


def test_trace_shows_each_step_once_with_its_time():
    events = [
        ToolStarted("1", "search", {}),
        ToolFinished("1", "search", 1.5, "3 regions"),
        ToolStarted("2", "list", {}),
    ]
    html = steps.trace(events)
    assert html.count("search") == 1 and "1.50 s" in html and "running" in html


def test_a_turn_grows_from_events():
    turn = ChatTurn(0, "How long?", "c")
    assert "Looking" in turn.answer_html()
    turn.add(Answer("59,800 days [1]", (citation(),)))
    assert "59,800" in turn.answer_html() and "Looking" not in turn.answer_html()
    assert [one.number for one in turn.citations] == [1]


def test_uploads_are_bounded_in_number_type_and_size(tmp_path):
    good, odd, big = tmp_path / "a.pdf", tmp_path / "a.exe", tmp_path / "b.pdf"
    for path, size in ((good, 10), (odd, 10), (big, 2 * 1024 * 1024)):
        path.write_bytes(b"x" * size)
    uploads.check([good], most=1, megabytes=1)
    for paths, words in (([good, good], "at once"), ([odd], "a.exe"), ([big], "larger than 1 MB")):
        with pytest.raises(UserError, match=words):
            uploads.check(paths, most=1, megabytes=1)


def kept(tmp_path: Path, name: str, content: str, known: dict[str, str]) -> Path:
    """Where an upload of a visitor is kept."""
    visitor = tmp_path / content
    visitor.mkdir(exist_ok=True)
    (visitor / name).write_text(content)
    [place] = uploads.keep([visitor / name], tmp_path / "kept", known)
    assert place.read_text() == content
    return place


def test_an_upload_replaces_nothing_but_itself_and_what_failed(tmp_path):
    assert kept(tmp_path, "report.md", "mine", {}).name == "report.md"
    assert kept(tmp_path, "report.md", "theirs", {}).name == "report (2).md"
    assert kept(tmp_path, "report.md", "hers", {}).name == "report (3).md"
    assert kept(tmp_path, "report.md", "theirs", {}).name == "report (2).md"
    assert kept(tmp_path, "report.md", "mine", {}).name == "report.md"
    assert kept(tmp_path, "report.md", "mended", {"report.md": ""}).name == "report.md"
    assert kept(tmp_path, "ingested.md", "uploaded", {"ingested.md": "hash of another"}).name == "ingested (2).md"
    assert kept(tmp_path, "ingested.md", "it", {"ingested.md": sha256(b"it").hexdigest()}).name == "ingested.md"
