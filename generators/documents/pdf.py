"""Turns as a PDF file: Markdown set in flowing text, with tables, figures and sources. Needs the extra `export`."""

import io
from collections.abc import Sequence
from datetime import date
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from common.errors import MissingExtra
from common.untrusted import markdown, one_line
from generators.documents.turns import DocumentCitation, DocumentFigure, DocumentTurn, figure_bytes
from generators.images.pixels import open_picture, png_of

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

INK, SOFT, RULE, SHADE = "#2f3440", "#6b7280", "#d1d5db", "#f3f4f6"
TAGS = {
    "strong": ("<b>", "</b>"),
    "em": ("<i>", "</i>"),
    "s": ("<strike>", "</strike>"),
    "softbreak": (" ", ""),
    "hardbreak": ("<br/>", ""),
}
WIDTH, TALLEST = 451.0, 420.0  # points: the width of the text on A4, and the tallest figure


def pdf(turns: Sequence[DocumentTurn], title: str, day: date) -> bytes:
    """The file. Raises `MissingExtra` without reportlab, `CannotConvert` if a figure does not open."""
    if find_spec("reportlab") is None:
        raise MissingExtra(
            "PDF needs the package 'reportlab'.", command='Install it with: pip install "triptych[export]"'
        )
    from reportlab.platypus import SimpleDocTemplate

    from generators.documents.fonts import register

    register()
    setter = _Setter()
    story = [*setter.text(one_line(title), "Title"), *setter.text(day.isoformat(), "Note")]
    for turn in turns:
        if turn.question and one_line(turn.question) != one_line(title):
            story += setter.text(one_line(turn.question), "H2")
        story += setter.markdown(turn.answer)
        for figure in turn.figures:
            story += setter.figure(figure)
        if turn.citations:
            story += setter.sources(turn.citations)
    file = io.BytesIO()
    page = SimpleDocTemplate(
        file,
        pagesize=(595.3, 841.9),
        leftMargin=72,
        rightMargin=72,
        topMargin=64,
        bottomMargin=64,
        title=one_line(title),
        author="Triptych",
    )
    page.build(story, onFirstPage=_numbered, onLaterPages=_numbered)
    return file.getvalue()


def _numbered(canvas: Any, page: Any) -> None:
    canvas.setFont("Body", 8)
    canvas.setFillColor(SOFT)
    canvas.drawCentredString(297.6, 36, str(page.page))


class _Setter:
    """Makes reportlab flowables of Markdown."""

    def __init__(self) -> None:
        from reportlab.lib.styles import ParagraphStyle

        body = ParagraphStyle("Body", fontName="Body", fontSize=10, leading=15, textColor=INK, spaceAfter=7)
        styles: dict[str, dict[str, Any]] = {
            "Body": {},
            "Title": {"fontName": "Body-Bold", "fontSize": 17, "leading": 22, "spaceAfter": 4},
            "Note": {"fontSize": 8.5, "leading": 12, "textColor": SOFT, "spaceAfter": 10},
            "H2": {"fontName": "Body-Bold", "fontSize": 13, "leading": 18, "spaceBefore": 14, "keepWithNext": 1},
            "H3": {"fontName": "Body-Bold", "fontSize": 11, "leading": 16, "spaceBefore": 8, "keepWithNext": 1},
            "Code": {"fontName": "Courier", "fontSize": 8.5, "leading": 12, "backColor": SHADE, "borderPadding": 5},
            "Quote": {"leftIndent": 14, "textColor": SOFT},
            "Cell": {"fontSize": 8.5, "leading": 11.5, "spaceAfter": 0},
        }
        self._styles = {name: ParagraphStyle(name, parent=body, **changes) for name, changes in styles.items()}

    def text(self, text: str, style: str) -> list[Any]:
        from generators.documents.fonts import marked_up

        return [self._paragraph(marked_up(text), style)]

    def markdown(self, text: str) -> list[Any]:
        """Flowables of a Markdown text; HTML in it is shown, not obeyed."""
        from markdown_it.tree import SyntaxTreeNode

        return [flow for node in SyntaxTreeNode(markdown().parse(text)).children for flow in self._block(node, "Body")]

    def figure(self, figure: DocumentFigure) -> list[Any]:
        from reportlab.platypus import Image, KeepTogether

        picture = open_picture(figure_bytes(figure))
        scale = min(WIDTH / picture.width, TALLEST / picture.height, 0.75)  # 0.75: a pixel of 96 to the inch
        image = Image(io.BytesIO(png_of(picture)), picture.width * scale, picture.height * scale, hAlign="LEFT")
        return [KeepTogether([image, *(self.text(one_line(figure.caption), "Note") if figure.caption else [])])]

    def sources(self, citations: Sequence[DocumentCitation]) -> list[Any]:
        from reportlab.platypus import HRFlowable

        flows: list[Any] = [HRFlowable(width="100%", color=RULE, spaceBefore=4, spaceAfter=4)]
        for citation in citations:
            quote = f" “{one_line(citation.quote)}”" if citation.quote else ""
            flows += self.text(f"[{citation.number}] {one_line(citation.place)}{quote}", "Note")
        return flows

    def _paragraph(self, markup: str, style: str) -> Any:
        from reportlab.platypus import Paragraph

        return Paragraph(markup, self._styles[style])

    def _block(self, node: "SyntaxTreeNode", style: str) -> list[Any]:
        from reportlab.platypus import HRFlowable, Preformatted

        match node.type:
            case "heading":
                found = [self._paragraph(self._inline(node), "H2" if node.tag in {"h1", "h2"} else "H3")]
            case "paragraph":
                found = [self._paragraph(self._inline(node), style)]
            case "fence" | "code_block":
                found = [Preformatted(node.content.rstrip("\n"), self._styles["Code"], maxLineLength=84)]
            case "bullet_list" | "ordered_list":
                found = [self._list(node, style)]
            case "table":
                found = [self._table(node)]
            case "hr":
                found = [HRFlowable(width="100%", color=RULE, spaceBefore=6, spaceAfter=6)]
            case kind:
                inner = "Quote" if kind == "blockquote" else style
                found = [flow for child in node.children for flow in self._block(child, inner)]
        return found

    def _list(self, node: "SyntaxTreeNode", style: str) -> Any:
        from reportlab.platypus import ListFlowable, ListItem

        items = [
            ListItem([flow for part in item.children for flow in self._block(part, style)], leftIndent=16)
            for item in node.children
        ]
        kind = {"bulletType": "1"} if node.type == "ordered_list" else {"bulletType": "bullet", "start": "•"}
        return ListFlowable(items, bulletFontName="Body", bulletFontSize=9, leftIndent=16, **kind)

    def _table(self, node: "SyntaxTreeNode") -> Any:
        from reportlab.platypus import Table

        rows = [
            [self._paragraph(self._inline(cell), "Cell") for cell in row.children]
            for part in node.children
            for row in part.children
        ]
        rules = [
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, RULE),
            ("BACKGROUND", (0, 0), (-1, 0), SHADE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
        return Table(rows, repeatRows=1, style=rules, hAlign="LEFT", spaceAfter=10)

    def _inline(self, node: "SyntaxTreeNode") -> str:
        """reportlab's markup of the words in a block."""
        from generators.documents.fonts import marked_up

        if node.type in {"text", "code_inline"}:
            words = marked_up(node.content)
            return f'<font face="Courier">{words}</font>' if node.type == "code_inline" else words
        inside = "".join(self._inline(child) for child in node.children)
        before, after = TAGS.get(node.type, ("", ""))
        return f"{before}{inside}{after}"
