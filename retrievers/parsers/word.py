"""DOCX: headings, paragraphs, tables and pictures in document order."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from common.errors import BadDocument
from retrievers.parsers.flow_layout import MIN_PICTURE, FlowDocument, Item, open_picture, square
from retrievers.parsers.layout import CAPTION

HEADING = re.compile(r"^(?:Heading (\d)|Title)$")


def open_word(path: Path) -> FlowDocument:
    """Raises `BadDocument` when the file is damaged."""
    from zipfile import BadZipFile

    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import XMLSyntaxError

    try:
        document = docx.Document(str(path))
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError, XMLSyntaxError) as error:
        raise BadDocument(f"{path.name} is not a readable DOCX ({error}).", "Save it again from Word.") from error
    return FlowDocument(path, _captioned(list(_items(document))), document.core_properties.title or "")


def _items(document: Any) -> Iterator[Item]:
    from docx.table import Table

    for part in document.iter_inner_content():
        if isinstance(part, Table):
            rows = square([[" ".join(cell.text.split()) for cell in row.cells] for row in part.rows])
            if rows:
                yield Item("table", rows=rows)
            continue
        text = " ".join(part.text.split())
        style = HEADING.match(part.style.name or "")
        if text and style:
            yield Item("heading", text, level=min(int(style[1] or 1), 3))
        elif text:
            yield Item("text", f"- {text}" if (part.style.name or "").startswith("List") else text)
        yield from _pictures(part)


def _pictures(paragraph: Any) -> Iterator[Item]:
    for blip in paragraph._p.xpath(".//a:blip/@r:embed"):
        data = paragraph.part.related_parts[blip].blob
        try:
            small = min(open_picture(data).size) < MIN_PICTURE
        except OSError as error:
            yield Item("text", note=f"picture skipped: {error}")
            continue
        note = f"picture skipped: smaller than {MIN_PICTURE} pixels" if small else ""
        yield Item("text", note=note) if note else Item("figure", picture=data)


def _captioned(items: list[Item]) -> Iterator[Item]:
    """A paragraph "Figure 1: ..." beside a picture or table becomes its caption."""
    from dataclasses import replace

    used: set[int] = set()
    for place, item in enumerate(items):
        if item.kind in ("figure", "table"):
            for near in (place + 1, place - 1):
                text = items[near].text if 0 <= near < len(items) else ""
                if near not in used and CAPTION.match(text) and items[near].kind == "text":
                    items[place] = replace(item, caption=text)
                    used.add(near)
                    break
    return (item for place, item in enumerate(items) if place not in used)
