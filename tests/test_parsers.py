"""Every format, from real files: what is found, where it stands, and that it is drawn there."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from retrievers.elements import Block, Page
from retrievers.parsers import open_document, supported

ROWS = (("Planet", "Moons"), ("Mars", "2"), ("Jupiter", "95"))
WORD = "OLYMPUS"


def picture(word: str = WORD, size: tuple[int, int] = (480, 200)) -> Image.Image:
    """A picture with one large word in it."""
    image = Image.new("RGB", size, "#dfe9f5")
    ImageDraw.Draw(image).text((30, 60), word, "black", ImageFont.load_default(70))
    return image


def encoded(image: Image.Image, kind: str = "PNG") -> BytesIO:
    out = BytesIO()
    image.save(out, kind)
    out.seek(0)
    return out


def parse(path: Path) -> list[Page]:
    """All pages, after checking what holds of every format: boxes inside the page, and ink inside the boxes."""
    with open_document(path, path.parent) as document:
        pages = [document.page(number) for number in range(1, document.page_count + 1)]
        for page in pages:
            drawn = document.render(page.number, 700)
            assert (drawn.width, drawn.mode) == (700, "RGB")
            for block in page.blocks:
                assert 0 <= block.box.x0 < block.box.x1 <= 1
                assert 0 <= block.box.y0 < block.box.y1 <= 1
                assert ink(drawn, block) > 0, f"nothing is drawn where {block.text[:40]!r} should stand"
    return pages


def ink(drawn: Image.Image, block: Block) -> int:
    """Pixels inside the block's box that are not white."""
    x0, y0, x1, y1 = block.box
    area = (int(x0 * drawn.width), int(y0 * drawn.height), int(x1 * drawn.width), int(y1 * drawn.height))
    return sum(drawn.crop(area).convert("L").histogram()[:230])


def kinds(page: Page) -> list[str]:
    return [block.kind for block in page.blocks]


def of(kind: str, pages: Sequence[Page]) -> list[Block]:
    return [block for page in pages for block in page.blocks if block.kind == kind]


@pytest.fixture
def html(tmp_path: Path) -> Path:
    picture().save(tmp_path / "mars.png")
    Image.new("RGB", (16, 16)).save(tmp_path / "dot.png")
    path = tmp_path / "a.html"
    path.write_text(
        "<title>Site</title><h1>Planets</h1><p>Two <b>words</b>.<br>One more.</p><ul><li>first</li><li>second</li></ul>"
        "<h2>Moons</h2><table><caption>Table 1: moons</caption>"
        + "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in ROWS)
        + '</table><figure><img src="mars.png"><figcaption>Figure 1: the volcano</figcaption></figure>'
        '<img src="dot.png"><script>hidden()</script><p>The end.</p>'
    )
    return path


def test_html(html: Path) -> None:
    (page,) = parse(html)
    assert kinds(page) == ["heading", "text", "text", "text", "heading", "table", "figure", "text"]
    assert [(block.text, block.level) for block in of("heading", [page])] == [("Planets", 1), ("Moons", 2)]
    assert page.blocks[1].text == "Two words. One more."
    table, figure = page.blocks[5], page.blocks[6]
    assert (table.rows, table.caption) == (ROWS, "Table 1: moons")
    assert (figure.caption, figure.origin) == ("Figure 1: the volcano", "ocr")
    assert WORD in figure.text
    assert "second" in page.blocks[3].text
    assert not any("hidden" in block.text for block in page.blocks)
    assert any("dot.png" in note and "skipped" in note for note in page.notes)
    tops = [block.box.y0 for block in page.blocks]
    assert tops == sorted(tops)
    with open_document(html) as document:
        assert document.title == "Planets"


def test_markdown(tmp_path: Path) -> None:
    picture().save(tmp_path / "mars.png")
    path = tmp_path / "a.md"
    path.write_text(
        "# Planets\n\nSome *words*.\n\n- first\n- second\n\n| Planet | Moons |\n|---|---|\n| Mars | 2 |\n"
        "| Jupiter | 95 |\n\n![The volcano](mars.png)\n\nThe end.\n"
    )
    (page,) = parse(path)
    assert kinds(page) == ["heading", "text", "text", "text", "table", "figure", "text"]
    assert page.blocks[1].text == "Some words."
    assert page.blocks[4].rows == ROWS
    assert page.blocks[5].caption == "The volcano"
    assert WORD in page.blocks[5].text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_text_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes("Café in Zürich.\n\nA second paragraph,\nover two lines.".encode(encoding))
    (page,) = parse(path)
    assert [block.text for block in page.blocks] == ["Café in Zürich.", "A second paragraph, over two lines."]
    with open_document(path) as document:
        assert document.title == "notes"


def test_long_text_runs_over_pages_and_loses_nothing(tmp_path: Path) -> None:
    words = [f"word{number}" for number in range(6000)]
    (tmp_path / "a.txt").write_text(" ".join(words))
    pages = parse(tmp_path / "a.txt")
    assert len(pages) > 3
    assert " ".join(block.text for page in pages for block in page.blocks).split() == words


def test_docx(tmp_path: Path) -> None:
    import docx

    document = docx.Document()
    document.add_heading("Planets", 1)
    document.add_paragraph("Some words.")
    document.add_paragraph("first", style="List Bullet")
    table = document.add_table(len(ROWS), 2)
    for row, cells in zip(table.rows, ROWS, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_paragraph("Between.")
    document.add_picture(encoded(picture()))
    document.add_paragraph("Figure 1: the volcano", style="Caption")
    document.add_heading("Moons", 2)
    document.add_paragraph("The end.")
    document.save(str(tmp_path / "a.docx"))
    (page,) = parse(tmp_path / "a.docx")
    assert kinds(page) == ["heading", "text", "text", "table", "text", "figure", "heading", "text"]
    assert page.blocks[3].rows == ROWS
    assert page.blocks[5].caption == "Figure 1: the volcano"
    assert WORD in page.blocks[5].text
    assert page.blocks[6].level == 2
    with open_document(tmp_path / "a.docx") as opened:
        assert opened.title == "Planets"


def test_pptx(tmp_path: Path) -> None:
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Planets"
    slide.shapes.add_textbox(Inches(1), Inches(2), Inches(3), Inches(1)).text_frame.text = "Some words."
    shape = slide.shapes.add_table(len(ROWS), 2, Inches(5), Inches(2), Inches(4), Inches(1.5))
    for row, cells in zip(shape.table.rows, ROWS, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    slide.shapes.add_picture(encoded(picture()), Inches(1), Inches(4), Inches(4))
    slide.notes_slide.notes_text_frame.text = "Say this aloud."
    second = deck.slides.add_slide(deck.slide_layouts[5])
    second.shapes.title.text = "Chart"
    data = CategoryChartData()
    data.categories = ["Mars", "Jupiter"]
    data.add_series("Moons", (2, 95))
    frame = (Inches(1), Inches(2), Inches(6), Inches(4))
    second.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *frame, data)
    deck.save(str(tmp_path / "a.pptx"))

    first, last = parse(tmp_path / "a.pptx")
    assert (first.blocks[0].kind, first.blocks[0].text) == ("heading", "Planets")
    (table,) = of("table", [first])
    assert table.rows == ROWS
    assert table.box == pytest.approx((0.5, 2 / 7.5, 0.9, 3.5 / 7.5), abs=1e-3)
    (figure,) = of("figure", [first])
    assert WORD in figure.text
    assert any("Say this aloud." in block.text for block in first.blocks)
    assert of("table", [last])[0].rows == (("", "Moons"), ("Mars", "2"), ("Jupiter", "95"))
    with open_document(tmp_path / "a.pptx") as opened:
        assert opened.title in ("Planets", "PowerPoint Presentation")


def test_xlsx_sheet_by_sheet(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "Inner"
    book.active.append(["Planet", "Mass"])
    book.active.append(["Mars", 0.642])
    outer = book.create_sheet("Outer")
    outer.append(["Planet", "Moons"])
    outer.append(["Jupiter", 95.0])
    book.save(tmp_path / "a.xlsx")
    pages = parse(tmp_path / "a.xlsx")
    assert [block.text for block in of("heading", pages)] == ["Inner", "Outer"]
    assert [block.rows[1] for block in of("table", pages)] == [("Mars", "0.642"), ("Jupiter", "95")]


@pytest.mark.parametrize(("name", "delimiter"), [("a.csv", ","), ("b.csv", ";"), ("c.tsv", "\t")])
def test_long_tables_repeat_their_header_on_every_page(name: str, delimiter: str, tmp_path: Path) -> None:
    lines = [delimiter.join(("number", "square")), *(delimiter.join((str(n), str(n * n))) for n in range(200))]
    (tmp_path / name).write_text("\n".join(lines))
    pages = parse(tmp_path / name)
    tables = of("table", pages)
    assert len(pages) > 2
    assert {table.rows[0] for table in tables} == {("number", "square")}
    assert [row for table in tables for row in table.rows[1:]] == [(str(n), str(n * n)) for n in range(200)]


def test_a_quoted_line_break_stays_in_its_cell(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('name,remark\nMars,"red\nand dusty"\nEarth,blue\n')
    (table,) = of("table", parse(tmp_path / "a.csv"))
    assert table.rows[1:] == (("Mars", "red and dusty"), ("Earth", "blue"))


@pytest.mark.parametrize("extension", ["png", "jpg", "webp", "gif"])
def test_a_picture_is_one_figure_with_its_words(extension: str, tmp_path: Path) -> None:
    path = tmp_path / f"mars_big-volcano.{extension}"
    picture().save(path)
    (page,) = parse(path)
    (figure,) = page.blocks
    assert (figure.kind, tuple(figure.box)) == ("figure", (0, 0, 1, 1))
    assert WORD in figure.text
    assert figure.caption == "mars big volcano"


def test_every_frame_of_a_tiff_is_a_page(tmp_path: Path) -> None:
    first, second = picture("ALPHA"), picture("OMEGA")
    first.save(tmp_path / "a.tiff", save_all=True, append_images=[second])
    one, two = parse(tmp_path / "a.tiff")
    assert "ALPHA" in one.blocks[0].text
    assert "OMEGA" in two.blocks[0].text


def test_a_photograph_is_turned_as_its_camera_says(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right by 90 degrees to see it upright
    picture().rotate(90, expand=True).save(tmp_path / "a.jpg", exif=exif)
    with open_document(tmp_path / "a.jpg") as document:
        drawn = document.render(1, 480)
        assert drawn.width > drawn.height
        assert WORD in document.page(1).blocks[0].text


def test_extensions_are_read_in_any_case(tmp_path: Path) -> None:
    assert supported(tmp_path / "A.PDF")
    assert not supported(tmp_path / "a.exe")
    (tmp_path / "A.TXT").write_text("words")
    (page,) = parse(tmp_path / "A.TXT")
    assert page.blocks[0].text == "words"


def test_letters_beyond_the_built_in_font_keep_their_width() -> None:
    """Layout is the same with and without system fonts; what cannot be drawn as it is still leaves ink."""
    from retrievers.parsers.flow.text_drawing import length, write

    for text in ("caf\u00e9 \u2014 z\u00fcrich", "\u4e2d\u6587", "\u03a9 \u2192"):
        image = Image.new("L", (400, 60), "white")
        write(ImageDraw.Draw(image), (10, 10), text, "black", 24)
        columns = image.point(lambda value: 255 - value).getbbox()
        assert columns is not None
        assert columns[2] <= 10 + length(text, 24) + 8
