"""The words of a Word paragraph as they are shown with all changes accepted, and what it carries beside them."""

from collections.abc import Iterator
from typing import Any

from retrievers.parsers.omml import linear
from retrievers.parsers.ooxml import branch, name, qn, value
from retrievers.parsers.scripts import lowered, raised

DELETED = frozenset({"w:del", "w:moveFrom"})  # tracked changes: what was taken out
_SILENT = DELETED | {"w:pPr", "w:rPr", "w:instrText", "w:delText", "w:txbxContent", "w:sdtPr", "w:ffData"}
CARRIED = frozenset(
    {
        "w:txbxContent",
        "a:blip",
        "v:imagedata",
        "c:chart",
        "cx:chart",
        "dgm:relIds",
        "w:footnoteReference",
        "w:endnoteReference",
        "w:commentReference",
        "w:altChunk",
    }
)


def text_of(paragraph: Any) -> str:
    return " ".join("".join(_pieces(paragraph)).split())


def _pieces(element: Any) -> Iterator[str]:
    match name(element):
        case "w:t":
            yield element.text or ""
        case "w:tab" | "w:br" | "w:cr" | "w:ptab":
            yield " "
        case "w:noBreakHyphen":
            yield "-"
        case "w:r":
            yield _run(element)
        case "w:fldChar":
            yield _chosen(element)
        case "w:ruby":  # the reading of East Asian characters, printed above them
            base, reading = (element.find(qn(part)) for part in ("w:rubyBase", "w:rt"))
            yield from _pieces(base) if base is not None else ()
            yield f"({''.join(_pieces(reading))})" if reading is not None else ""
        case "m:oMath" | "m:oMathPara":
            yield linear(element)
        case "mc:AlternateContent":
            chosen = branch(element, "w:t", "m:t", *CARRIED)
            yield from () if chosen is None else _inside(chosen)
        case kind if kind not in _SILENT:
            yield from _inside(element)


def _inside(element: Any) -> Iterator[str]:
    for child in element:
        yield from _pieces(child)


def _run(run: Any) -> str:
    text = "".join(_inside(run))
    match value(run, "w:rPr/w:vertAlign"):
        case "superscript":
            return raised(text) or text
        case "subscript":
            return lowered(text) or text
    return text


def _chosen(field: Any) -> str:
    """The entry that is chosen in a drop-down list of the old form fields: it is no text of the document."""
    choices = field.find(f"{qn('w:ffData')}/{qn('w:ddList')}")
    if choices is None:
        return ""
    entries = [entry.get(qn("w:val"), "") for entry in choices.findall(qn("w:listEntry"))]
    place = int(value(choices, "w:result") or value(choices, "w:default") or 0)
    return entries[place] if place < len(entries) else ""


def carried(element: Any) -> Iterator[Any]:
    """Text boxes, pictures, charts, diagrams, notes and comments below `element`, not those inside a text box."""
    for child in element:
        kind = name(child)
        if kind in DELETED:
            continue
        if kind in CARRIED:
            yield child
        elif kind == "mc:AlternateContent":
            chosen = branch(child, *CARRIED)
            yield from () if chosen is None else carried(chosen)
        else:
            yield from carried(child)
