"""Documents, diagrams and OCR: what is made is opened and read back."""

import io
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import docx
import pypdfium2
import pytest
from converter_checks import picture, pixels_of, svg_of
from hostile import HOSTILE, MARKUP
from markdown_it import MarkdownIt

from common.errors import MissingExtra
from generators.core.base import CannotConvert, Medium, NotConfigured, Table
from generators.documents.document import FORMATS, DocumentExport, export
from generators.documents.turns import DocumentCitation, DocumentFigure, DocumentTurn
from generators.images.diagram import Diagram
from generators.images.ocr import DESCRIBE, Caption, Ocr, TableReading
from generators.tables.text import TableText

DAY = date(2026, 1, 2)
ANSWER = """Mars has **two** moons, *Phobos* and `Deimos` [1].

| Moon | Diameter (km) |
|---|---|
| Phobos | 22 |
| Łódź ≥ Ω | 12 |

- one → two
- <script>alert("x")</script> [9]

```
code [1]
```
"""


@pytest.fixture
def turns(tmp_path: Path) -> list[DocumentTurn]:
    file = tmp_path / "moons.png"
    file.write_bytes(picture())
    citations = (
        DocumentCitation(1, "report <1>.pdf", 7, "Mars has\n2 moons", (0.1, 0.25, 0.5, 0.3)),
        DocumentCitation(2, "b.pdf", 3),
    )
    first = DocumentTurn("How many moons\nhas Mars?", ANSWER, citations, (DocumentFigure(file, "The moons & Mars"),))
    return [first, DocumentTurn("And Earth?", "One [2].", (DocumentCitation(2, "c.pdf", 4),))]


class Page(HTMLParser):
    """Words, tags and links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.pictures: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        named = {name: value or "" for name, value in attrs}
        self.ids += [named["id"]] if "id" in named else []
        self.links += [named["href"]] if "href" in named else []
        self.pictures += [named["src"]] if "src" in named else []

    def handle_data(self, data: str) -> None:
        self.words += data


def test_markdown(turns: list[DocumentTurn]) -> None:
    made = export(turns, "markdown", "Moons", DAY)
    text = made.data.decode()
    assert made.mime == "text/markdown"
    assert text.startswith("# Moons\n\n*2026-01-02*\n\n## How many moons has Mars?\n\nMars has **two**")
    assert r"- [1] report \<1\>.pdf, page 7, 25% from the top: “Mars has 2 moons”" in text
    assert r"![The moons \& Mars](data:image/png;base64," in text
    assert str(turns[0].figures[0].path.parent) not in text


def test_word(turns: list[DocumentTurn]) -> None:
    made = export(turns, "docx", "Moons", DAY)
    assert made.mime == FORMATS["docx"]
    file = docx.Document(io.BytesIO(made.data))
    words = [paragraph.text for paragraph in file.paragraphs]
    assert words[:4] == [
        "Moons",
        "2026-01-02",
        "How many moons has Mars?",
        "Mars has two moons, Phobos and Deimos [1].",
    ]
    (table,) = file.tables
    assert [[cell.text for cell in row.cells] for row in table.rows][2] == ["Łódź ≥ Ω", "12"]
    assert '<script>alert("x")</script> [9]' in words
    assert "code [1]" in words
    assert "[1] report <1>.pdf, page 7, 25% from the top “Mars has 2 moons”" in words
    assert len(file.inline_shapes) == 1
    bold = [run.text for paragraph in file.paragraphs for run in paragraph.runs if run.bold]
    assert bold == ["two"]


def test_word_says_what_is_missing_and_gives_no_other_file(
    monkeypatch: pytest.MonkeyPatch, turns: list[DocumentTurn]
) -> None:
    monkeypatch.setattr("generators.documents.docx.find_spec", lambda _name: None)
    with pytest.raises(MissingExtra, match="pip install python-docx"):
        export(turns, "docx", "Moons", DAY)


@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: ascii(words[:40]) + f"{len(words)}")
def test_words_of_documents_are_no_links_or_pictures_in_a_text_file(words: str, tmp_path: Path) -> None:
    """As the most obliging reader of Markdown takes it, and as a browser takes the HTML."""
    file = tmp_path / "m.png"
    file.write_bytes(picture())
    turn = DocumentTurn(
        words, f"Said: {words} [1]", (DocumentCitation(1, words, 7, words),), (DocumentFigure(file, words),)
    )
    text = export([turn], "markdown", words, DAY).data.decode()
    read = Page(MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text))
    assert [one[:10] for one in read.pictures] == ["data:image"] and not read.links
    assert not {"a", "b", "script", "iframe", "svg", "form", "video", "style"} & set(read.tags)
    shown = Page(export([turn], "html", words, DAY).data.decode())
    assert all(link == "#c1-1" for link in shown.links)
    assert [one[:10] for one in shown.pictures] == ["data:image"]
    assert not {"script", "iframe", "svg", "form", "video"} & set(shown.tags)


@pytest.mark.parametrize("words", [*MARKUP, "[x](https://evil.example) <https://evil.example>"], ids=ascii)
def test_a_pdf_leads_nowhere(words: str) -> None:
    made = export([DocumentTurn(words, words, (DocumentCitation(1, words, 7, words),))], "pdf", words, DAY)
    assert not any(mark in made.data for mark in (b"/URI", b"/Launch", b"/JavaScript", b"/S /GoToR"))


def test_html_stands_alone(turns: list[DocumentTurn]) -> None:
    page = Page(export(turns, "html", "Moons", DAY).data.decode())
    assert "script" not in page.tags
    assert '<script>alert("x")</script>' in page.words
    assert [link for link in page.links if not link.startswith("#")] == []
    assert page.links == ["#c1-1", "#c2-2"]  # [9] has no source, and code is left alone
    assert {"c1-1", "c1-2", "c2-2"} <= set(page.ids)
    assert len(page.pictures) == 1
    assert page.pictures[0].startswith("data:image/png;base64,")
    assert "report <1>.pdf, page 7, 25% from the top" in page.words
    assert page.tags.count("td") == 4


def test_pdf(turns: list[DocumentTurn]) -> None:
    made = export(turns, "pdf", "Moons", DAY)
    file = pypdfium2.PdfDocument(made.data)
    words = " ".join(page.get_textpage().get_text_range() for page in file).split()
    text = " ".join(words)
    for part in (
        "Moons 2026-01-02 How many moons has Mars?",
        "Mars has two moons, Phobos and Deimos [1].",
        "Phobos 22",
        "<script>",
        "The moons & Mars",
        "“Mars has 2 moons”",
        "And Earth? One [2].",
    ):
        assert part in text
    assert "code [1]" in text
    page = file[0].render(scale=1).to_numpy()
    assert page.std() > 5
    images = [item for page in file for item in page.get_objects() if item.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
    assert len(images) == 1


@pytest.mark.parametrize("form", FORMATS)
def test_odd_characters_do_no_harm(form: str) -> None:
    odd = "a\0b\x0b\udc80\uffff<b>&amp;"
    made = export([DocumentTurn(odd, odd, (DocumentCitation(1, odd, 2, odd),))], form, odd)
    assert b"\0" not in made.data or form in {"pdf", "docx"}
    assert len(made.data) > 50


def test_a_long_conversation_runs_over_pages() -> None:
    answer = "\n\n".join(f"Paragraph {number} with **some** words [1]." for number in range(120))
    made = export([DocumentTurn("Long?", answer, (DocumentCitation(1, "a.pdf", 1),))])
    assert len(pypdfium2.PdfDocument(made.data)) > 3


def test_an_answer_alone() -> None:
    for form, start in (("pdf", b"%PDF"), ("html", b"<!doctype"), ("markdown", b"# Answer")):
        made = DocumentExport().convert(Medium.of_text("Two moons."), "", {"format": form})
        assert made.kind == "document"
        assert made.data.startswith(start)


def test_documents_that_cannot_be(turns: list[DocumentTurn]) -> None:
    with pytest.raises(CannotConvert, match="no format 'odt'"):
        export(turns, "odt")
    with pytest.raises(CannotConvert, match="nothing to write"):
        export([])
    with pytest.raises(CannotConvert, match=r"gone\.png"):
        export([DocumentTurn("a", "b", (), (DocumentFigure(Path("gone.png")),))], "html")


@pytest.mark.parametrize(
    "text",
    [
        "graph TD; A[Ask] --> B{Found?} -->|yes| C[Cite]; B -->|no| D[Say so]",
        "Here it is:\n```mermaid\nsequenceDiagram\n  Ask->>Find: moons\n  Find-->>Ask: Cite\n```\nDone.",
        "stateDiagram-v2\n  [*] --> Ask\n  Ask --> Cite\n  Cite --> [*]",
    ],
)
def test_diagrams(text: str) -> None:
    made = Diagram().convert(Medium.of_text(text))
    assert pixels_of(made.data).shape[0] > 100
    words = " ".join(svg_of(made.others["image/svg+xml"]).itertext())
    assert "Ask" in words
    assert "Cite" in words


def test_a_diagram_holds_no_script() -> None:
    text = 'graph TD; A["<img src=x onerror=alert(1)>hi"]-->B["<script>alert(2)</script>x"]'
    svg = Diagram().convert(Medium.of_text(text)).others["image/svg+xml"]
    tags = {element.tag.rpartition("}")[2] for element in svg_of(svg).iter()}
    assert not {"script", "img", "foreignObject", "iframe"} & tags


def test_no_diagram() -> None:
    Diagram().convert(Medium.of_text('graph TD; A["a\0\udc80b"]-->B'))
    for text in ("hello world", "graph TD; A[[[ -->", "graph TD; " + "A-->B; " * 10_000):
        with pytest.raises(CannotConvert) as caught:
            Diagram().convert(Medium.of_text(text))
        assert caught.value.cure


def test_readers_are_handed_in() -> None:
    asked: list[str] = []

    def see(question: str, png: bytes) -> str:
        asked.append(question)
        return f"{pixels_of(png).shape[1]} wide"

    source = Medium("image", data=picture())
    assert Ocr(lambda png: f" {len(pixels_of(png))} high ").convert(source).text == "48 high"
    assert Caption(see).convert(source).text == "64 wide"
    assert Caption(see).convert(source, "How wide?").text == "64 wide"
    assert asked == [DESCRIBE, "How wide?"]
    table = TableReading(lambda _png: [["a", "b"], ["x", "1"]]).convert(source).table
    assert table == Table(("a", "b"), (("x", "1"),))


def test_readers_that_find_nothing() -> None:
    source = Medium("image", data=picture())
    for reader in (Ocr(lambda _png: " "), Caption(lambda _question, _png: ""), TableReading(lambda _png: [])):
        with pytest.raises(CannotConvert):
            reader.convert(source)
        with pytest.raises(CannotConvert, match="cannot be read"):
            reader.convert(Medium("image", data=b"no picture"))
    for missing in (Ocr(), Caption(), TableReading()):
        with pytest.raises(NotConfigured):
            missing.check()


def test_a_picture_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generators.images.pixels.LARGEST", 1000)
    with pytest.raises(CannotConvert, match="too large"):
        Ocr(lambda _png: "").convert(Medium("image", data=picture()))


def test_a_table_in_sentences() -> None:
    table = Table(("Planet", "Moons", "Note"), (("Mars", "2", ""), ("Total:", "", "")), "Moons.")
    assert TableText().convert(Medium.of_table(table)).text == "Moons.\nMars: Moons 2.\nTotal."
