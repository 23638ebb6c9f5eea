"""Turns as a Word file (Office Open XML): Markdown as headings, lists, tables and runs, with figures and sources."""

import io
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from common.errors import MissingExtra
from common.untrusted import markdown, one_line
from generators.documents.turns import DocumentCitation, DocumentFigure, DocumentTurn, figure_bytes
from generators.images.pixels import open_picture, png_of

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

WIDTH = 5.8  # inches: the widest figure
LISTS = {"bullet_list": "List Bullet", "ordered_list": "List Number"}


def docx(turns: Sequence[DocumentTurn], title: str, day: date) -> bytes:
    """The file. Raises `MissingExtra` without python-docx, `CannotConvert` if a figure does not open."""
    if find_spec("docx") is None:
        raise MissingExtra(
            "Word files need the package 'python-docx'.", command="Install it with: pip install python-docx"
        )
    from docx import Document

    file = Document()
    file.core_properties.title, file.core_properties.author = one_line(title)[:255], "Triptych"
    file.add_heading(one_line(title), 0)
    file.add_paragraph(day.isoformat())
    for turn in turns:
        if turn.question and one_line(turn.question) != one_line(title):
            file.add_heading(one_line(turn.question), 1)
        _blocks(file, turn.answer)
        for figure in turn.figures:
            _figure(file, figure)
        if turn.citations:
            _sources(file, turn.citations)
    made = io.BytesIO()
    file.save(made)
    return made.getvalue()


def _blocks(file: Any, text: str) -> None:
    """HTML in an answer is shown, not obeyed."""
    from markdown_it.tree import SyntaxTreeNode

    for node in SyntaxTreeNode(markdown().parse(text)).children:
        _block(file, node, None)


def _block(file: Any, node: "SyntaxTreeNode", style: str | None) -> None:
    match node.type:
        case "heading":
            _runs(file.add_heading(level=2 if node.tag in {"h1", "h2"} else 3), node)
        case "paragraph":
            _runs(file.add_paragraph(style=style), node)
        case "fence" | "code_block" | "html_block":
            file.add_paragraph(node.content.rstrip("\n"), style="No Spacing").runs[0].font.name = "Courier New"
        case "table":
            _table(file, node)
        case "hr":
            file.add_paragraph("* * *")
        case kind:
            for child in node.children:
                _block(file, child, LISTS.get(kind, "Quote" if kind == "blockquote" else style))


def _table(file: Any, node: "SyntaxTreeNode") -> None:
    rows = [row.children for part in node.children for row in part.children]
    table = file.add_table(len(rows), max(map(len, rows)), style="Light Grid Accent 1")
    for line, row in zip(table.rows, rows, strict=True):
        cells = line.cells
        for cell, inside in zip(cells, row, strict=False):
            _runs(cell.paragraphs[0], inside)


def _runs(paragraph: Any, node: "SyntaxTreeNode") -> None:
    for text, marks in _spans(node, frozenset()):
        run = paragraph.add_run(text)
        run.bold, run.italic, run.font.strike = "strong" in marks, "em" in marks, "s" in marks
        if "code" in marks:
            run.font.name = "Courier New"


def _spans(node: "SyntaxTreeNode", marks: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Words, each with the marks it stands in."""
    match node.type:
        case "softbreak":
            yield " ", marks
        case "hardbreak":
            yield "\n", marks
        case "code_inline":
            yield node.content, marks | {"code"}
        case "text" | "html_inline":
            yield node.content, marks
        case kind:
            for child in node.children:
                yield from _spans(child, marks | {kind})


def _figure(file: Any, figure: DocumentFigure) -> None:
    from docx.shared import Inches

    picture = open_picture(figure_bytes(figure))
    file.add_picture(io.BytesIO(png_of(picture)), width=Inches(min(WIDTH, picture.width / 96)))
    if figure.caption:
        file.add_paragraph(one_line(figure.caption), style="Caption")


def _sources(file: Any, citations: Sequence[DocumentCitation]) -> None:
    file.add_heading("Sources", 2)
    for citation in citations:
        quote = f" “{one_line(citation.quote)}”" if citation.quote else ""
        file.add_paragraph(f"[{citation.number}] {one_line(citation.place)}{quote}")
