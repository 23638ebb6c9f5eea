"""What is written in an Office XML part, by the short way: the words that the parsers' own are counted against."""

from collections.abc import Iterator
from typing import Any

from retrievers.parsers.office.charts import shown
from retrievers.parsers.office.formulas import linear
from retrievers.parsers.office.ooxml import DELETED, attempt, name, qn, root, symbol

_UNSEEN = DELETED | {"mc:Fallback", "w:sdtPr"}
_APART = dict.fromkeys(("w:tab", "w:ptab", "w:br", "w:cr", "a:br", "a:tab"), " ") | {"w:p": "\n", "a:p": "\n"}


def written(element: Any) -> str:
    """All text below `element`, a paragraph a line. Knows nothing of order, boxes and kinds."""
    return "".join(_pieces(element))


def written_in(part: Any) -> str:
    """All text of a part; "" for a damaged one, of which there is a note already."""
    found, _ = attempt("part", lambda: [written(root(part))])
    return "".join(found)


def _pieces(element: Any) -> Iterator[str]:
    for child in element:
        kind = name(child)
        if kind in _UNSEEN or (kind == "w:tc" and _covered(child)):
            continue
        if kind in ("w:t", "a:t"):
            yield child.text or ""
        elif kind == "w:sym":
            yield symbol(child)
        elif kind == "v:textpath":
            yield f"\n{child.get('string', '')}\n"
        elif kind == "c:ser":
            yield _series(child)
        elif kind in ("m:oMath", "m:oMathPara"):  # raised and lowered parts join words in ways of their own
            yield linear(child)
        else:
            yield _APART.get(kind, "")
            yield from _pieces(child)
            yield _APART.get(kind, "")


def _series(series: Any) -> str:
    """The values of a chart's series; categories stand in every one, and are left out."""
    points = (
        point
        for key in ("c:tx", "c:val", "c:yVal", "c:bubbleSize")
        for point in series.findall(f"{qn(key)}//{qn('c:pt')}")
    )
    forms = (
        (point, point.get("formatCode") or point.getparent().findtext(qn("c:formatCode")) or "") for point in points
    )
    values = (shown(point.findtext(qn("c:v")) or "", form) for point, form in forms)
    return "\n".join(["", *values, written(series), ""])


def _covered(cell: Any) -> bool:
    """Whether a cell above spans it: Word does not show what it holds."""
    merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    first = cell.getparent().getprevious() is None or name(cell.getparent().getprevious()) != "w:tr"
    return merged is not None and merged.get(qn("w:val"), "continue") == "continue" and not first
