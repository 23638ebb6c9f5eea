"""The words of a Word paragraph as they are shown with all changes accepted, and what it carries beside them."""

from collections.abc import Iterator
from typing import Any

from retrievers.parsers.characters.scripts import lowered
from retrievers.parsers.characters.superscripts import with_raised
from retrievers.parsers.characters.symbol_fonts import with_signs
from retrievers.parsers.office.formulas import linear
from retrievers.parsers.office.ooxml import DELETED, branch, name, qn, symbol, value

OFF = frozenset({"0", "false", "off"})  # values of a property that is there and does not hold
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
        "v:textpath",
        "w:altChunk",
    }
)


class _Raised(str):
    """A piece of text that stands above the line."""


def text_of(paragraph: Any, hidden: bool = False) -> str:
    """What is seen of it, or what its runs hide (`is_hidden`)."""
    text = ""
    for piece in _pieces(paragraph, hidden):
        text = _with_raised(text, piece) if isinstance(piece, _Raised) else text + piece
    return " ".join(text.split())


def _with_raised(text: str, piece: str) -> str:
    """Spaces may be raised, too."""
    raised = piece.strip()
    if not raised or piece[0].isspace():
        return text + piece
    return with_raised(text, raised) + piece[len(piece.rstrip()) :]


def is_hidden(run: Any) -> bool:
    """Whether the run itself says that it is not shown (ECMA-376 part 1, 17.3.2.41)."""
    mark = run.find(f"{qn('w:rPr')}/{qn('w:vanish')}")
    return mark is not None and mark.get(qn("w:val"), "1") not in OFF


def _pieces(element: Any, hidden: bool) -> Iterator[str]:
    match name(element):
        case "w:t":
            yield element.text or ""
        case "w:sym":
            yield symbol(element)
        case "w:tab" | "w:br" | "w:cr" | "w:ptab":
            yield " "
        case "w:noBreakHyphen":
            yield "-"
        case "w:r":
            if is_hidden(element) is hidden:
                yield _run(element)
        case "w:fldChar":
            yield _chosen(element)
        case "w:ruby":  # the reading of East Asian characters, printed above them
            base, reading = (element.find(qn(part)) for part in ("w:rubyBase", "w:rt"))
            yield from _pieces(base, hidden) if base is not None else ()
            above = "" if reading is None else "".join(_pieces(reading, hidden))
            yield f"({above})" if above else ""
        case "m:oMath" | "m:oMathPara":
            yield "" if hidden else linear(element)
        case "mc:AlternateContent":
            chosen = branch(element, "w:t", "m:t", *CARRIED)
            yield from () if chosen is None else _inside(chosen, hidden)
        case kind if kind not in _SILENT:
            yield from _inside(element, hidden)


def _inside(element: Any, hidden: bool) -> Iterator[str]:
    for child in element:
        yield from _pieces(child, hidden)


def _run(run: Any) -> str:
    fonts = run.find(f"{qn('w:rPr')}/{qn('w:rFonts')}")
    text = with_signs("".join(_inside(run, False)), "" if fonts is None else fonts.get(qn("w:ascii"), ""))
    match value(run, "w:rPr/w:vertAlign"):
        case "superscript":
            return _Raised(text)
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
