"""HTML, Markdown and plain text. Markdown becomes HTML first, so both walk one path."""

import base64
import binascii
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote, urlparse

from common.errors import BadDocument
from retrievers.elements import Rows
from retrievers.parsers.flow_layout import MIN_PICTURE, FlowDocument, Item, open_picture, square

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

HEADINGS = {f"h{level}": min(level, 3) for level in range(1, 7)}
BLOCKS = {"p", "li", "pre", "blockquote", "dd", "dt", "table", "figure", "img", *HEADINGS}
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])", re.IGNORECASE)
UNSEEN = ("script", "style", "noscript", "template", "nav", "svg")


def decode(path: Path) -> str:
    """The file's text: UTF-8, UTF-16 with its mark, else Latin-1. Raises `BadDocument` for binary content."""
    data = path.read_bytes()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    if b"\0" in data:
        raise BadDocument(f"{path.name} holds binary data, not text.", "Give it the extension of its real format.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def open_html(path: Path) -> FlowDocument:
    return html_document(path, decode(path))


def open_markdown(path: Path) -> FlowDocument:
    return html_document(path, markdown_html(decode(path)))


def markdown_html(text: str) -> str:
    """CommonMark with tables as the web page it stands for."""
    from markdown_it import MarkdownIt

    html: str = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    return html


def open_text(path: Path) -> FlowDocument:
    paragraphs = (" ".join(part.split()) for part in decode(path).replace("\r\n", "\n").split("\n\n"))
    return FlowDocument(path, (Item("text", paragraph) for paragraph in paragraphs if paragraph), path.stem)


def html_document(path: Path, html: str, title: str = "") -> FlowDocument:
    """The pages of `html`, which the file at `path` holds or became."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(html, "html.parser")
    for tag in [*soup.find_all(UNSEEN), *soup.find_all(_is_hidden)]:
        if not tag.decomposed:  # with a hidden tag around it
            tag.decompose()
    for line_break in soup.find_all("br"):
        line_break.replace_with("\n")
    first = soup.find("h1") or soup.find("title")
    return FlowDocument(path, _items(soup, path), title or (first.get_text(" ", strip=True) if first else ""))


def _is_hidden(tag: "Tag") -> bool:
    """Whether the tag itself says that no reader sees it; style sheets are not read."""
    return tag.has_attr("hidden") or bool(HIDDEN.search(str(tag.get("style", ""))))


def _items(soup: "BeautifulSoup", path: Path) -> Iterator[Item]:
    for tag in soup.find_all(BLOCKS):
        inner = tag.name in ("p", "img") and tag.find_parent(["li", "blockquote", "figure", "table"])
        if inner and not (tag.name == "img" and tag.find_parent(["li", "blockquote"])):
            continue
        if tag.name in ("li", "blockquote") and tag.find_parent("table"):
            continue
        yield from _item(tag, path)


def _item(tag: "Tag", path: Path) -> Iterator[Item]:
    if tag.name == "table":
        rows = _rows(tag)
        caption = tag.find("caption")
        if rows:
            yield Item("table", rows=rows, caption=caption.get_text(" ", strip=True) if caption else "")
    elif tag.name == "figure":
        caption = tag.find("figcaption")
        words = caption.get_text(" ", strip=True) if caption else ""
        for image in tag.find_all("img"):
            yield _figure(image, path, words)
    elif tag.name == "img":
        yield _figure(tag, path, "")
    else:
        text = _own_text(tag)
        if text:
            kind: Literal["heading", "text"] = "heading" if tag.name in HEADINGS else "text"
            bullet = "- " if tag.name == "li" else ""
            yield Item(kind, bullet + text, HEADINGS.get(tag.name, 0))


def _own_text(tag: "Tag") -> str:
    """Words of the tag without those of nested lists and tables, which come as items of their own."""
    parts: list[str] = []
    block = None
    for text in tag.find_all(string=True):
        nested = text.find_parent(["li", "table", "figure"])
        if nested is None or nested is tag or nested not in tag.descendants:
            around = text.find_parent(list(BLOCKS))
            parts.append(str(text) if around is block else f" {text}")  # a word may be half bold, not half a paragraph
            block = around
    return " ".join("".join(parts).split())


def _rows(table: "Tag") -> Rows:
    own = (row for row in table.find_all("tr") if row.find_parent("table") is table)
    rows = [
        [" ".join(cell.get_text(" ").split()) for cell in row.find_all(["th", "td"], recursive=False)] for row in own
    ]
    return square([row for row in rows if any(row)])


def _figure(image: "Tag", path: Path, caption: str) -> Item:
    source = str(image.get("src", ""))
    caption = caption or str(image.get("alt", ""))
    try:
        data = _read_picture(source, path.parent)
        small = min(open_picture(data).size) < MIN_PICTURE
    except (OSError, ValueError) as error:
        return Item("text", note=f"picture {source[:80]!r} skipped: {error}")
    if small:
        return Item("text", note=f"picture {source[:80]!r} skipped: smaller than {MIN_PICTURE} pixels")
    return Item("figure", caption=caption, picture=data)


def _read_picture(source: str, folder: Path) -> bytes:
    """Bytes of a local picture. Raises `ValueError` for one on the network or outside the document's folder."""
    if source.startswith("data:"):
        try:
            return base64.b64decode(source.partition(",")[2], validate=True)
        except binascii.Error as error:
            raise ValueError("its embedded data is damaged") from error
    address = urlparse(source)
    if address.scheme or address.netloc:
        raise ValueError("it is not a local file")
    target = (folder / unquote(address.path)).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise ValueError("it lies outside the document's folder")
    return target.read_bytes()
