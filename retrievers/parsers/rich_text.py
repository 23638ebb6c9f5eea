"""RTF, by striprtf: paragraphs and tables; its pictures, headers and footers are not read."""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from common.errors import BadDocument
from common.untrusted import joined
from retrievers.parsers.flow_layout import FlowDocument, Item, square

BAR = "\ue000"  # stands for a "|" of the text, since striprtf ends cells with one


def open_rtf(path: Path) -> FlowDocument:
    """Raises `BadDocument` when the file is damaged."""
    from striprtf.striprtf import rtf_to_text

    source = re.sub(r"(?<!\\)\|", rf"\\u{ord(BAR) - 0x10000}?", path.read_bytes().decode("latin-1"))
    try:
        text = rtf_to_text(source, errors="replace")  # type: ignore[no-untyped-call]
    except (ValueError, LookupError, TypeError, OverflowError) as error:
        raise BadDocument(f"{path.name} is a damaged RTF ({error}).", "Save it again, best as DOCX.") from error
    pictures = source.count("\\pict")
    notes = [Item("text", note=f"pictures skipped: {pictures}, which RTF keeps in a form that is not read")]
    return FlowDocument(path, [*(notes if pictures else ()), *_items(joined(text))], path.stem)


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
    return " ".join(text.replace(BAR, "|").split())
