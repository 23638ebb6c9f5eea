"""DrawingML, as PPTX and DOCX share it: paragraphs of text, tables with spans, SmartArt."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from retrievers.elements import Rows
from retrievers.parsers.characters.scripts import lowered, raised
from retrievers.parsers.flow.items import square
from retrievers.parsers.office.formulas import linear
from retrievers.parsers.office.ooxml import branch, name, qn

INHERITED = ("parTrans", "sibTrans", "pres")  # points of SmartArt that hold no text of the author's


def paragraphs(body: Any) -> list[str]:
    """The paragraphs of a text body that say something."""
    texts = (" ".join("".join(_pieces(paragraph)).split()) for paragraph in body.iter(qn("a:p")))
    return [text for text in texts if text]


def _pieces(element: Any) -> Iterator[str]:
    for child in element:
        match name(child):
            case "a:r" | "a:fld":
                yield _run(child)
            case "a:br" | "a:tab":
                yield " "
            case "mc:AlternateContent":
                chosen = branch(child, "m:oMath")
                yield from () if chosen is None else _pieces(chosen)
            case "m:oMath" | "m:oMathPara":
                yield linear(child)
            case ":m":
                yield from _pieces(child)


def _run(run: Any) -> str:
    text = "".join(one.text or "" for one in run.findall(qn("a:t")))
    properties = run.find(qn("a:rPr"))
    baseline = "0" if properties is None else properties.get("baseline", "0")
    if baseline.startswith("-"):
        return lowered(text) or text
    return text if baseline.strip("0%") == "" else raised(text) or text


def table_rows(table: Any) -> Rows:
    """Cells of an `a:tbl`; what a cell spans says the same."""
    rows: list[list[str]] = []
    for row in table.findall(qn("a:tr")):
        cells: list[str] = []
        for place, cell in enumerate(row.findall(qn("a:tc"))):
            above = rows[-1][place] if rows and place < len(rows[-1]) else ""
            if cell.get("hMerge") in ("1", "true") and cells:
                cells.append(cells[-1])
            else:
                cells.append(above if cell.get("vMerge") in ("1", "true") else " ".join(paragraphs(cell)))
        rows.append(cells)
    return square([row for row in rows if row])


def smart_art(data: Any) -> list[str]:
    """The nodes of a diagram's data part, each below the one it belongs to, with a dash for every step down.

    A node that is connected to none comes last.
    """
    points = {
        point.get("modelId"): " ".join(paragraphs(point))
        for point in data.iter(qn("dgm:pt"))
        if point.get("type") not in INHERITED
    }
    below: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for link in data.iter(qn("dgm:cxn")):
        if link.get("type", "parOf") == "parOf":
            below[link.get("srcId")].append((int(link.get("srcOrd", 0)), link.get("destId")))
    top = [point.get("modelId") for point in data.iter(qn("dgm:pt")) if point.get("type") == "doc"]
    lines: list[str] = []
    waiting = [(key, 0) for key in [*reversed([key for key in points if key not in top]), *top]]
    while waiting:
        key, depth = waiting.pop()
        text = points.pop(key, None)
        if text is None:  # placed already
            continue
        if text:
            lines.append(f"{'- ' * max(0, depth - 1)}{text}")
        waiting += [(child, depth + 1) for _, child in sorted(below[key], reverse=True)]
    return lines
