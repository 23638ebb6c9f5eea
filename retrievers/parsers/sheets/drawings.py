"""What lies over the cells of a sheet: comments, text boxes, pictures, and the words of charts."""

from collections.abc import Iterator
from typing import Any

from retrievers.parsers.flow.items import Item, figure


def beside(archive: Any, sheet: str, hidden: bool) -> Iterator[Item]:
    """Items for the part `sheet` of the workbook's ZIP `archive`."""
    for kind, target in _related(archive, sheet):
        if kind == "comments":
            yield from (Item("text", text, hidden=hidden) for text in _comments(archive, target))
        elif kind == "drawing":
            yield from _drawing(archive, target, hidden)


def _related(archive: Any, part: str) -> Iterator[tuple[str, str]]:
    """The kind and path of the parts that `part` names and that are there."""
    from openpyxl.packaging.relationship import get_dependents, get_rels_path

    names = set(archive.namelist())
    rels = get_rels_path(part)
    for relation in get_dependents(archive, rels) if rels in names else ():
        if relation.Target in names:
            yield relation.Type.rpartition("/")[2], relation.Target


def _comments(archive: Any, part: str) -> Iterator[str]:
    from openpyxl.comments.comment_sheet import CommentSheet
    from openpyxl.xml.functions import fromstring

    for cell, comment in CommentSheet.from_tree(fromstring(archive.read(part))).comments:
        yield f"Comment on {cell}: {' '.join(comment.text.split())}"


def _drawing(archive: Any, part: str, hidden: bool) -> Iterator[Item]:
    boxes = _texts(archive, part, "{*}txBody")
    yield from (Item("text", text, hidden=hidden) for text in boxes)
    for kind, target in _related(archive, part):
        if kind == "chart":
            words = " ".join(_texts(archive, target, "{*}title"))
            if words:
                yield Item("text", f"Chart: {words}", hidden=hidden)
        elif kind == "image":
            yield figure(archive.read(target), target, hidden=hidden)


def _texts(archive: Any, part: str, around: str) -> list[str]:
    """The words of each element `around`, paragraph by paragraph."""
    from openpyxl.xml.functions import fromstring

    found = [
        " ".join("".join(run.text or "" for run in paragraph.iterfind(".//{*}t")).split())
        for body in fromstring(archive.read(part)).iterfind(f".//{around}")
        for paragraph in body.iterfind(".//{*}p")
    ]
    return [text for text in found if text]
