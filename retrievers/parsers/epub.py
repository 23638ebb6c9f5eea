"""EPUB 2 and 3 (W3C EPUB 3.3): the chapters of the spine, in its order, each read as the web page it is."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote

from common.errors import BadDocument
from retrievers.parsers.characters.encodings import decode
from retrievers.parsers.containers.archive import Allowance, unpack
from retrievers.parsers.flow.layout import FlowDocument
from retrievers.parsers.html.document import html_document
from retrievers.parsers.office.xml import local, parse_file


def open_epub(path: Path) -> FlowDocument:
    """Raises `BadDocument` when the book is damaged, or protected against being read."""
    with TemporaryDirectory(prefix="triptych-") as name:
        folder = Path(name)
        for _ in unpack(path, folder, Allowance()):
            pass
        container = parse_file(path, folder / "META-INF" / "container.xml")
        package = next((each.get("full-path", "") for each in container.iter() if local(each) == "rootfile"), "")
        _inside(path, folder, folder / package)
        book = parse_file(path, folder / package)
        chapters = [_inside(path, folder, (folder / package).parent / href) for href in _spine(book)]
        _check_protection(path, folder, chapters)
        title = next(("".join(each.itertext()) for each in book.iter() if local(each) == "title"), "")
        pages = (_page(chapter, folder) for chapter in chapters if chapter.is_file())
        return html_document(path, "\n".join(pages), " ".join(title.split()))


def _spine(book: Any) -> Iterator[str]:
    """Addresses of the chapters, as seen from the package file."""
    addresses = {each.get("id"): each.get("href", "") for each in book.iter() if local(each) == "item"}
    for each in book.iter():
        if local(each) == "itemref" and (address := addresses.get(each.get("idref"))):
            yield unquote(address)


def _inside(path: Path, folder: Path, part: Path) -> Path:
    if not part.resolve().is_relative_to(folder.resolve()):
        raise BadDocument(f"{path.name} names a part that lies outside of it.", "Do not trust this file.")
    return part


def _check_protection(path: Path, folder: Path, chapters: list[Path]) -> None:
    """Fonts may be scrambled; a book whose chapters are is protected."""
    listed = folder / "META-INF" / "encryption.xml"
    if not listed.exists():
        return
    names = (each.get("URI", "") for each in parse_file(path, listed).iter() if local(each) == "CipherReference")
    scrambled = {(folder / unquote(name)).resolve() for name in names}
    if any(chapter.resolve() in scrambled for chapter in chapters):
        raise BadDocument(f"{path.name} is protected (DRM).", "Get a copy of it without protection.")


def _page(chapter: Path, folder: Path) -> str:
    """The chapter as a web page that holds its pictures."""
    from bs4 import BeautifulSoup

    page = BeautifulSoup(decode(chapter)[0], "html.parser")
    for image in page.find_all("img"):
        picture = (chapter.parent / unquote(str(image.get("src", "")))).resolve()
        if picture.is_relative_to(folder.resolve()) and picture.is_file():
            image["src"] = f"data:;base64,{b64encode(picture.read_bytes()).decode()}"
    return str(page)
