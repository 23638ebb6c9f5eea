"""Where a quoted sentence or a cell stands: boxes of lines and cells, from the parser to what a store gives back."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont
from pptx import Presentation
from pptx.util import Inches
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

from retrievers.elements import WHOLE_PAGE, Box, Element, LineBox
from retrievers.ingestion.assemble import Assembler, lines_of
from retrievers.library import Library
from retrievers.marks import cell_box, quote_boxes
from retrievers.parsers import ocr, open_document
from retrievers.parsers.rendering import region

PROSE = (
    "The ferry leaves the northern quay at seven in the morning and again at noon. Bicycles travel in the hold. "
    "A crossing takes forty minutes in calm water; in a westerly gale the master may wait for the tide to turn. "
    "Children under six pay nothing."
)
GALE = "in a westerly gale the master may wait for the tide to turn"
BOATS = (("Boat", "Seats", "Built"), ("Heron", "120", "1987"), ("Curlew", "64", "2003"), ("Dunlin", "48", "2011"))


def elements_of(path: Path) -> list[Element]:
    with open_document(path) as document:
        assembler = Assembler(path.name, "0", document.title)
        pages = [document.page(number) for number in range(1, document.page_count + 1)]
        return [element for page in pages for element in assembler.place(page)]


def of_kind(path: Path, kind: str) -> Element:
    return next(element for element in elements_of(path) if element.kind == kind)


def seen(path: Path, page: int, box: Box) -> str:
    """What can be read in that part of the drawn page, by an eye that knows nothing of the parser."""
    with open_document(path) as document:
        part = region(document.render(page, 1500), box)
    padded = Image.new("RGB", (part.width + 60, part.height + 60), "white")
    padded.paste(part, (30, 30))
    return "".join(" ".join(line.text for line in ocr.read(padded)).split()).rstrip(".")


def read(path: Path, element: Element, quote: str) -> str:
    return "".join(seen(path, element.page, box) for box in quote_boxes(element, quote))


def prose_pdf(path: Path) -> Path:
    SimpleDocTemplate(str(path), pagesize=(420, 400)).build([Paragraph(PROSE, getSampleStyleSheet()["Normal"])])
    return path


def turned_pdf(path: Path) -> Path:
    document = pypdfium2.PdfDocument(prose_pdf(path.with_name("upright.pdf")))
    document[0].set_rotation(90)
    document.save(path)
    return path


def page(path: Path) -> Path:
    path.write_text(f"<h1>Ferries</h1><p>{PROSE} {PROSE.upper()}</p>", encoding="utf-8")
    return path


def slide(path: Path) -> Path:
    deck = Presentation()
    box = deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_textbox(Inches(1), Inches(1), Inches(7), Inches(4))
    box.text_frame.text = "Before you board\n" + PROSE
    box.text_frame.word_wrap = True
    deck.save(str(path))
    return path


@pytest.mark.parametrize(
    ("make", "name"), [(prose_pdf, "a.pdf"), (turned_pdf, "b.pdf"), (page, "c.html"), (slide, "d.pptx")]
)
def test_a_quoted_sentence_is_marked_line_by_line(tmp_path: Path, make: Callable[[Path], Path], name: str) -> None:
    path = make(tmp_path / name)
    text = of_kind(path, "text")
    boxes = quote_boxes(text, GALE)
    assert len(boxes) > 1
    if name != "b.pdf":  # lines that run down the page are marked whole
        assert read(path, text, GALE) == "".join(GALE.split())
    else:
        assert all(box.y1 - box.y0 > box.x1 - box.x0 for box in boxes)
        assert Box.around(boxes) != text.box


def drawn_table(path: Path, *rules: tuple[object, ...]) -> Path:
    table = Table([list(row) for row in BOATS], colWidths=100, style=TableStyle(list(rules)))
    SimpleDocTemplate(str(path)).build([table])
    return path


def ruled(path: Path) -> Path:
    return drawn_table(path, ("GRID", (0, 0), (-1, -1), 0.5, "black"))


def sideways(path: Path) -> Path:
    c = Canvas(str(path), pagesize=(600, 800))
    c.translate(300, 200)
    c.rotate(90)
    table = Table([list(row) for row in BOATS], colWidths=100)
    table.wrapOn(c, 400, 400)
    table.drawOn(c, 0, 0)
    c.save()
    return path


def web_table(path: Path) -> Path:
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in BOATS)
    path.write_text(f"<p>Boats of the line.</p><table><caption>Boats</caption>{rows}</table>", encoding="utf-8")
    return path


def slide_table(path: Path) -> Path:
    deck = Presentation()
    shapes = deck.slides.add_slide(deck.slide_layouts[6]).shapes
    frame = shapes.add_table(4, 3, Inches(1), Inches(1), Inches(6), Inches(3))
    for place, cells in enumerate(BOATS):
        for column, cell in enumerate(cells):
            frame.table.cell(place, column).text = cell
    deck.save(str(path))
    return path


@pytest.mark.parametrize(
    ("make", "name"),
    [(drawn_table, "a.pdf"), (ruled, "b.pdf"), (web_table, "c.html"), (slide_table, "d.pptx")],
)
def test_a_cell_is_marked(tmp_path: Path, make: Callable[[Path], Path], name: str) -> None:
    path = make(tmp_path / name)
    table = of_kind(path, "table")
    assert table.rows == BOATS
    assert seen(path, 1, cell_box(table, 2, 1)) == "64"
    assert quote_boxes(table, "64") == (cell_box(table, 2, 1),)
    assert read(path, table, "Heron | 120") == "Heron120"


def test_a_cell_of_a_turned_table_is_marked(tmp_path: Path) -> None:
    table = of_kind(sideways(tmp_path / "turned.pdf"), "table")
    assert table.rows == BOATS
    with pypdfium2.PdfDocument(tmp_path / "turned.pdf") as document:
        searched = document[0].get_textpage().search("Curlew")
        found = searched.get_next()
        assert found is not None
        left, low, right, top = document[0].get_textpage().get_charbox(found[0])
    box = cell_box(table, 2, 0)
    assert box.x0 * 600 <= (left + right) / 2 <= box.x1 * 600
    assert box.y0 * 800 <= 800 - (low + top) / 2 <= box.y1 * 800


def scan(path: Path) -> Path:
    picture = Image.new("RGB", (1000, 700), "white")
    draw = ImageDraw.Draw(picture)
    for row, words in enumerate(("Keep the lantern dry", "Never lift it by the glass", "Fill it with paraffin only")):
        draw.text((100, 100 + 150 * row), words, "black", ImageFont.load_default(44))
    if path.suffix == ".pdf":
        picture.save(path, "PDF")
    else:
        picture.save(path)
    return path


@pytest.mark.parametrize(("name", "kind"), [("lantern.png", "figure"), ("lantern.pdf", "text")])
def test_recognised_lines_are_marked(tmp_path: Path, name: str, kind: str) -> None:
    path = scan(tmp_path / name)
    found = next(element for element in elements_of(path) if "lift it" in element.text and element.kind == kind)
    (box,) = quote_boxes(found, "Never lift it by the glass")
    assert 225 < 700 * (box.y0 + box.y1) / 2 < 310
    assert 80 < 1000 * box.x0 < 120


def test_each_piece_of_a_long_passage_has_its_own_lines(tmp_path: Path) -> None:
    path = tmp_path / "long.pdf"
    style = getSampleStyleSheet()["Normal"]
    sentences = [f"Crate {number} holds {number * 7} jars of honey from the hill farms." for number in range(60)]
    SimpleDocTemplate(str(path)).build([Paragraph(" ".join(sentences), style)])
    pieces = [element for element in elements_of(path) if element.kind == "text"]
    assert len(pieces) > 2
    last = next(piece for piece in pieces if "Crate 55 holds" in piece.text)
    assert read(path, last, "Crate 55 holds 385 jars") == "Crate55holds385jars"
    assert [piece.box.y0 for piece in pieces] == sorted(piece.box.y0 for piece in pieces)
    assert pieces[0].box.y1 < pieces[-1].box.y0


def test_a_long_table_is_marked_in_every_piece(tmp_path: Path) -> None:
    path = tmp_path / "bins.csv"
    path.write_text(
        "bin,holds,shelf\n" + "".join(f"B{n},{n * 3} nails,{n % 9}\n" for n in range(120)), encoding="utf-8"
    )
    pieces = [element for element in elements_of(path) if element.kind == "table"]
    piece = next(piece for piece in pieces if "231 nails" in piece.text)
    assert piece is not pieces[0]
    assert read(path, piece, "231 nails") == "231nails"


@pytest.mark.parametrize("quote", ["nowhere in it", "", "  "])
def test_what_is_not_found_marks_the_element(tmp_path: Path, quote: str) -> None:
    text = of_kind(prose_pdf(tmp_path / "a.pdf"), "text")
    assert quote_boxes(text, quote) == (text.box,)


def test_corpora_of_before_still_open(tmp_path: Path) -> None:
    text = of_kind(prose_pdf(tmp_path / "a.pdf"), "text")
    old = {key: value for key, value in text.payload().items() if key not in ("lines", "cells")}
    opened = Element.from_payload(old)
    assert quote_boxes(opened, GALE) == (opened.box,)
    assert cell_box(replace(opened, rows=BOATS), 1, 1) == opened.box


def test_a_store_gives_the_places_back(tmp_path: Path) -> None:
    pile = tmp_path / "pile"
    pile.mkdir()
    path, boats = prose_pdf(pile / "ferry.pdf"), ruled(pile / "boats.pdf")
    corpus = Library(tmp_path / "data").open("ferries", create=True)
    corpus.ingest([pile])
    stored = {(element.document, element.kind): element for element in corpus.store.scroll()}
    corpus.close()
    assert read(path, stored["ferry.pdf", "text"], "Bicycles travel in the hold.") == "Bicyclestravelinthehold"
    assert seen(boats, 1, cell_box(stored["boats.pdf", "table"], 3, 2)) == "2011"


def test_a_piece_of_a_passage_has_the_lines_that_it_stands_in() -> None:
    above, below = Box(0.1, 0.1, 0.9, 0.2), Box(0.1, 0.2, 0.9, 0.3)
    lines = [LineBox(0, above), LineBox(4, below)]
    whole = list(lines_of(["天地玄黄", "宇宙洪荒"], "天地玄黄宇宙洪荒", lines))
    assert whole == [[LineBox(0, above)], [LineBox(0, below)]], "cut where a line ends"
    parts = list(lines_of(["天地", "玄黄宇", "何", "宙洪荒"], "天地玄黄宇宙洪荒", lines))
    assert parts == [[LineBox(0, above)], [LineBox(0, above), LineBox(2, below)], [], [LineBox(0, below)]]


def test_notes_are_on_no_line_of_a_slide_and_hide_none_of_its_lines(tmp_path: Path) -> None:
    path = slide(tmp_path / "a.pptx")
    deck = Presentation(str(path))
    deck.slides[0].notes_slide.notes_text_frame.text = "Ask who has a bicycle."
    deck.save(str(path))
    text = of_kind(path, "text")
    assert "Ask who has a bicycle." in text.text
    assert read(path, text, GALE) == "".join(GALE.split())
    assert quote_boxes(text, "Ask who has a bicycle.") == (WHOLE_PAGE,)


def test_each_of_several_quotes_is_marked(tmp_path: Path) -> None:
    path = prose_pdf(tmp_path / "a.pdf")
    text = of_kind(path, "text")
    quotes = ("Bicycles travel in the hold.", "Children under six pay nothing.")
    assert read(path, text, "\n".join(quotes)) == "BicyclestravelintheholdChildrenundersixpaynothing"
