"""Words of strangers, wherever they go: no tag, link, handler or picture of theirs, nothing that a terminal obeys."""

import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from hostile import AWAY, HOSTILE
from markdown_it import MarkdownIt

from agent.answering.citations import CitationWriter
from agent.events import DEMONSTRATION, Answer, Artifact, Citation, Failed, Planned, ToolFinished, ToolStarted
from common.errors import UserError
from common.untrusted import UNSEEN, disarmed, joined, link_words, one_line, plain_markdown, readable, visible, whole
from retrievers.elements import Box, Element, Hit
from retrievers.ingestion.manifest import DocumentRecord, PageReport
from ui import render, reports, sanitize
from ui.chat import ChatTurn
from ui.documents import evidence
from ui.documents.listing import listing
from ui.steps import trace

ORDINARY = "Ünïcode “words” & <b>more</b> [1] 你好 \n\n- a\n- b\n\n3. c\n\n|a|b|\n|:-|-:|\n|1|2|\n\n```py\nx\n\ny\n```"
LAYOUT = {"code", "pre", "em", "strong", "s", "br", "ul", "ol", "li", "p"}
ADDRESSES = ("made/", "document-pages/", "#evidence")
each = pytest.mark.parametrize("words", HOSTILE, ids=lambda words: ascii(words[:40]) + f"{len(words)}")


class Seen(HTMLParser):
    """Tags, attributes and words of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.words += data


def shown(words: str) -> dict[str, str]:
    """Every piece of the page with `words` in each place that a stranger fills."""
    element = Element(
        document=f"papers/{words}.pdf",
        sha256="0" * 64,
        page=3,
        kind="figure",
        order=0,
        text=words,
        box=Box(0, 0, 1, 0.5),
        section=(words, words),
        caption=words,
    )
    cited = (Citation(1, Hit(element, 1.0, terms=(words,)), words), Citation(2, Hit(element, 1.0)))
    made = {"form": "chart", "converters": [words]}
    artifacts = (
        Artifact(Path("/artifacts/x.png"), "image/png", words, cited, made=made),
        Artifact(Path("/artifacts/y.png"), "image/png", words, made={"form": DEMONSTRATION}),
        Artifact(Path("/artifacts/z.pdf"), "application/pdf", words),
        Artifact(Path("/artifacts/z.wav"), "audio/wav", words, others={words: Path("/artifacts/z.ogg")}),
    )
    name = re.sub("[/\0]", "", joined(words))[:60]
    turn = ChatTurn(0, words, "c", [Path(f"/uploads/{name}{ending}") for ending in (".png", ".pdf", ".wav")])
    turn.add(Answer(f"As {words} says [1].", cited, artifacts, notices=(words,)))
    failed = ChatTurn(0, words, "c", problem=render.problem(words, words), text=words, doing=words)
    record = DocumentRecord(words, words, "", status="failed", error=words)
    good = DocumentRecord(words + " ", words, "", pages=1, status="done")
    report = SimpleNamespace(
        documents=[record, good], failed=[record], unchanged=1, pages=1, elements=1, seconds=1.0, skipped=[words]
    )
    progress = SimpleNamespace(
        stage="meaning",
        document=words,
        page=1,
        pages=2,
        pages_done=1,
        pages_total=2,
        pages_per_second=1.0,
        seconds_left=5.0,
    )
    steps = [Planned(words, (words,)), ToolStarted("2", words, {}), ToolFinished("1", words, 1.0, words), Failed(words)]
    return {
        "asked": turn.asked_html(),
        "answer": turn.answer_html(),
        "failed": failed.answer_html(),
        "panel": evidence.panel(
            evidence.DocumentPage("c", words, "0" * 64, cited[0].hit.element.page, 9),
            evidence.Source(cited[0], cited, 0),
            Path("/pages/map.png"),
        ),
        "trace": trace(steps),
        "report": reports.report(report, {good.name: [PageReport(1, {words: 2}, notes=(words, words))]}),
        "listing": listing([record, good], only=[good.name]),
        "progress": reports.progress(progress),
    }


def as_the_chat_reads(html: str) -> str:
    """Markdown with raw HTML: what is not inside a block of HTML is Markdown."""
    return MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(html)


HARMLESS = shown("Harmless")


@pytest.mark.parametrize("walls", [1, 2])
@each
def test_no_word_becomes_a_tag_or_an_address(words, walls, monkeypatch):
    if walls == 1:
        monkeypatch.setattr(sanitize, "sanitized", str)
    for place, html in shown(words).items():
        plain = Seen(as_the_chat_reads(HARMLESS[place]))
        for seen in (Seen(html), Seen(as_the_chat_reads(html))):
            assert set(seen.tags) <= {*plain.tags, *LAYOUT}, place
            assert {key for key, _ in seen.attributes} <= {*(key for key, _ in plain.attributes), "class"}, place
            addresses = [value for key, value in seen.attributes if key in {"href", "src"}]
            assert all(value.startswith(ADDRESSES) for value in addresses), place
        assert not UNSEEN.search(re.sub(r'data-(?:name|document)="[^"]*"', "", html)), place
        html.encode()
        assert "\n" not in html and "\r" not in html, place


def test_the_second_wall_changes_nothing_of_ours(monkeypatch):
    walled = shown(ORDINARY)
    monkeypatch.setattr(sanitize, "sanitized", str)
    for place, html in shown(ORDINARY).items():
        before, after = Seen(html), Seen(walled[place])
        assert (before.tags, before.words) == (after.tags, after.words), place
        assert sorted(map(tidy, before.attributes)) == sorted(map(tidy, after.attributes)), place


def tidy(attribute: tuple[str, str]) -> tuple[str, str]:
    """A style without its spaces and last semicolon."""
    name, value = attribute
    return name, re.sub(r"[ ;]|\.0(?=%)", "", value) if name == "style" else value


@each
def test_the_second_wall_stands_alone(words):
    seen = Seen(
        sanitize.sanitized(f'<div class="answer">{joined(words)}</div><a href="{joined(words)}" onclick="x">x</a>')
    )
    assert not set(seen.tags) & {"script", "iframe", "form", "input", "base", "link", "style", "svg", "math"}
    assert not [key for key, _ in seen.attributes if key.startswith("on")]
    assert all(value.startswith(ADDRESSES) for key, value in seen.attributes if key in {"href", "src"})
    assert not any(AWAY in value for key, value in seen.attributes if key == "style")


@each
def test_one_line_is_one_and_keeps_what_is_seen(words):
    line = one_line(words)
    assert len(line.splitlines()) <= 1
    assert not UNSEEN.search(line)
    letters = [letter for letter in words if not letter.isspace() and not UNSEEN.match(letter)]
    assert [letter for letter in line if letter != " "] == letters
    assert not UNSEEN.search(readable(words))
    assert not UNSEEN.search(visible(words))
    assert visible(words, breaks=True).isprintable()
    joined(words).encode()


@each
def test_markdown_of_strangers_shows_words_only(words):
    whole_page = MarkdownIt("gfm-like", {"html": True, "linkify": False})
    for text in (disarmed(words), f"- “{plain_markdown(words)}”", f"![{plain_markdown(words)}](<ours.png>)"):
        seen = Seen(whole_page.render(text))
        assert {value for key, value in seen.attributes if key in {"href", "src"}} <= {"ours.png"}
        assert not set(seen.tags) & {"a", "script", "iframe", "svg", "form", "video", "base", "b"}
    linked = Seen(whole_page.render(f"[x {link_words(words)} x](<ours.png>)"))
    assert [value for key, value in linked.attributes if key in {"href", "src"}] == ["ours.png"]
    assert linked.tags.count("a") == 1
    once = Seen(whole_page.render(f"x {plain_markdown(words)} x")).words.strip()
    assert once == f"x {one_line(words)} x"


@pytest.mark.parametrize("cut", [1, 3, 1000])
def test_halves_of_a_letter_that_come_apart_are_joined(cut):
    text = "moon \ud83c\udf15, half \ud83c and \udf15."
    writer = CitationWriter(())
    pieces = [writer.feed(text[start : start + cut]) for start in range(0, len(text), cut)]
    assert "".join(pieces) + writer.close() == "moon 🌕, half � and �."


def test_half_a_letter_is_told():
    assert whole("moon 🌕", "The question") == "moon 🌕"
    with pytest.raises(UserError, match=r"The question holds half a letter .*: moon \\ud83c"):
        whole("moon \ud83c", "The question")
