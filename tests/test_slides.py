"""PPTX as strangers bring it: order, spans, diagrams, what is hidden, and what is wrong with single shapes."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pptx
import pytest
from office_files import notes, pages, rewritten, texts, xml
from PIL import Image
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.util import Inches

from common.errors import BadDocument
from retrievers.elements import Box
from retrievers.parsers.office.ooxml import NAMESPACES
from retrievers.parsers.slides.order import reading_order


def deck(slides: int = 1) -> tuple[Any, Any]:
    """A presentation and its last slide, blank."""
    made = pptx.Presentation()
    for _ in range(slides):
        slide = made.slides.add_slide(made.slide_layouts[6])
    return made, slide


def saved(made: Any, folder: Path, name: str = "a.pptx") -> Path:
    made.save(str(folder / name))
    return folder / name


def label(slide: Any, text: str, left: float, top: float, width: float = 3.0) -> Any:
    """A text box, in inches on a slide of 10 by 7.5."""
    box = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(0.6))
    box.text_frame.text = text
    return box


def frame(slide: Any, uri: str, inner: str) -> Any:
    """Puts a graphic frame with raw content on the slide."""
    element = xml(
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="9" name="Frame"/><p:cNvGraphicFramePr/><p:nvPr/>'
        '</p:nvGraphicFramePr><p:xfrm><a:off x="914400" y="914400"/><a:ext cx="4572000" cy="2743200"/></p:xfrm>'
        f'<a:graphic><a:graphicData uri="{uri}">{inner}</a:graphicData></a:graphic></p:graphicFrame>'
    )
    slide.shapes._spTree.append(element)
    return element


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    made, slide = deck()
    for text, left, top in (
        ("For", 0.5, 1),
        ("Against", 5.5, 1),
        ("Fast", 0.5, 2),
        ("Loud", 5.5, 2.1),
        ("Dear", 5.5, 3),
    ):
        label(slide, text, left, top)
    label(slide, "The new ferry", 0.5, 0.1, 9)
    label(slide, "Source: harbour office", 0.5, 6.8, 9)
    assert texts(saved(made, tmp_path)) == [
        "The new ferry",
        "For",
        "Fast",
        "Against",
        "Loud",
        "Dear",
        "Source: harbour office",
    ]


@pytest.mark.parametrize(
    ("boxes", "order"),
    [
        ([(0, 0, 1, 0.2), (0.5, 0.3, 1, 0.9), (0, 0.25, 0.52, 0.9)], [0, 2, 1]),  # columns that overlap a little
        ([(0.1, 0.5, 0.9, 0.6), (0.1, 0.1, 0.9, 0.2)], [1, 0]),
        ([(0.1, 0.1, 0.3, 0.2), (0, 0, 1, 1), (0.6, 0.1, 0.9, 0.2)], [1, 0, 2]),  # a background
        ([(0.1, 0.1, 0.6, 0.6), (0.3, 0.3, 0.9, 0.9)], [0, 1]),  # nothing divides them
        ([], []),
    ],
)
def test_reading_order(boxes: Sequence[tuple[float, ...]], order: list[int]) -> None:
    assert reading_order([Box(*box) for box in boxes]) == order


def test_merged_headers_stand_over_all_their_columns(tmp_path: Path) -> None:
    made, slide = deck()
    table = slide.shapes.add_table(3, 3, Inches(1), Inches(1), Inches(6), Inches(2)).table
    for row, cells in enumerate((("Boat", "Seats", ""), ("", "below", "above"), ("Ida", "40", "12"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 0).merge(table.cell(1, 0))
    (page,) = pages(saved(made, tmp_path))
    assert page.blocks[0].rows == (("Boat", "Seats", "Seats"), ("Boat", "below", "above"), ("Ida", "40", "12"))


def test_shapes_of_groups_stand_where_they_are_drawn(tmp_path: Path) -> None:
    """Also when a group is drawn smaller than it was made, inside another one."""
    made, slide = deck()
    outer = slide.shapes.add_group_shape()
    inner = outer.shapes.add_group_shape()
    inner.shapes.add_textbox(0, 0, Inches(2), Inches(1)).text_frame.text = "Deep"
    inner.left, inner.top, inner.width, inner.height = Inches(1), Inches(1), Inches(1), Inches(0.5)
    outer.left, outer.top, outer.width, outer.height = Inches(5), Inches(3), Inches(2), Inches(1)
    (page,) = pages(saved(made, tmp_path))
    assert [block.text for block in page.blocks] == ["Deep"]
    assert page.blocks[0].box == pytest.approx((6 / 10, 4 / 7.5, 7 / 10, 4.5 / 7.5))


def test_smart_art_is_read_from_the_top_down(tmp_path: Path) -> None:
    made, slide = deck()
    points = [
        ("0", "doc", ""),
        ("1", "node", "Board"),
        ("2", "node", "Yard"),
        ("3", "node", "Office"),
        ("4", "pres", "x"),
    ]
    links = [("1", "2", 0), ("1", "3", 1), ("0", "1", 0)]
    data = f'<dgm:dataModel xmlns:dgm="{NAMESPACES["dgm"]}" xmlns:a="{NAMESPACES["a"]}"><dgm:ptLst>'
    for key, kind, text in points:
        said = f"<dgm:t><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t>" if text != "x" else ""
        data += f'<dgm:pt modelId="{key}" type="{kind}">{said}</dgm:pt>'
    data += "</dgm:ptLst><dgm:cxnLst>"
    data += "".join(f'<dgm:cxn modelId="{a}{b}" srcId="{a}" destId="{b}" srcOrd="{n}"/>' for a, b, n in links)
    data += "</dgm:cxnLst></dgm:dataModel>"
    media = "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml"
    part = Part(PackURI("/ppt/diagrams/data1.xml"), media, slide.part.package, data.encode())
    key = slide.part.relate_to(part, f"{NAMESPACES['r']}/diagramData")
    frame(slide, NAMESPACES["dgm"], f'<dgm:relIds r:dm="{key}"/>')
    assert texts(saved(made, tmp_path)) == ["Board\n- Yard\n- Office"]


def test_notes_and_comments_are_kept_without_their_furniture(tmp_path: Path) -> None:
    made, slide = deck()
    label(slide, "On the slide", 1, 1)
    slide.notes_slide.notes_text_frame.text = "Say that tickets are\ncheaper on Sundays."
    number = xml(
        '<p:sp><p:nvSpPr><p:cNvPr id="8" name="n"/><p:cNvSpPr/><p:nvPr><p:ph type="sldNum"/></p:nvPr></p:nvSpPr>'
        "<p:spPr/><p:txBody><a:bodyPr/><a:p><a:r><a:t>12</a:t></a:r></a:p></p:txBody></p:sp>"
    )
    slide.notes_slide.shapes._spTree.append(number)
    comments = (
        f'<p:cmLst xmlns:p="{NAMESPACES["p"]}"><p:cm authorId="0" idx="1"><p:pos x="0" y="0"/>'
        "<p:text>Check the price.</p:text></p:cm></p:cmLst>"
    )
    media = "application/vnd.openxmlformats-officedocument.presentationml.comments+xml"
    part = Part(PackURI("/ppt/comments/comment1.xml"), media, slide.part.package, comments.encode())
    slide.part.relate_to(part, f"{NAMESPACES['r']}/comments")
    (page,) = pages(saved(made, tmp_path))
    assert [block.text for block in page.blocks] == [
        "On the slide",
        "Notes: Say that tickets are cheaper on Sundays.",
        "Comment: Check the price.",
    ]
    assert page.lost == 0.0


def test_hidden_slides_and_shapes_are_marked(tmp_path: Path) -> None:
    made, slide = deck(2)
    made.slides[0]._element.set("show", "0")
    label(made.slides[0], "Not shown", 1, 1)
    label(slide, "Shown", 1, 1)
    label(slide, "Kept for later", 1, 3)._element[0][0].set("hidden", "1")
    hidden, seen = pages(saved(made, tmp_path))
    assert hidden.hidden
    assert hidden.notes == ("hidden slide",)
    assert not seen.hidden
    assert [(block.text, block.hidden) for block in seen.blocks] == [("Shown", False), ("Kept for later", True)]


def test_equations_and_raised_digits(tmp_path: Path) -> None:
    made, slide = deck()
    box = label(slide, "Area: ", 1, 1)
    box.text_frame.paragraphs[0]._p.append(xml('<a:r><a:rPr baseline="30000"/><a:t>2</a:t></a:r>'))
    box.text_frame.paragraphs[0]._p.append(
        xml(
            '<mc:AlternateContent><mc:Choice Requires="a14"><a14:m xmlns:a14="http://schemas.microsoft.com/office/'
            'drawing/2010/main"><m:oMath><m:sSup><m:e><m:r><m:t>r</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r>'
            "</m:sup></m:sSup></m:oMath></a14:m></mc:Choice><mc:Fallback><a:r><a:t>Equation</a:t></a:r></mc:Fallback>"
            "</mc:AlternateContent>"
        )
    )
    (page,) = pages(saved(made, tmp_path))
    assert page.blocks[0].text == "Area: ²r²"
    assert page.lost == 0.0


def test_a_shape_for_newer_versions_is_read(tmp_path: Path) -> None:
    """Inside `mc:AlternateContent`, which python-pptx does not look into."""
    made, slide = deck()
    made_for_all = label(slide, "Said to all", 1, 1)._element
    slide.shapes._spTree.append(xml('<mc:AlternateContent><mc:Choice Requires="p14"/></mc:AlternateContent>'))
    slide.shapes._spTree[-1][0].append(made_for_all)
    assert texts(saved(made, tmp_path)) == ["Said to all"]


def picture() -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (200, 120), "navy").save(out, "PNG")
    out.seek(0)
    return out


@pytest.mark.parametrize("mode", ["External", "Internal"])
def test_a_picture_that_is_not_in_the_file_is_noted(tmp_path: Path, mode: str) -> None:
    made, slide = deck()
    slide.shapes.add_picture(picture(), 0, 0)
    label(slide, "Beside it", 1, 3)
    path = saved(made, tmp_path)

    def lead_nowhere(name: str, data: bytes) -> bytes:
        if not name.endswith("slide1.xml.rels"):
            return data
        return data.replace(b'Target="../media/image1.png"', f'Target="NULL" TargetMode="{mode}"'.encode())

    assert texts(rewritten(path, lead_nowhere)) == ["Beside it"]
    (note,) = notes(path)
    assert note.startswith("picture 'Picture 1' skipped: it is ")


@pytest.mark.parametrize("damage", ["table", "position", "chart"])
def test_what_is_wrong_with_one_shape_is_noted_and_the_rest_read(tmp_path: Path, damage: str) -> None:
    made, slide = deck()
    label(slide, "Above", 1, 0.5)
    if damage == "table":
        table = slide.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1))
        table.table.cell(0, 0).text = "kept"
        row = table.table._tbl.tr_lst[1]
        row.remove(row.tc_lst[1])  # a shifted grid
    elif damage == "position":
        label(slide, "Nowhere", 1, 2)._element.spPr.remove(slide.shapes[-1]._element.spPr[0])
    else:
        frame(slide, NAMESPACES["c"], '<c:chart r:id="rId99"/>')
    label(slide, "Below", 1, 6)
    said = texts(saved(made, tmp_path))
    assert {"Above", "Below"} <= set(said)
    assert len(said) == (2 if damage == "chart" else 3)
    assert len(notes(tmp_path / "a.pptx")) == (damage == "chart")


def test_a_slide_that_cannot_be_taken_apart_is_a_page_with_a_note(tmp_path: Path) -> None:
    made, slide = deck(2)
    label(made.slides[0], "Fine", 1, 1)
    label(slide, "Broken", 1, 1)._element.spPr[0][0].set("x", "left")
    fine, broken = pages(saved(made, tmp_path))
    assert fine.notes == ()
    assert broken.notes[0].startswith("slide skipped")
    assert broken.lost == 1.0


@pytest.mark.parametrize("suffix", [".ppsx", ".potx", ".pptm"])
def test_shows_templates_and_macros(tmp_path: Path, suffix: str) -> None:
    made, slide = deck()
    label(slide, "A show", 1, 1)
    kinds = {
        ".ppsx": "application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml",
        ".potx": "application/vnd.openxmlformats-officedocument.presentationml.template.main+xml",
        ".pptm": "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml",
    }
    plain = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
    path = saved(made, tmp_path, f"a{suffix}")
    assert texts(rewritten(path, lambda _, data: data.replace(plain, kinds[suffix].encode()))) == ["A show"]


def test_strict_open_xml(tmp_path: Path) -> None:
    made, slide = deck()
    label(slide, "Strictly shown", 1, 1)

    def strict(_: str, data: bytes) -> bytes:
        for part in (b"presentationml", b"drawingml", b"officeDocument"):
            data = data.replace(
                b"http://schemas.openxmlformats.org/" + part + b"/2006/", b"http://purl.oclc.org/ooxml/" + part + b"/"
            )
        return data

    assert texts(rewritten(saved(made, tmp_path), strict)) == ["Strictly shown"]


@pytest.mark.parametrize("attribute", [b"Id=", b"Type=", b"PartName=", b"ContentType="])
def test_a_damaged_package_is_told_or_read(tmp_path: Path, attribute: bytes) -> None:
    made, slide = deck()
    label(slide, "Read me", 1, 1)
    path = rewritten(saved(made, tmp_path), lambda _, data: data.replace(attribute, b"Odd=", 1))
    try:
        assert texts(path) == ["Read me"]
    except BadDocument as error:
        assert "a.pptx" in str(error)


def test_words_that_no_block_holds_are_told(tmp_path: Path) -> None:
    made, slide = deck()
    label(slide, "One two three", 1, 1)
    stray = xml("<p:elsewhere><a:p><a:r><a:t>four five</a:t></a:r></a:p></p:elsewhere>")
    slide.shapes._spTree.append(stray)
    assert notes(saved(made, tmp_path)) == ["40% of this slide's words could not be placed (such as four, five)"]


def test_a_chart_has_its_values_and_its_words(tmp_path: Path) -> None:
    made, slide = deck()
    data = CategoryChartData(number_format="0%")
    data.categories = ["North", "South"]
    data.add_series("Share", (0.125, 0.5))
    kind = XL_CHART_TYPE.COLUMN_CLUSTERED
    chart = slide.shapes.add_chart(kind, Inches(1), Inches(1), Inches(5), Inches(4), data).chart
    chart.chart_title.text_frame.text = "Catch by coast"
    chart.value_axis.axis_title.text_frame.text = "share of all"
    table, figure = pages(saved(made, tmp_path))[0].blocks
    assert (table.caption, table.rows) == ("Catch by coast", (("", "Share"), ("North", "12.5%"), ("South", "50%")))
    assert (figure.kind, figure.caption) == ("figure", "Catch by coast")
    assert "share of all" in figure.text


@pytest.mark.parametrize("count", [250, 5000])
def test_many_shapes_are_ordered_in_no_time(count: int) -> None:
    """Seconds to hours, when every run of rows is tried for columns; here on a diagonal, the worst case."""
    boxes = [Box(n / count, n / count, (n + 1) / count, (n + 1) / count) for n in range(count)]
    assert reading_order(boxes) == list(range(count))
