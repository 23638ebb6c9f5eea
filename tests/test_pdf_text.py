"""The text layer of PDFs: turned pages and lines, scripts from right to left, superscripts, wide-set fonts."""

import unicodedata
from collections.abc import Callable
from pathlib import Path

import matplotlib
import pypdfium2
import pytest
from PIL.Image import Image
from raw_pdf import drawn_letters
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

from retrievers.elements import Block, Box, Page
from retrievers.parsers import open_document

HEBREW = 'המחיר הוא 1,250 שקל (כולל מע"מ) בשנת 2024.'
ARABIC = "ارتفاع السد 86 مترا وبني عام 1974."


def page_of(path: Path, number: int = 1) -> Page:
    with open_document(path) as document:
        return document.page(number)


def words_of(page: Page) -> str:
    return " ".join(block.text for block in page.blocks)


def canvas(path: Path, draw: Callable[[Canvas], None], size: tuple[float, float] = (600, 800)) -> Path:
    made = Canvas(str(path), pagesize=size)
    draw(made)
    made.save()
    return path


def flowed(path: Path, *parts: object) -> Path:
    SimpleDocTemplate(str(path)).build(list(parts))
    return path


def gauges(c: Canvas) -> None:
    c.setFont("Helvetica", 12)
    c.drawString(80, 700, "The gauge at Mill Bridge reads 4 metres above the old mark.")
    for row, cells in enumerate(
        (("Gauge", "Level", "Trend"), ("Weir", "14 cm", "falling"), ("Lock", "3 cm", "steady"))
    ):
        for column, cell in enumerate(cells):
            c.drawString(80 + 120 * column, 600 - 24 * row, cell)


def turned(path: Path, rotation: int) -> Path:
    """The page is drawn sideways or upside down in the file, and /Rotate turns it so that one reads it upright."""
    document = pypdfium2.PdfDocument(canvas(path.with_name("upright.pdf"), gauges))
    page = document[0]
    width, height = page.get_size()
    matrix = {
        90: pypdfium2.PdfMatrix(0, 1, -1, 0, height, 0),
        180: pypdfium2.PdfMatrix(-1, 0, 0, -1, width, height),
        270: pypdfium2.PdfMatrix(0, -1, 1, 0, 0, width),
    }[rotation]
    for item in page.get_objects(max_depth=1):
        item.transform(matrix)
    page.set_mediabox(0, 0, *((width, height) if rotation == 180 else (height, width)))
    page.set_rotation(rotation)
    page.gen_content()
    document.save(path)
    return path


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_page_reads_as_an_upright_one(tmp_path: Path, rotation: int) -> None:
    expected = page_of(canvas(tmp_path / "plain.pdf", gauges))
    found = page_of(turned(tmp_path / "turned.pdf", rotation))
    assert [(block.kind, block.text) for block in found.blocks] == [(b.kind, b.text) for b in expected.blocks]
    for one, other in zip(found.blocks, expected.blocks, strict=True):
        assert one.box == pytest.approx(other.box, abs=0.01)
    assert next(b.rows for b in found.blocks if b.kind == "table")[1] == ("Weir", "14 cm", "falling")


@pytest.mark.parametrize(("angle", "down"), [(90, False), (-90, True)])
def test_a_sideways_table_on_an_upright_page(tmp_path: Path, angle: int, down: bool) -> None:
    def draw(c: Canvas) -> None:
        c.drawString(60, 760, "The upright sentence of the page.")
        c.translate(300, 200 if angle > 0 else 650)
        c.rotate(angle)
        for row, cells in enumerate((("Kiln", "Bricks"), ("North", "7.4"), ("South", "8.0"), ("East", "6.3"))):
            for column, cell in enumerate(cells):
                c.drawString(150 * column, -24 * row, cell)

    page = page_of(canvas(tmp_path / "sideways.pdf", draw))
    table = next(block for block in page.blocks if block.kind == "table")
    assert table.rows == (("Kiln", "Bricks"), ("North", "7.4"), ("South", "8.0"), ("East", "6.3"))
    assert table.box.y1 - table.box.y0 > 0.2 > table.box.x1 - table.box.x0  # it lies over the words as they are drawn
    assert "The upright sentence of the page." in words_of(page)


MIRRORED = {"left to right": (-1, 0, 0, 1, 600, 0), "upside down": (1, 0, 0, -1, 0, 800), "turned": (0, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("way", MIRRORED)
def test_a_mirrored_page_is_read_from_its_first_line_to_its_last(tmp_path: Path, way: str) -> None:
    said = [f"Line {number} of the transfer is printed on the back of the film." for number in range(6)]

    def draw(c: Canvas) -> None:
        c.transform(*MIRRORED[way])
        c.setFont("Helvetica", 12)
        for number, line in enumerate(said):
            for half, x in ((line[:33], 40), (line[33:], 40 + c.stringWidth(line[:33], "Helvetica", 12))):
                c.drawString(x, 500 - 14 * number, half)

    page = page_of(canvas(tmp_path / "mirrored.pdf", draw, (600, 800)))
    assert (words_of(page), page.lost) == (" ".join(said), 0.0)
    tops = [line.box.y0 if way != "turned" else line.box.x0 for block in page.blocks for line in block.lines]
    assert len(set(tops)) == len(said)  # each at its own place


def test_boxes_lie_over_the_ink_of_a_turned_page(tmp_path: Path) -> None:
    path = turned(tmp_path / "turned.pdf", 90)
    with open_document(path) as document:
        block = next(block for block in document.page(1).blocks if block.text.startswith("The gauge"))
        drawn = document.render(1, 800).convert("L")
    assert _ink(drawn.crop(_pixels(block, drawn.size))) > 0.05
    below = Block("text", "", Box(block.box.x0, block.box.y1 + 0.02, block.box.x1, block.box.y1 + 0.04))
    assert _ink(drawn.crop(_pixels(below, drawn.size))) == 0


def _pixels(block: Block, size: tuple[int, int]) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = block.box
    return int(x0 * size[0]), int(y0 * size[1]), int(x1 * size[0]), int(y1 * size[1])


def _ink(picture: Image) -> float:
    histogram = picture.histogram()
    return sum(histogram[:128]) / sum(histogram)


@pytest.mark.parametrize(
    ("text", "letter_by_letter"),
    [(HEBREW, False), (HEBREW, True), (ARABIC, False), (ARABIC, True), ("Shalom is שלום, said often.", False)],
)
def test_right_to_left_is_read_in_logical_order(tmp_path: Path, text: str, letter_by_letter: bool) -> None:
    from bidi import get_display

    font = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    pdfmetrics.registerFont(TTFont("DejaVu", str(font)))
    seen = get_display(text)

    def draw(c: Canvas) -> None:
        c.setFont("DejaVu", 13)
        if not letter_by_letter:
            c.drawRightString(560, 700, seen)
            return
        widths = [pdfmetrics.stringWidth(letter, "DejaVu", 13) for letter in seen]
        for place in reversed(range(len(seen))):
            c.drawString(560 - sum(widths[place:]), 700, seen[place])

    assert words_of(page_of(canvas(tmp_path / "rtl.pdf", draw))) == text


@pytest.mark.parametrize("mark_first", [True, False])
@pytest.mark.parametrize("text", ["هذا مهم أيضًا", "מחיר הסֵפר החדש"])
def test_a_vowel_point_belongs_to_the_letter_under_it(tmp_path: Path, text: str, mark_first: bool) -> None:
    font = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    pdfmetrics.registerFont(TTFont("DejaVu", str(font)))
    width = pdfmetrics.stringWidth

    def draw(c: Canvas) -> None:
        c.setFont("DejaVu", 13)
        x = 560.0
        for letter, after in zip(text, [*text[1:], ""], strict=True):
            if unicodedata.combining(letter):
                continue
            x -= width(letter, "DejaVu", 13)
            drawn = [(x, letter)]
            if after and unicodedata.combining(after):
                drawn.append((x + width(letter, "DejaVu", 13) / 2 - width(after, "DejaVu", 13) / 2, after))
            for place, sign in reversed(drawn) if mark_first else drawn:
                c.drawString(place, 700, sign)

    assert words_of(page_of(canvas(tmp_path / "points.pdf", draw))) == text


@pytest.mark.parametrize("text", ["حَبيبي", "שָלום"])
def test_a_glyph_that_is_a_whole_word_keeps_its_vowel_points(tmp_path: Path, text: str) -> None:
    path = drawn_letters(tmp_path / "word.pdf", b"BT /F 20 Tf 1 0 0 1 300 700 Tm <41> Tj ET", [text])
    assert words_of(page_of(path)) == text


@pytest.mark.parametrize(("columns", "size"), [(("川水冷", "春魚戻"), 14), (("あいう", "かきく", "さしす"), 9)])
def test_columns_of_japanese_read_down_and_leftward(tmp_path: Path, columns: tuple[str, ...], size: int) -> None:
    letters = "".join(columns)
    content = f"BT /F {size} Tf "
    for column, text in enumerate(columns):
        for row, letter in enumerate(text):
            place = f"{500 - 1.8 * size * column} {700 - 1.05 * size * row}"
            content += f"1 0 0 1 {place} Tm <{65 + letters.index(letter):02x}> Tj "
    page = page_of(drawn_letters(tmp_path / "columns.pdf", f"{content} ET".encode(), letters))
    assert words_of(page).split() == list(columns)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("about 10<super>6</super> cells", "about 10⁶ cells"),
        ("some 3 x 10<super>-9</super> grams", "some 3 x 10⁻⁹ grams"),
        ("over 14 km<super>2</super>.", "over 14 km²."),
        ("the growth<super>3</super> of moss", "the growth ³ of moss"),
        ("on the 20<super>th</super> of May", "on the 20th of May"),
        ("from CO<sub>2</sub> alone", "from CO2 alone"),
    ],
)
def test_superscripts_and_subscripts(tmp_path: Path, markup: str, expected: str) -> None:
    style = getSampleStyleSheet()["Normal"]
    assert words_of(page_of(flowed(tmp_path / "raised.pdf", Paragraph(markup, style)))) == expected


@pytest.mark.parametrize("font", ["Courier", "Courier-Bold"])
def test_monospaced_numbers_hold_together(tmp_path: Path, font: str) -> None:
    def draw(c: Canvas) -> None:
        c.setFont(font, 11)
        c.drawString(60, 700, "il 1,111.11 at 11:11 i.e. 1.1")

    assert words_of(page_of(canvas(tmp_path / "mono.pdf", draw))) == "il 1,111.11 at 11:11 i.e. 1.1"


@pytest.mark.parametrize("text", ["Oyster 7", "水車"])
def test_a_page_of_few_letters_without_a_picture_says_them(tmp_path: Path, text: str) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))

    def draw(c: Canvas) -> None:
        c.setFont("HeiseiMin-W3", 14)
        c.drawString(100, 500, text)

    page = page_of(canvas(tmp_path / "few.pdf", draw))
    assert words_of(page) == text and not page.ocr


def test_a_page_that_cannot_be_loaded_is_a_note_and_the_rest_is_read(tmp_path: Path) -> None:
    def draw(c: Canvas) -> None:
        for number in range(3):
            c.drawString(100, 500, f"The words of leaf {number} are all here to be read.")
            c.showPage()

    data = canvas(tmp_path / "whole.pdf", draw).read_bytes()
    second = data.find(b"/Type /Page\n", data.find(b"/Type /Page\n") + 1)
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(data[:second] + b"/Type /Pxge\n" + data[second + 12 :])
    with open_document(broken) as document:
        pages = [document.page(number) for number in range(1, document.page_count + 1)]
    assert "leaf 0" in words_of(pages[0])
    assert any("damaged" in note for page in pages for note in page.notes) or len(pages) == 2


@pytest.mark.parametrize("size", [(14_000, 14_000), (3, 200_000)])
def test_a_page_of_any_size_is_drawn_in_bounded_memory(tmp_path: Path, size: tuple[float, float]) -> None:
    path = canvas(tmp_path / "huge.pdf", lambda c: c.rect(1, 1, size[0] - 2, size[1] - 2), size)
    with open_document(path) as document:
        picture = document.render(1, 20_000)
        assert picture.width * picture.height <= 31_000_000
        assert document.page(1).notes


@pytest.mark.parametrize("offset", [0.0, 0.3])
def test_letters_set_twice_to_look_bold_are_read_once(tmp_path: Path, offset: float) -> None:
    def draw(c: Canvas) -> None:
        c.drawString(100, 500, "Shadowed heading of the ledger")
        c.drawString(100 + offset, 500, "Shadowed heading of the ledger")

    page = page_of(canvas(tmp_path / "shadow.pdf", draw))
    assert words_of(page) == "Shadowed heading of the ledger" and page.lost == 0


def test_a_table_in_a_flowed_page_keeps_its_rows(tmp_path: Path) -> None:
    rows = [["Ward", "Beds"], ["North", "28"], ["West", "19"]]
    table = Table(rows, style=TableStyle([("GRID", (0, 0), (-1, -1), 0.5, "black")]))
    found = page_of(flowed(tmp_path / "beds.pdf", table))
    assert next(b.rows for b in found.blocks if b.kind == "table") == tuple(map(tuple, rows))


@pytest.mark.parametrize(
    "sentence", ["The last ferry leaves the island at nine", "Bring ropes, boots and a lamp to the cave!"]
)
def test_the_only_sentence_of_a_page_is_text(tmp_path: Path, sentence: str) -> None:
    def draw(c: Canvas) -> None:
        c.setFont("Helvetica-Bold", 20)
        c.drawString(60, 700, sentence)

    assert [(block.kind, block.text) for block in page_of(canvas(tmp_path / "only.pdf", draw)).blocks] == [
        ("text", sentence)
    ]
