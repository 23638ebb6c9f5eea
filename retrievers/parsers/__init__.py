"""Parsers by file extension."""

from pathlib import Path

from common.registry import Registry
from retrievers.parsers.base import Document

PARSERS = Registry("parser", {".pdf": "retrievers.parsers.pdf:PdfDocument"})


def supported(path: Path) -> bool:
    return path.suffix.lower() in PARSERS.names()


def open_document(path: Path, root: Path | None = None) -> Document:
    document: Document = PARSERS.get(path.suffix.lower())(path)
    return document
