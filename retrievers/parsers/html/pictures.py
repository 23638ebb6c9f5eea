"""The pictures of an HTML page: those inside it and those beside it in its folder; none from elsewhere."""

import base64
import binascii
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_to_bytes, urlparse

from retrievers.parsers.flow.items import Item, figure


def picture(image: Any, path: Path, caption: str = "") -> Item:
    """The figure of an `<img>`; a note that says why where there is none."""
    source: str = image.get("src", "")
    try:
        data = _read(source, path.parent)
    except (OSError, ValueError) as error:
        return Item("text", note=f"picture {source[:80]!r} skipped: {error}")
    return figure(data, repr(source[:80]), caption or " ".join(image.get("alt", "").split()))


def _read(source: str, folder: Path) -> bytes:
    """Bytes of a local picture. Raises `ValueError` for one on the network or outside the document's folder."""
    if source.startswith("data:"):
        return _embedded(source)
    address = urlparse(source)
    if address.scheme or address.netloc:
        raise ValueError("it is not a local file")
    target = (folder / unquote(address.path)).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise ValueError("it lies outside the document's folder")
    return target.read_bytes()


def _embedded(source: str) -> bytes:
    """The data of a `data:` address (RFC 2397); Base64 may be broken into lines and may lack its padding."""
    head, _, body = source.partition(",")
    if not head.rstrip().endswith(";base64"):
        return unquote_to_bytes(body)
    packed = "".join(unquote(body).split()).rstrip("=")
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("its embedded data is damaged") from error
