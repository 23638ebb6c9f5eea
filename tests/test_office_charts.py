"""Charts of PPTX and DOCX as tables, whatever their kind."""

from pathlib import Path
from typing import Any

import docx
import pptx
import pytest
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from office_files import pages, xml
from pptx.chart.data import BubbleChartData, CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from retrievers.elements import Rows
from retrievers.parsers.office.charts import read_chart, shown
from retrievers.parsers.office.ooxml import NAMESPACES


def charted(kind: Any, data: Any) -> Any:
    """The chart part's root, as python-pptx writes it."""
    made = pptx.Presentation()
    slide = made.slides.add_slide(made.slide_layouts[6])
    return slide.shapes.add_chart(kind, 0, 0, Inches(5), Inches(4), data).chart._chartSpace


def categories() -> CategoryChartData:
    data = CategoryChartData()
    data.categories = ["Rye", "Oats"]
    data.add_series("2023", (1234567, None))
    data.add_series("2024", (0.1 + 0.2, -23456789.25))
    return data


TABLE: Rows = (("", "2023", "2024"), ("Rye", "1234567", "0.3"), ("Oats", "", "-23456789.25"))


@pytest.mark.parametrize("kind", ["COLUMN_CLUSTERED", "BAR_STACKED", "LINE", "AREA", "RADAR", "DOUGHNUT"])
def test_kinds_with_categories(kind: str) -> None:
    assert read_chart(charted(getattr(XL_CHART_TYPE, kind), categories())).tables == (TABLE,)


@pytest.mark.parametrize("kind", ["bar3DChart", "area3DChart", "surface3DChart", "ofPieChart", "stockChart"])
def test_kinds_that_python_pptx_does_not_know(kind: str) -> None:
    from lxml import etree

    written = etree.tostring(charted(XL_CHART_TYPE.COLUMN_CLUSTERED, categories())).replace(b"barChart", kind.encode())
    assert read_chart(etree.fromstring(written)).tables == (TABLE,)


def test_points_have_both_coordinates() -> None:
    data = XyChartData()
    series = data.add_series("Beam")
    series.add_data_point(2500000, 1.25)
    series.add_data_point(0.5, 3)
    other = data.add_series("Rope")
    other.add_data_point(7, 8)
    (table,) = read_chart(charted(XL_CHART_TYPE.XY_SCATTER, data)).tables
    assert table == (("", "X", "Y"), ("Beam", "2500000", "1.25"), ("Beam", "0.5", "3"), ("Rope", "7", "8"))


def test_bubbles_have_a_size_and_axes_their_names() -> None:
    data = BubbleChartData()
    data.add_series("Farms").add_data_point(3, 40, 7)
    chart = charted(XL_CHART_TYPE.BUBBLE, data)
    across = next(chart.iter(f"{{{NAMESPACES['c']}}}valAx"))
    across.insert(1, xml("<c:title><c:tx><c:rich><a:p><a:r><a:t>Fields</a:t></a:r></a:p></c:rich></c:tx></c:title>"))
    assert read_chart(chart).tables == ((("", "Fields", "Y", "Size"), ("Farms", "3", "40", "7")),)


def test_titles_that_are_taken_from_cells() -> None:
    chart = charted(XL_CHART_TYPE.LINE, categories())
    cell = "<c:tx><c:strRef><c:strCache><c:pt idx='0'><c:v>{}</c:v></c:pt></c:strCache></c:strRef></c:tx>"
    chart.find(f"{{{NAMESPACES['c']}}}chart").insert(0, xml(f"<c:title>{cell.format('Harvest')}</c:title>"))
    next(chart.iter(f"{{{NAMESPACES['c']}}}valAx")).insert(1, xml(f"<c:title>{cell.format('tonnes')}</c:title>"))
    found = read_chart(chart)
    assert (found.title, found.words) == ("Harvest", "tonnes")


def test_categories_of_two_levels() -> None:
    data = CategoryChartData()
    for year in ("2023", "2024"):
        level = data.add_category(year)
        level.add_sub_category("H1")
        level.add_sub_category("H2")
    data.add_series("Tonnes", (1, 2, 3, 4))
    (table,) = read_chart(charted(XL_CHART_TYPE.COLUMN_CLUSTERED, data)).tables
    assert table[1:] == (("2023 / H1", "1"), ("2023 / H2", "2"), ("2024 / H1", "3"), ("2024 / H2", "4"))


def test_extended_charts() -> None:
    """A waterfall; the chart itself is no `c:chart` at all."""
    chart = xml(
        '<cx:chartSpace><cx:chartData><cx:data id="0"><cx:strDim type="cat"><cx:lvl ptCount="2"><cx:pt idx="0">Start'
        '</cx:pt><cx:pt idx="1">Rent</cx:pt></cx:lvl></cx:strDim><cx:numDim type="val"><cx:lvl ptCount="2" '
        'formatCode="General"><cx:pt idx="0">9000000</cx:pt><cx:pt idx="1">-1250</cx:pt></cx:lvl></cx:numDim></cx:data>'
        "</cx:chartData><cx:chart><cx:title><cx:tx><cx:rich><a:p><a:r><a:t>Cash</a:t></a:r></a:p></cx:rich></cx:tx>"
        '</cx:title><cx:plotArea><cx:series layoutId="waterfall"/></cx:plotArea></cx:chart></cx:chartSpace>'
    )
    found = read_chart(chart)
    assert (found.title, found.tables) == ("Cash", ((("", "val"), ("Start", "9000000"), ("Rent", "-1250")),))


def test_a_chart_without_stored_values_keeps_its_title() -> None:
    found = read_chart(
        xml(
            "<c:chartSpace><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Linked</a:t></a:r></a:p></c:rich></c:tx>"
            "</c:title><c:plotArea><c:lineChart><c:ser/></c:lineChart></c:plotArea></c:chart></c:chartSpace>"
        )
    )
    assert (found.title, found.tables) == ("Linked", ())


@pytest.mark.parametrize(
    ("number", "form", "text"),
    [
        ("2.3456789E7", "General", "23456789"),
        ("1E-3", "General", "0.001"),
        ("0.34999999999999998", "0.00", "0.35"),
        ("0.125", "0.0%", "12.5%"),
        ("45292", "yyyy\\-mm\\-dd", "2024-01-01"),
        ("45292.5", "m/d/yy h:mm", "2024-01-01 12:00:00"),
        ("-5", "yyyy", "-5"),
        ("n/a", "General", "n/a"),
        ("nan", "General", "nan"),
        ("1e300", "General", "1e300"),
    ],
)
def test_numbers_are_written_as_they_are(number: str, form: str, text: str) -> None:
    assert shown(number, form) == text


def test_charts_in_word(tmp_path: Path) -> None:
    from lxml import etree

    document = docx.Document()
    blob = etree.tostring(charted(XL_CHART_TYPE.AREA, categories()))
    media = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
    part = Part(PackURI("/word/charts/chart1.xml"), media, blob, document.part.package)
    key = document.part.relate_to(part, f"{NAMESPACES['r']}/chart")
    run = document.add_paragraph("As the chart shows.").add_run()._r
    run.append(
        xml(f'<w:drawing><a:graphic><a:graphicData><c:chart r:id="{key}"/></a:graphicData></a:graphic></w:drawing>')
    )
    document.save(str(tmp_path / "a.docx"))
    (page,) = pages(tmp_path / "a.docx")
    assert [block.rows for block in page.blocks] == [(), TABLE]
    assert page.lost == 0.0
