"""RTF, by striprtf: paragraphs and tables; its pictures, headers and footers are not read."""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from common.errors import BadDocument
from common.untrusted import joined
from retrievers.parsers.flow.items import Item, square
from retrievers.parsers.flow.layout import FlowDocument

BAR = "\ue000"  # stands for a "|" of the text, since striprtf ends cells with one
BREAK = "\ue001"  # for the end of a paragraph inside a cell, since striprtf ends lines with it
_ESCAPED_BAR = re.compile(r"(?<!\\)\|")
_CONTROL = re.compile(r"\\(?:([a-z]+)(-?\d+)? ?|.)", re.DOTALL)


def open_rtf(path: Path) -> FlowDocument:
    """Raises `BadDocument` when the file is damaged."""
    from striprtf.striprtf import rtf_to_text

    source = path.read_bytes().decode("latin-1")
    try:
        text = rtf_to_text(_lines_kept(_ESCAPED_BAR.sub(rf"\\u{ord(BAR) - 0x10000}?", source)), errors="replace")  # type: ignore[no-untyped-call]
    except (ValueError, LookupError, TypeError, OverflowError) as error:
        raise BadDocument(f"{path.name} is a damaged RTF ({error}).", "Save it again, best as DOCX.") from error
    pictures = source.count("\\pict")
    notes = [Item("text", note=f"pictures skipped: {pictures}, which RTF keeps in a form that is not read")]
    said = joined(text)
    return FlowDocument(path, [*(notes if pictures else ()), *_items(said)], path.stem, _words(said))


def _lines_kept(source: str) -> str:
    """`source` with `BREAK` for the ends of lines and paragraphs inside cells (RTF 1.9.1, "Table Definitions")."""
    inside = False

    def kept(found: re.Match[str]) -> str:
        nonlocal inside
        word = found[1]
        inside = word in ("intbl", "trowd") or (inside and word not in ("pard", "row"))
        return f"\\u{ord(BREAK) - 0x10000}?" if inside and word in ("par", "line") else found[0]

    return _CONTROL.sub(kept, source)


def _items(text: str) -> Iterator[Item]:
    """A line that ends with a cell's end is a row of a table."""
    lines = (line.strip() for line in text.splitlines())
    for table, group in groupby((line for line in lines if line), key=lambda line: line.endswith("|")):
        if table:
            rows = [[_words(cell) for cell in line[:-1].split("|")] for line in group]
            yield Item("table", rows=square(rows))
        else:
            yield from (Item("text", _words(line)) for line in group)


def _words(text: str) -> str:
    return " ".join(text.replace(BAR, "|").replace(BREAK, " ").split())
