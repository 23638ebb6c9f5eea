"""Jupyter notebooks (nbformat 3 and 4): Markdown as it is written, code, and what the code put out, as a web page."""

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from common.errors import BadDocument
from retrievers.parsers.characters.encodings import decode
from retrievers.parsers.flow.layout import FlowDocument
from retrievers.parsers.html.document import html_document
from retrievers.parsers.text.document import markdown_html

PICTURES = ("image/png", "image/jpeg", "png", "jpeg")  # the last two: nbformat 3
HTML, TEXT = ("text/html", "html"), ("text/plain", "text", "evalue")


def open_notebook(path: Path) -> FlowDocument:
    """Raises `BadDocument` when it is no notebook."""
    try:
        notebook = json.loads(decode(path)[0])
        cells = notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]
        html = "".join(part for cell in cells for part in _cell(cell))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise BadDocument(f"{path.name} is not a readable notebook ({error}).", "Save it again.") from error
    return html_document(path, html)


def _cell(cell: Any) -> Iterator[str]:
    kind, source = cell["cell_type"], _joined(cell.get("source", cell.get("input", "")))
    if kind == "heading":  # nbformat 3
        yield f"<h{int(cell['level'])}>{escape(source)}</h{int(cell['level'])}>"
    elif kind == "markdown":
        yield markdown_html(source)
    else:
        yield _lines(source)
    yield from map(_output, cell.get("outputs", ()))


def _output(output: Any) -> str:
    """The richest form that can be read: a picture, a web page, or text."""
    held = output.get("data", output)
    for kind in PICTURES:
        if kind in held:
            return f'<img src="data:;base64,{escape("".join(_joined(held[kind]).split()))}">'
    for kind in HTML:
        if kind in held:
            return f"<div>{_joined(held[kind])}</div>"
    return _lines(next((_joined(held[kind]) for kind in TEXT if kind in held), ""))


def _lines(text: str) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())


def _joined(text: Any) -> str:
    """Notebooks keep texts as lists of lines, or whole."""
    return text if isinstance(text, str) else "".join(text)
