"""A table as Markdown, HTML and a DataFrame holds the same cells."""

from html.parser import HTMLParser

from markdown_it import MarkdownIt

from retrievers.elements import Rows
from retrievers.table_forms import dataframe, html, markdown

ROWS: Rows = (("Planet", "Moons | rings", "Note"), ("Mars", "2", "<red> & dry"), ("Saturn", "146", "rings"))


class Cells(HTMLParser):
    """Rows of a page's only table."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1] and data.strip():
            self.rows[-1][-1] += data


def cells(page: str) -> Rows:
    return tuple(tuple(row) for row in Cells(page).rows)


def test_markdown_renders_to_the_same_cells() -> None:
    assert cells(MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown(ROWS))) == ROWS


def test_html_holds_the_same_cells_and_its_caption() -> None:
    page = html(ROWS, "Moons & rings")
    assert cells(page.partition("</caption>")[2]) == ROWS
    assert "<caption>Moons &amp; rings</caption>" in page
    assert "<red>" not in page


def test_a_dataframe_has_the_first_row_as_names() -> None:
    frame = dataframe(ROWS)
    assert tuple(frame.columns) == ROWS[0]
    assert tuple(map(tuple, frame.itertuples(index=False))) == ROWS[1:]
