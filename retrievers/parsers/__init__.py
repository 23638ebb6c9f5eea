"""Parsers by file extension: one file per format family, loaded on first use.

Third parties join through the entry-point group `triptych.parser` (name: the extension with its dot, or a name of
another parser of PDFs).
"""

from functools import cache
from pathlib import Path

from common.errors import BadDocument
from common.registry import Registry
from retrievers.parsers.base import Document
from retrievers.parsers.checks import check

PARSERS = Registry(
    "parser",
    {
        ".pdf": "retrievers.parsers.pdf.document:PdfDocument",
        "docling": "retrievers.parsers.docling:DoclingPdf",
        ".png": "retrievers.parsers.images:ImageDocument",
        ".jpg": "retrievers.parsers.images:ImageDocument",
        ".jpeg": "retrievers.parsers.images:ImageDocument",
        ".webp": "retrievers.parsers.images:ImageDocument",
        ".gif": "retrievers.parsers.images:ImageDocument",
        ".tif": "retrievers.parsers.images:ImageDocument",
        ".tiff": "retrievers.parsers.images:ImageDocument",
        ".bmp": "retrievers.parsers.images:ImageDocument",
        ".heic": "retrievers.parsers.images:open_heic",
        ".heif": "retrievers.parsers.images:open_heic",
        ".svg": "retrievers.parsers.svg:open_svg",
        ".md": "retrievers.parsers.text.document:open_markdown",
        ".markdown": "retrievers.parsers.text.document:open_markdown",
        ".html": "retrievers.parsers.html.document:open_html",
        ".htm": "retrievers.parsers.html.document:open_html",
        ".txt": "retrievers.parsers.text.document:open_text",
        **dict.fromkeys((".docx", ".docm", ".dotx", ".dotm"), "retrievers.parsers.word.document:open_word"),
        **dict.fromkeys(
            (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx"), "retrievers.parsers.slides.document:SlideDocument"
        ),
        ".xlsx": "retrievers.parsers.sheets.excel:open_excel",
        ".csv": "retrievers.parsers.sheets.plain:open_csv",
        ".tsv": "retrievers.parsers.sheets.plain:open_csv",
        ".xls": "retrievers.parsers.sheets.plain:open_other_sheets",
        ".ods": "retrievers.parsers.sheets.plain:open_other_sheets",
        ".odt": "retrievers.parsers.office.opendocument:open_opendocument",
        ".odp": "retrievers.parsers.office.opendocument:open_opendocument",
        ".rtf": "retrievers.parsers.text.rich_text:open_rtf",
        ".epub": "retrievers.parsers.epub:open_epub",
        ".doc": "retrievers.parsers.legacy_office:open_legacy",
        ".ppt": "retrievers.parsers.legacy_office:open_legacy",
        ".ipynb": "retrievers.parsers.text.notebook:open_notebook",
        ".json": "retrievers.parsers.text.json_values:open_json",
        ".jsonl": "retrievers.parsers.text.json_values:open_json_lines",
        ".ndjson": "retrievers.parsers.text.json_values:open_json_lines",
        ".eml": "retrievers.parsers.containers.compound:CompoundDocument",
        ".msg": "retrievers.parsers.containers.compound:CompoundDocument",
        ".zip": "retrievers.parsers.containers.compound:CompoundDocument",
    },
)


CURES = {
    **dict.fromkeys((".mp3", ".wav", ".ogg", ".flac", ".m4a"), "Send it with a question instead."),
    **dict.fromkeys((".pages", ".numbers", ".key"), "Export it as PDF."),
    **dict.fromkeys((".rar", ".7z", ".gz", ".bz2", ".xz", ".tar", ".tgz"), "Unpack it and give the folder."),
    **dict.fromkeys((".mobi", ".azw", ".azw3"), "Convert it to EPUB."),
}


@cache
def _extensions() -> frozenset[str]:
    return frozenset(name for name in PARSERS.names() if name.startswith("."))


def supported(path: Path) -> bool:
    return path.suffix.lower() in _extensions()


def unsupported(path: Path) -> BadDocument:
    """Why a file of this kind is not read, and what to do about it."""
    extension = path.suffix.lower()
    if not extension:
        return BadDocument(f"{path.name} has no extension, so its kind is not known.", "Name it after what it is.")
    cure = CURES.get(extension, "Save or export it as PDF.")
    return BadDocument(f"{path.name} is of a kind that is not read ({extension}).", cure)


def open_document(path: Path, root: Path | None = None, pdf_parser: str = ".pdf") -> Document:
    """The document at `path`, checked before any parser sees it; PDFs by the parser of that name.

    Raises `BadDocument`: missing, no regular file, empty, unreadable, outside `root` (the folder being ingested)
    through a link, of an unknown kind, not what its name says, or damaged.
    """
    if not supported(path):
        raise unsupported(path)
    check(path, root)
    extension = path.suffix.lower()
    document: Document = PARSERS.get(pdf_parser if extension == ".pdf" else extension)(path)
    return document
