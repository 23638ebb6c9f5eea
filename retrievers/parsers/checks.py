"""What must hold of a file before a parser opens it, and how a library's errors become a `BadDocument`."""

import codecs
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common.errors import BadDocument
from retrievers.parsers.characters.encodings import looks_wide

MAX_UNPACKED = 2 * 1024**3  # bytes in an office file's archive, all members together
MAX_RATIO = 150  # unpacked to packed; office XML reaches about 30
SUSPECT = 50 * 1024**2  # bytes; below this no ratio does harm
MAX_MEMBERS = 20_000

_ZIP, _OLE, _RTF = "an office or zip archive", "an old or encrypted office file", "rich text (RTF)"
_SIGNATURES = {
    b"%PDF-": "a PDF",
    b"\x89PNG\r\n\x1a\n": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"II*\x00": "a TIFF picture",
    b"MM\x00*": "a TIFF picture",
    b"II+\x00": "a TIFF picture",
    b"MM\x00+": "a TIFF picture",
    b"PK\x03\x04": _ZIP,
    b"\xd0\xcf\x11\xe0": _OLE,
    b"{\\rtf": _RTF,
    b"\x7fELF": "a program",
    b"\x1f\x8b": "a gzip archive",
}
_WORD, _SLIDES = (".docx", ".docm", ".dotx", ".dotm"), (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx")
_EXPECTED = {
    ".pdf": "a PDF",
    ".png": "a PNG picture",
    ".jpg": "a JPEG picture",
    ".jpeg": "a JPEG picture",
    ".webp": "a WebP picture",
    ".gif": "a GIF picture",
    ".tif": "a TIFF picture",
    ".tiff": "a TIFF picture",
    **dict.fromkeys((*_WORD, *_SLIDES, ".xlsx", ".odt", ".ods", ".odp", ".epub", ".zip"), _ZIP),
    **dict.fromkeys((".doc", ".ppt", ".xls", ".msg"), _OLE),
    ".rtf": _RTF,
}
_MAIN_PART = {
    **dict.fromkeys(_WORD, "word/"),
    **dict.fromkeys(_SLIDES, "ppt/"),
    ".xlsx": "xl/",
    ".epub": "META-INF/container.xml",
    **dict.fromkeys((".odt", ".ods", ".odp"), "content.xml"),
}
_TEXT = frozenset(
    {
        ".md",
        ".markdown",
        ".html",
        ".htm",
        ".txt",
        ".csv",
        ".tsv",
        ".eml",
        ".json",
        ".jsonl",
        ".ndjson",
        ".ipynb",
        ".svg",
    }
)
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


def check(path: Path, root: Path | None = None) -> None:
    """Raises `BadDocument` with the reason and the cure when `path` cannot be a document of its extension."""
    if root is not None and not path.resolve().is_relative_to(root.resolve()):
        raise BadDocument(
            f"{path.name} leads outside the folder, to {path.resolve()}.", "Copy the file into the folder."
        )
    if not path.exists():
        raise BadDocument(f"{path.name} does not exist.", "Check the path.")
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "not a regular file"
        raise BadDocument(f"{path.name} is {kind}.", "Give a file, or the folder's own path to read what is in it.")
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise BadDocument(
            f"{path.name} cannot be read ({error.strerror}).", f'Allow it with: chmod u+r "{path.name}"'
        ) from error
    if not head:
        raise BadDocument(f"{path.name} is empty.", "Export or download it again.")
    _check_signature(path, head)
    if path.suffix.lower() in _MAIN_PART:
        check_archive(path)


def _check_signature(path: Path, head: bytes) -> None:
    extension, found = path.suffix.lower(), _sniff(head)
    if extension in _TEXT:
        if found is None and b"\x00" in head and not head.startswith(_WIDE_MARKS) and not looks_wide(head):
            found = "binary data"
        if found is not None:
            raise BadDocument(f"{path.name} holds {found}, not text.", "Give it the extension of what it is.")
        return
    expected = _EXPECTED.get(extension)
    if expected is None or found == expected:
        return
    if found == _OLE:
        raise BadDocument(
            f"{path.name} is encrypted, or in the old binary office format.",
            f"Remove its password and save it as {extension}.",
        )
    raise BadDocument(
        f"{path.name} is named like {expected} but holds {found or 'something else'}.",
        "Give it the extension of what it is, or export it again.",
    )


def _sniff(head: bytes) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "a WebP picture"
    for signature, name in _SIGNATURES.items():
        if head.startswith(signature):
            return name
    return "a PDF" if b"%PDF-" in head[:1024] else None  # some writers put a few bytes before it


def check_archive(path: Path) -> None:
    """Refuse archives that would unpack to far more than they are: sizes are read, nothing is unpacked."""
    with reading(path), zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    unpacked, packed = sum(m.file_size for m in members), max(1, sum(m.compress_size for m in members))
    if unpacked > MAX_UNPACKED or len(members) > MAX_MEMBERS or (unpacked > SUSPECT and unpacked / packed > MAX_RATIO):
        raise BadDocument(
            f"{path.name} is a decompression bomb: {len(members)} parts that unpack to {unpacked / 1e6:,.0f} MB, "
            f"{unpacked / packed:,.0f} times their size.",
            "Do not trust this file; ask its author for a plain one.",
        )
    part = _MAIN_PART.get(path.suffix.lower(), "")
    if not any(member.filename.startswith(part) for member in members):
        raise BadDocument(
            f"{path.name} is an archive, but not a {path.suffix.lower()} document.",
            "Give it the extension of what it is.",
        )


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turns what parsing libraries raise on damaged files into `BadDocument`. (XML errors are `SyntaxError`s.)"""
    try:
        yield
    except PermissionError as error:
        raise BadDocument(f"{path.name} cannot be read ({error.strerror}).", "Check its permissions.") from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        OSError,
        EOFError,
        SyntaxError,
        LookupError,
        ValueError,
        AttributeError,  # python-docx, python-pptx and openpyxl: a part that must be there is not
        TypeError,
    ) as error:
        reason = str(error).strip() or type(error).__name__
        raise BadDocument(
            f"{path.name} is damaged or cut short ({reason[:200]}).", "Export or download it again."
        ) from error
