"""What is written on a PDF page without being part of it: values of form fields, free text, notes, stamps.

What has an appearance is drawn into the page (flattened), so that it is read and shown where it stands; the words of
what has none, such as the comment behind a mark, are handed over apart.
"""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from retrievers.elements import Block, Box, Page
from retrievers.parsers.accounting import words
from retrievers.parsers.layout.reading_order import place_of
from retrievers.parsers.pdf.space import PageSpace

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

NOT_DRAWN = 1 << 1 | 1 << 5  # the flags Hidden and NoView (ISO 32000-1, table 165)


class Annotation(NamedTuple):
    """Words that belong to a place on the page. `note`: a comment about that place, not words that stand there."""

    text: str
    box: Box
    note: bool


def flattened(document: "PdfDocument", number: int) -> tuple["PdfPage", tuple[Annotation, ...] | None]:
    """Page `number` with its annotations drawn into it, and what they say; None when it has none, or had them drawn
    before. The change is in memory alone. Raises `PdfiumError` when the page cannot be loaded.
    """
    import pypdfium2.raw as pdfium

    page = document[number - 1]
    count = pdfium.FPDFPage_GetAnnotCount(page.raw)
    if count <= 0:
        return page, None
    found, drawn = [], False
    for kind, handle in _annotations(page, count):
        if kind in (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP):
            continue
        drawn = True
        annotation = _read(document, page, kind, handle)
        if annotation is not None:
            found.append(annotation)
    if drawn and pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_SUCCESS:
        page.close()
        page = document[number - 1]
    return page, tuple(found)


def _annotations(page: "PdfPage", count: int) -> Iterator[tuple[int, Any]]:
    import pypdfium2.raw as pdfium

    for index in range(count):
        handle = pdfium.FPDFPage_GetAnnot(page.raw, index)
        if handle:
            yield pdfium.FPDFAnnot_GetSubtype(handle), handle
            pdfium.FPDFPage_CloseAnnot(handle)


def _read(document: "PdfDocument", page: "PdfPage", kind: int, handle: Any) -> Annotation | None:
    import pypdfium2.raw as pdfium

    place = pdfium.FS_RECTF()
    pdfium.FPDFAnnot_GetRect(handle, place)
    box = PageSpace.of(page).box(place.left, place.bottom, place.right, place.top)
    if box is None or pdfium.FPDFAnnot_GetFlags(handle) & NOT_DRAWN:
        return None
    field = kind == pdfium.FPDF_ANNOT_WIDGET
    text = _value(document, handle) if field else _string(pdfium.FPDFAnnot_GetStringValue, handle, b"Contents")
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return Annotation(text, box, not field and kind != pdfium.FPDF_ANNOT_FREETEXT) if text else None


def _value(document: "PdfDocument", handle: Any) -> str:
    """What a field holds; a box that can be ticked says so."""
    import pypdfium2.raw as pdfium

    form = document.formenv
    if form is None:
        return ""
    match pdfium.FPDFAnnot_GetFormFieldType(form.raw, handle):
        case pdfium.FPDF_FORMFIELD_CHECKBOX | pdfium.FPDF_FORMFIELD_RADIOBUTTON:
            if not pdfium.FPDFAnnot_IsChecked(form.raw, handle):
                return "☐"
            value = _string(pdfium.FPDFAnnot_GetFormFieldExportValue, form.raw, handle)
            return f"☑ {value}".strip()
        case pdfium.FPDF_FORMFIELD_TEXTFIELD | pdfium.FPDF_FORMFIELD_COMBOBOX | pdfium.FPDF_FORMFIELD_LISTBOX:
            return _string(pdfium.FPDFAnnot_GetFormFieldValue, form.raw, handle)
    return ""


def _string(call: Any, *arguments: Any) -> str:
    """A string that PDFium writes into memory of the caller, as UTF-16."""
    length = call(*arguments, None, 0)
    memory = ctypes.create_string_buffer(max(length, 2))
    call(*arguments, ctypes.cast(memory, ctypes.POINTER(ctypes.c_ushort)), length)
    return memory.raw[: max(0, length - 2)].decode("utf-16-le", errors="ignore")


def with_annotations(page: Page, annotations: Sequence[Annotation]) -> Page:
    """With the words of annotations that are not drawn: hidden comments, and values without an appearance."""
    blocks = list(page.blocks)
    seen = words(" ".join(f"{b.text} {b.caption}" for b in blocks))
    for annotation in annotations:
        if words(annotation.text) - seen or not words(annotation.text):
            text = f"Note: {annotation.text}" if annotation.note else annotation.text
            blocks.insert(place_of(annotation.box, blocks), Block("text", text, annotation.box))
    return replace(page, blocks=tuple(blocks))
