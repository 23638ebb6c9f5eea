"""What DOCX and PPTX have in common: the package in the form their libraries open, names of elements, related parts.

Namespaces and content types as in ECMA-376; the Strict variant (ISO/IEC 29500) has the same elements under other names.
"""

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from common.errors import BadDocument
from retrievers.parsers.characters.symbol_fonts import sign

T = TypeVar("T")

_OPEN, _MS = "http://schemas.openxmlformats.org/", "http://schemas.microsoft.com/office/"
NAMESPACES = {
    "w": f"{_OPEN}wordprocessingml/2006/main",
    "p": f"{_OPEN}presentationml/2006/main",
    "a": f"{_OPEN}drawingml/2006/main",
    "c": f"{_OPEN}drawingml/2006/chart",
    "cx": f"{_MS}drawing/2014/chartex",
    "dgm": f"{_OPEN}drawingml/2006/diagram",
    "m": f"{_OPEN}officeDocument/2006/math",
    "r": f"{_OPEN}officeDocument/2006/relationships",
    "wp": f"{_OPEN}drawingml/2006/wordprocessingDrawing",
    "mc": f"{_OPEN}markup-compatibility/2006",
    "v": "urn:schemas-microsoft-com:vml",
}
DELETED = frozenset({"w:del", "w:moveFrom"})  # tracked changes: what was taken out
_PREFIXES = {uri: prefix for prefix, uri in NAMESPACES.items()}
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_WORD, _SLIDES = "wordprocessingml.document", "presentationml.presentation"
_VARIANTS = {  # content types of templates, shows and files with macros -> of the plain document
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml": _WORD,
    "application/vnd.ms-word.document.macroEnabled.main+xml": _WORD,
    "application/vnd.ms-word.template.macroEnabledTemplate.main+xml": _WORD,
    "application/vnd.openxmlformats-officedocument.presentationml.template.main+xml": _SLIDES,
    "application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml": _SLIDES,
    "application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml": _SLIDES,
    "application/vnd.ms-powerpoint.template.macroEnabled.main+xml": _SLIDES,
}


def qn(name: str) -> str:
    """`w:p` as lxml writes it: `{uri}p`."""
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def name(element: Any) -> str:
    """The element's name with the prefix of `NAMESPACES`, `:local` when it is of another; "" for a comment."""
    return _name(element.tag) if isinstance(element.tag, str) else ""


@cache
def _name(tag: str) -> str:
    uri, _, local = tag.removeprefix("{").rpartition("}")
    return f"{_PREFIXES.get(uri, '')}:{local}"


def value(element: Any, path: str) -> str:
    """The `val` of the child (or descendant, `a/b`) of that name, "" where there is none."""
    child = element.find("/".join(map(qn, path.split("/"))))
    return (
        ""
        if child is None
        else str(child.get(qn(f"{path.rpartition('/')[2].partition(':')[0]}:val"), child.get("val", "")))
    )


def branch(alternate: Any, *wanted: str) -> Any:
    """Of an `mc:AlternateContent` the first choice that holds an element of the names `wanted`, else its fallback."""
    sought = [qn(one) for one in wanted]
    for choice in alternate.findall(qn("mc:Choice")):
        if next(choice.iter(*sought), None) is not None:
            return choice
    return alternate.find(qn("mc:Fallback"))


def parse(data: bytes) -> Any:
    """The root of an XML part; entities are not resolved. Raises `SyntaxError`."""
    from lxml import etree

    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))


def root(part: Any) -> Any:
    """The root of a part of python-docx or python-pptx, parsed by them or not."""
    element = getattr(part, "_element", None)
    return parse(part.blob) if element is None else element


def related(part: Any, key: str) -> Any:
    """The part that the relationship `key` leads to. Raises `ValueError` with the reason when it is not in the file."""
    relation = part.rels.get(key)
    if relation is None:
        raise ValueError("it is missing in the file")
    if relation.is_external:
        raise ValueError("it is linked, not in the file")
    return relation.target_part


def attempt(what: str, read: Callable[[], Iterable[T]]) -> tuple[list[T], str]:
    """What `read` gives, and a note where something is wrong with it: one bad picture or chart is not a bad file."""
    found: list[T] = []
    try:
        found.extend(read())
    except Exception as error:  # noqa: BLE001 - strangers' XML breaks the libraries in any way
        return found, f"{what} skipped: {' '.join(str(error).split())[:120] or type(error).__name__}"
    return found, ""


@contextmanager
def opening(path: Path) -> Iterator[None]:
    """Turns whatever a damaged package makes the libraries raise into a `BadDocument`."""
    try:
        yield
    except BadDocument:
        raise
    except Exception as error:  # python-docx and python-pptx raise errors of all kinds
        kind, reason = path.suffix[1:].upper(), " ".join(str(error).split())[:200] or type(error).__name__
        raise BadDocument(f"{path.name} is not a readable {kind} ({reason}).", "Open it, and save it again.") from error


def plain_package(path: Path) -> Path | BytesIO:
    """The file itself, or a copy in memory where the libraries would refuse it: with Strict names, of a variant such as
    .dotx or .ppsx, or with relationships that lead nowhere. Raises as `zipfile` and `parse` do."""
    with zipfile.ZipFile(path) as package:
        members = {member.filename: member for member in package.infolist()}
        types = package.read("[Content_Types].xml")
        relations = {each: package.read(each) for each in members if each.endswith(".rels")}
        whole = {each: _whole(each, data, members.keys()) for each, data in relations.items()}
        strict = any(map(_STRICT.search, relations.values()))
        plain = _plain_types(types)
        if not strict and plain == types and whole == relations:
            return path
        changed = whole | {"[Content_Types].xml": plain}
        copy = BytesIO()
        with zipfile.ZipFile(copy, "w") as out:
            for each in members:
                data = changed.get(each) or package.read(each)
                out.writestr(each, _transitional(data) if each.endswith((".xml", ".rels")) else data)
    copy.seek(0)
    return copy


def _transitional(data: bytes) -> bytes:
    return _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", data)


def _plain_types(types: bytes) -> bytes:
    for variant, plain in _VARIANTS.items():
        full = f"application/vnd.openxmlformats-officedocument.{plain}.main+xml"
        types = types.replace(f'"{variant}"'.encode(), f'"{full}"'.encode())
    return types


def _whole(member: str, data: bytes, members: Iterable[str]) -> bytes:
    """A part's relationships without those whose target is not in the package."""
    from lxml import etree

    base = posixpath.dirname(posixpath.dirname(member))
    relations = parse(data)
    lost = [
        one
        for one in relations
        if isinstance(one.tag, str)
        and one.get("TargetMode") != "External"
        and _member(base, one.get("Target", "")) not in members
    ]
    for one in lost:
        relations.remove(one)
    return etree.tostring(relations, xml_declaration=True, encoding="UTF-8", standalone=True) if lost else data


def _member(base: str, target: str) -> str:
    path = unquote(target.partition("#")[0])
    return posixpath.normpath(path if path.startswith("/") else posixpath.join("/", base, path)).lstrip("/")


def symbol(element: Any) -> str:
    """The sign that a `w:sym` stands for."""
    code = element.get(qn("w:char"), "")
    return sign(element.get(qn("w:font"), ""), int(code, 16)) if code else ""
