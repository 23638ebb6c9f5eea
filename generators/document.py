"""An answer, or a whole conversation, as a document: PDF, Word, HTML or Markdown, with citations and figures."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from common.untrusted import disarmed, plain_markdown, readable
from common.untrusted import markdown as markdown_reader
from generators.base import NOTHING, CannotConvert, Info, Medium, Watch, clean, read_options, text_of

FORMATS = {
    "markdown": "text/markdown",
    "html": "text/html",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@dataclass(frozen=True, slots=True)
class Citation:
    """What `[number]` in an answer points at. `box` is in page units: 0..1 from the top left corner."""

    number: int
    document: str
    page: int
    quote: str = ""
    box: tuple[float, float, float, float] | None = None

    @property
    def place(self) -> str:
        """ "report.pdf, page 7, 12% from the top"."""
        where = f", {self.box[1]:.0%} from the top" if self.box else ""
        return f"{self.document}, page {self.page}{where}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture file (PNG, JPEG, WebP) and what stands below it."""

    path: Path
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer; the answer is Markdown with marks such as [1]."""

    question: str
    answer: str
    citations: tuple[Citation, ...] = ()
    figures: tuple[Figure, ...] = ()


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
        return export([Turn("", text_of(source, request))], chosen.format, chosen.title)


def export(turns: Sequence[Turn], form: str = "pdf", title: str = "", day: date | None = None) -> Medium:
    """Turns in order as one document; pictures are inside it, but named by path in Markdown.

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
        from generators.document_pdf import pdf

        data = pdf(turns, title, day)
    elif form == "docx":
        from generators.document_docx import docx

        data = docx(turns, title, day)
    elif form == "html":
        from generators.document_html import html

        data = html(turns, title, day).encode()
    else:
        data = markdown(turns, title, day).encode()
    facts = {"converter": "document", "format": form, "title": title, "turns": len(turns)}
    return Medium("document", text=title, data=data, mime=FORMATS[form], facts=facts)


def _cleaned(turn: Turn) -> Turn:
    return Turn(
        clean(turn.question),
        clean(turn.answer),
        tuple(replace(each, document=clean(each.document), quote=clean(each.quote)) for each in turn.citations),
        tuple(replace(each, caption=clean(each.caption)) for each in turn.figures),
    )


def markdown(turns: Sequence[Turn], title: str, day: date) -> str:
    """The turns as Markdown. What documents say in it is words: only the figures are pictures, nothing is a link."""
    parts = [f"# {plain_markdown(title)}", f"*{day.isoformat()}*"]
    for turn in turns:
        if turn.question and plain_markdown(turn.question) != plain_markdown(title):
            parts.append(f"## {plain_markdown(turn.question)}")
        parts.append(_closed(disarmed(readable(turn.answer.strip()))))
        parts += [f"![{plain_markdown(figure.caption)}](<{_address(figure.path)}>)" for figure in turn.figures]
        if turn.citations:
            lines = [f"- [{each.number}] {plain_markdown(each.place)}{_quoted(each)}" for each in turn.citations]
            parts.append("**Sources**\n\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def figure_bytes(figure: Figure) -> bytes:
    """The picture file. Raises `CannotConvert` if it is not there."""
    try:
        return figure.path.read_bytes()
    except OSError as error:
        raise CannotConvert(f"The figure {figure.path.name} cannot be read.", "Make it again.") from error


def _closed(text: str) -> str:
    """Markdown with its last block of code closed, so that nothing after it is taken for code."""
    last = next(reversed(markdown_reader().parse(text)), None)
    if last is None or last.type != "fence" or last.map is None:
        return text
    lines = text.split("\n")[slice(*last.map)]
    end = lines[-1].strip()
    closed = len(lines) > 1 and end.startswith(last.markup) and not end.strip(last.markup[0])
    return text if closed else f"{text}\n{last.markup}"


def _address(path: Path) -> str:
    return re.sub(r"[\\<>]", r"\\\g<0>", str(path))


def _quoted(citation: Citation) -> str:
    return f": “{plain_markdown(citation.quote)}”" if citation.quote else ""
