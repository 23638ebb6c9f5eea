"""An answer, or a whole conversation, as a document: PDF, Word, HTML or Markdown, with citations and figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

from generators.core.base import NOTHING, CannotConvert, Info, Medium, Watch, clean, read_options, text_of
from generators.documents.turns import DocumentTurn

FORMATS = {
    "markdown": "text/markdown",
    "html": "text/html",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@dataclass(frozen=True, slots=True)
class Options:
    """`format` is markdown, html, docx or pdf."""

    format: str = "pdf"
    title: str = ""


class DocumentExport:
    """Writes a text as a document. Conversations go through `export`. Settings: none."""

    info: ClassVar[Info] = Info(
        name="document",
        source="text",
        target="document",
        form="document",
        summary="Writes an answer with its citations and figures as PDF, Word, HTML or Markdown.",
        cost=0.5,
        quality=5,
        licence="BSD-3-Clause (reportlab), MIT (python-docx)",
        packages=("reportlab",),
        extra="export",
    )
    Options: ClassVar[type] = Options

    def check(self) -> None:
        """Ready for Markdown and HTML; PDF and Word say by themselves if their package is missing."""

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """Raises as `export` does."""
        chosen = read_options(Options, options, self.info.name)
        return export([DocumentTurn("", text_of(source, request))], chosen.format, chosen.title)


def export(turns: Sequence[DocumentTurn], form: str = "pdf", title: str = "", day: date | None = None) -> Medium:
    """Turns in order as one document; pictures are inside it.

    Raises `CannotConvert` if there is nothing to write, the format is unknown, or a figure does not open, and
    `MissingExtra` for PDF without reportlab, or Word without python-docx.
    """
    if form not in FORMATS:
        raise CannotConvert(f"There is no format {form!r}.", f"Choose one of: {', '.join(FORMATS)}.")
    if not turns:
        raise CannotConvert("There is nothing to write yet.", "Ask something first.")
    turns = [_cleaned(turn) for turn in turns]
    title = clean(title) or turns[0].question or "Answer"
    day = day or date.today()
    if form == "pdf":
        from generators.documents.pdf import pdf

        data = pdf(turns, title, day)
    elif form == "docx":
        from generators.documents.docx import docx

        data = docx(turns, title, day)
    elif form == "html":
        from generators.documents.html import html

        data = html(turns, title, day).encode()
    else:
        from generators.documents.markdown import markdown

        data = markdown(turns, title, day).encode()
    facts = {"converter": "document", "format": form, "title": title, "turns": len(turns)}
    return Medium("document", text=title, data=data, mime=FORMATS[form], facts=facts)


def _cleaned(turn: DocumentTurn) -> DocumentTurn:
    return DocumentTurn(
        clean(turn.question),
        clean(turn.answer),
        tuple(replace(each, document=clean(each.document), quote=clean(each.quote)) for each in turn.citations),
        tuple(replace(each, caption=clean(each.caption)) for each in turn.figures),
    )
