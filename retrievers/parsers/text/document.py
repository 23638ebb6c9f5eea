"""Markdown, which becomes HTML first, and plain text, in which columns set with spaces or tabs are tables."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlparse

from retrievers.elements import Rows
from retrievers.parsers.characters.encodings import decode
from retrievers.parsers.flow.items import Item, square
from retrievers.parsers.flow.layout import FlowDocument
from retrievers.parsers.html.document import html_document

if TYPE_CHECKING:
    from markdown_it.token import Token

MAX_NESTING = 100  # quotations and lists inside one another; with deeper ones lines are only lines
DEEPER = f"quotations or lists are nested more than {MAX_NESTING} deep: read line by line"
MIN_ROWS = 3  # with fewer, two spaces in a row mean nothing; two where a line is drawn under the header
GUTTER = 2  # spaces between columns
CELL_LENGTH = 40  # characters, on average; columns of prose have longer "cells"
TITLE_LINES = 2  # that may stand on a table without a blank line between
_RULE = re.compile(r"(?=.*[-=_]{3})[-=_+|:\s]*")
_PARAGRAPHS = re.compile(r"\n(?:[^\S\n]*\n)+|\f")


def open_markdown(path: Path) -> FlowDocument:
    text, note = decode(path)
    html, matter, deep = _rendered(text)
    return html_document(path, _lines(matter) + html, _title(matter), [note, DEEPER if deep else ""])


def markdown_html(text: str) -> str:
    """CommonMark with tables, footnotes and definition lists as the web page it stands for; no front matter. The
    addresses that links lead to stand behind them: whoever reads the file sees them."""
    return _rendered(text)[0]


def _rendered(text: str) -> tuple[str, str, bool]:
    """The web page, the front matter as it is written, and whether the nesting was too deep: then lines are lines."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.footnote import footnote_plugin
    from mdit_py_plugins.front_matter import front_matter_plugin

    reader = MarkdownIt("commonmark", {"html": True, "maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
    reader.use(front_matter_plugin).use(footnote_plugin).use(deflist_plugin)
    environment: dict[str, object] = {}
    tokens = reader.parse(text, environment)
    matter = next((token.content for token in tokens if token.type == "front_matter"), "")
    if any(token.level >= MAX_NESTING - 1 for token in tokens):  # what is deeper is left out of them
        return _lines(text.removeprefix(matter)), matter, True
    for token in tokens:
        token.children = token.children and list(_with_addresses(token.children, reader.normalizeLinkText))
    return reader.renderer.render(tokens, reader.options, environment), matter, False


def _with_addresses(tokens: Sequence["Token"], written: Callable[[str], str]) -> Iterator["Token"]:
    """Pieces of a line, with the address of each link that leads out of the folder and does not show it itself."""
    address, shown = "", ""
    for token in tokens:
        yield token
        if token.type == "link_open":
            address, shown = written(str(token.attrs["href"])), ""
        elif token.type == "link_close" and urlparse(address).scheme and address not in shown:
            yield replace(token, type="text", tag="", nesting=0, content=f" ({address.removeprefix('mailto:')})")
        else:
            shown += token.content


def _lines(text: str) -> str:
    return "".join(f"<p>{escape(line.lstrip('> '))}</p>" for line in text.splitlines())


def _title(matter: str) -> str:
    """The title that the front matter gives; "" where there is none or it is no YAML."""
    import yaml

    try:
        fields = yaml.load(matter, Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        return ""
    title = fields.get("title", "") if isinstance(fields, dict) else ""
    return title if isinstance(title, str) else ""


def open_text(path: Path) -> FlowDocument:
    text, note = decode(path)
    lines = "\n".join(text.splitlines())
    said = [Item("text", note=note)] if note else []
    return FlowDocument(path, (*said, *_items(lines)), path.stem, lines)


def _items(text: str) -> Iterator[Item]:
    for paragraph in _PARAGRAPHS.split(text):
        lines = [line.expandtabs() if "\t" not in line.strip() else line for line in paragraph.split("\n")]
        lines = [line for line in lines if line.strip()]
        found = [(columns(lines[top:]), lines[:top]) for top in range(TITLE_LINES + 1)]
        rows, title = max(found, key=lambda pair: len(pair[0][0]) if pair[0] else 0)
        title = title if rows else lines
        prose = " ".join(word for line in title for word in line.split())
        if prose:
            yield Item("text", prose)
        if rows:
            yield Item("table", rows=rows)


def columns(lines: Sequence[str]) -> Rows:
    """The cells of lines that are set in columns: by tabs, bars, the gaps of a drawn line, or gaps in all lines.

    Nothing for any other lines.
    """
    rules = [line for line in lines if _RULE.fullmatch(line)]
    lines = [line for line in lines if not _RULE.fullmatch(line)]
    if len(lines) < (MIN_ROWS - 1 if rules else MIN_ROWS):
        return ()
    for mark in ("\t", "|"):
        parts = [line.strip().strip("|" if mark == "|" else "").split(mark) for line in lines]
        if len(parts[0]) > 1 and len({len(cells) for cells in parts}) == 1:
            return _tidy(parts)
    lines = [line.expandtabs() for line in lines]
    starts = _drawn(rules, lines) or _gaps(lines)
    if len(starts) < 2:
        return ()
    return _tidy(
        [[line[left:right] for left, right in zip(starts, [*starts[1:], None], strict=True)] for line in lines]
    )


def _tidy(rows: Sequence[Sequence[str]]) -> Rows:
    """Cells without the space around them; nothing where most are too long, or where a column is mostly empty."""
    tidy = square([[" ".join(cell.split()) for cell in row] for row in rows])
    cells = [cell for row in tidy for cell in row if cell]
    full = all(2 * sum(map(bool, column)) >= len(tidy) for column in zip(*tidy, strict=True))
    return tidy if full and sum(map(len, cells)) <= CELL_LENGTH * len(cells) else ()


def _drawn(rules: Sequence[str], lines: Sequence[str]) -> list[int]:
    """Where columns begin under a line drawn in pieces, if no word of any line reaches from one into another."""
    starts = [match.start() for match in re.finditer(r"[-=_]+", rules[0].expandtabs())] if rules else []
    crossed = any(line[start - 1 : start].strip() for line in lines for start in starts[1:])
    return [0, *starts[1:]] if len(starts) > 1 and not crossed else []


def _gaps(lines: Sequence[str]) -> list[int]:
    """Where columns begin: after places at which every line is blank, most of them for two spaces or more."""
    inked = [any(line[place : place + 1].strip() for line in lines) for place in range(max(map(len, lines)))]
    starts = [place for place in range(len(inked)) if inked[place] and not (place and inked[place - 1])]
    return starts[:1] + [
        start for start in starts[1:] if 2 * sum(_wide_gap(line, start - 1) for line in lines) > len(lines)
    ]


def _wide_gap(line: str, place: int) -> bool:
    """Whether the blank at `place` is one of several, between words of the line."""
    left, right = line[: place + 1], line[place + 1 :]
    blanks = len(left) - len(left.rstrip()) + len(right) - len(right.lstrip())
    return bool(left.strip() and right.strip()) and blanks >= GUTTER
