"""XML of strangers: no entity is resolved, nothing is fetched, depth and size are libxml2's own limits."""

from pathlib import Path
from typing import Any

from common.errors import BadDocument


def parse(data: bytes, name: str) -> Any:
    """The root element (lxml). Raises `BadDocument`, which calls the data `name`."""
    from lxml import etree

    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadDocument(f"{name} is damaged or cut short ({error}).", "Export or download it again.") from error


def parse_file(path: Path, part: Path) -> Any:
    """The root of `part` of the document at `path`. Raises `BadDocument` also where there is no such part."""
    try:
        return parse(part.read_bytes(), path.name)
    except OSError as error:
        raise BadDocument(f"{path.name} lacks its part {part.name}.", "Export or download it again.") from error


def local(element: Any) -> str:
    """The element's name without its namespace; empty for what is no element."""
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""
