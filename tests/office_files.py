"""Office files for tests: raw XML put into files that python-docx and python-pptx make."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lxml import etree

from retrievers.elements import Page
from retrievers.parsers import open_document
from retrievers.parsers.office.ooxml import NAMESPACES

_DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
WPS = 'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'


def xml(text: str) -> Any:
    """One element; the usual prefixes are declared."""
    return etree.fromstring(re.sub(r"(?<=<)[\w:]+", rf"\g<0> {_DECLARED}", text, count=1))


def p(*runs: str) -> str:
    """A Word paragraph of texts and of raw XML."""
    return f"<w:p>{''.join(run if run.startswith('<') else f'<w:r><w:t>{run}</w:t></w:r>' for run in runs)}</w:p>"


def tc(*inner: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{''.join(inner)}</w:tc>"


def tbl(*rows: list[str]) -> str:
    inner = "".join(f"<w:tr>{''.join(row)}</w:tr>" for row in rows)
    return f"<w:tbl>{inner}</w:tbl>"


def word(path: Path, *body: str) -> Path:
    import docx

    document = docx.Document()
    for element in body:
        document.element.body.insert(len(document.element.body) - 1, xml(element))
    document.save(str(path))
    return path


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The package with every member changed, or left out where `change` gives None."""
    with zipfile.ZipFile(path) as package:
        members = {name: change(name, package.read(name)) for name in package.namelist()}
    with zipfile.ZipFile(path, "w") as package:
        for name, data in members.items():
            if data is not None:
                package.writestr(name, data)
    return path


def pages(path: Path) -> list[Page]:
    """All pages; each is drawn as well."""
    with open_document(path, path.parent) as document:
        numbers = range(1, document.page_count + 1)
        for number in numbers:
            assert document.render(number, 300).width == 300
        return [document.page(number) for number in numbers]


def texts(path: Path) -> list[str]:
    return [block.text for page in pages(path) for block in page.blocks]


def notes(path: Path) -> list[str]:
    return [note for page in pages(path) for note in page.notes]
