"""HTML, Markdown and plain text as a reader sees them: everything, once, in order."""

import base64
from pathlib import Path

import pytest
from test_parsers import encoded, picture

from retrievers.elements import Block, Page
from retrievers.parsers import open_document


def read(path: Path, content: str) -> list[Page]:
    path.write_text(content, encoding="utf-8")
    with open_document(path) as document:
        return [document.page(number) for number in range(1, document.page_count + 1)]


def blocks(path: Path, content: str) -> list[Block]:
    return [block for page in read(path, content) for block in page.blocks]


def texts(path: Path, content: str) -> list[str]:
    return [block.text for block in blocks(path, content)]


def rows(path: Path, content: str) -> list[list[tuple[str, ...]]]:
    return [list(block.rows) for block in blocks(path, content) if block.kind == "table"]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "a.html"


SEEN = {
    "div": ("<div>Open 9:15<div>Closed</div>Ring twice</div>", ["Open 9:15", "Closed", "Ring twice"]),
    "mixed": ("<section>Adults <b>7</b><p>Bring cash</p>Dogs free</section>", ["Adults 7", "Bring cash", "Dogs free"]),
    "no end tags": ("<p>one<p>two<ul><li>a<li>b</ul>", ["one", "two", "- a", "- b"]),
    "landmarks": (
        "<header>H</header><nav>N</nav><main><article>A</article></main><aside>S</aside><footer>F</footer>",
        ["H", "N", "A", "S", "F"],
    ),
    "address and font": ("<address>Quay 3</address><font>small</font><center>mid</center>", ["Quay 3", "small", "mid"]),
    "details": ("<details><summary>More</summary>Hidden keys</details>", ["More", "Hidden keys"]),
    "definitions": ("<dl><dt>Berth<dd>a place<dt>Quay<dd>a wall</dl>", ["Berth", "a place", "Quay", "a wall"]),
    "item with blocks": ("<ul><li><p>first</p><p>more</p></li><li>second</li></ul>", ["- first", "more", "- second"]),
    "numbered": (
        "<ol start=3><li>three<li value=7><p>seven</p><ul><li>dot</ul><li><ol type=a><li>inner</ol>eight</ol>",
        ["3. three", "7. seven", "- dot", "a. inner", "eight"],
    ),
    "numbered otherwise": (
        "<ol reversed type=I><li>five<li hidden>no</li><li>last<li>one</ol><ol style=list-style:none><li>bare</ol>",
        ["IV. five", "III. last", "II. one", "bare"],
    ),
    "an empty item": ("<ol><li></ol><p>after</p><ul><li></ul><p>more</p>", ["1.", "after", "more"]),
    "half a word": ("<p>Vol<b>cano</b> and H<sub>2</sub>O</p>", ["Volcano and H2O"]),
    "raised": ("<p>10<sup>6</sup> cells<sup><a href=#n>4</a></sup></p>", ["10⁶ cells 4"]),
    "drawn words": ("<svg><desc>no</desc><text>North</text><text>South</text></svg>", ["North South"]),
    "for eyes alone": ("<p aria-hidden=true>seen</p><p hidden=until-found>found</p>", ["seen", "found"]),
    "joined files": ("<html><body>one</body></html><html><body><p>two</p></body></html>", ["one", "two"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", SEEN)
def test_what_a_reader_sees_is_read_in_order(kind: str, page: Path) -> None:
    source, expected = SEEN[kind]
    assert texts(page, source) == expected


def test_fields_of_a_form(page: Path) -> None:
    form = (
        "<form><label>Name <input value=Bo></label><input type=checkbox checked> paid <input type=radio> later"
        "<input type=hidden value=k1><input type=password value=k2><textarea>By post</textarea>"
        "<select><option>East<option>West</select><button>Send</button></form>"
    )
    assert texts(page, form) == ["Name Bo [x] paid [ ] later By post", "East", "West", "Send"]


@pytest.mark.parametrize(
    "how", ["hidden", "style='display: none'", "style='visibility:hidden'", "style='font-size:0px'"]
)
def test_what_is_hidden_is_left_out_and_said(how: str, page: Path) -> None:
    (only,) = read(page, f"<p>Seen</p><div {how}>secret <b>words</b></div><script>no()</script><template>no</template>")
    assert [block.text for block in only.blocks] == ["Seen"]
    assert only.notes == ("1 hidden elements left out",)
    assert only.lost == 0


def test_spans_stand_in_each_of_their_cells(page: Path) -> None:
    table = (
        "<table><tr><th>Line<th>Day<th>First<th>Last<tr><td rowspan=2>Cove to Hithe<td>weekday<td>05:50<td>23:10"
        "<tr><td>Sunday<td colspan=2>no boat</table>"
    )
    assert rows(page, table) == [
        [("Line", "Day", "First", "Last"), ("Cove to Hithe", "weekday", "05:50", "23:10"),
         ("Cove to Hithe", "Sunday", "no boat", "no boat")]
    ]  # fmt: skip


def test_two_header_rows_become_one(page: Path) -> None:
    table = (
        "<table><thead><tr><th rowspan=2>Port<th colspan=2>Boats<tr><th>2020<th>2021</thead>"
        "<tr><td>Hithe<td>4<td>5<tr><td>Cove<td>7<td>9</table>"
    )
    assert rows(page, table) == [[("Port", "Boats 2020", "Boats 2021"), ("Hithe", "4", "5"), ("Cove", "7", "9")]]


def test_a_table_inside_a_cell_follows(page: Path) -> None:
    table = "<table><tr><th>A<th>B<tr><td>1<td>2<table><tr><th>C<th>D<tr><td>3<td>4</table></table>"
    assert rows(page, table) == [[("A", "B"), ("1", "2")], [("C", "D"), ("3", "4")]]


@pytest.mark.parametrize(
    "table",
    ["<table><tr><td><p>Left<h2>Right</h2></table>", "<table role=presentation><tr><td>Left<td><h2>Right</h2></table>"],
)
def test_a_table_for_the_layout_is_no_table(table: str, page: Path) -> None:
    assert [(block.kind, block.text) for block in blocks(page, table)] == [("text", "Left"), ("heading", "Right")]


def test_columns_that_only_space_are_no_columns(page: Path) -> None:
    table = "<table>" + "".join(f"<tr><td colspan=3>{n}<td><td colspan=2>{n * n}" for n in (7, 8, 9)) + "</table>"
    assert rows(page, table) == [[("7", "49"), ("8", "64"), ("9", "81")]]


@pytest.mark.parametrize("broken", [False, True])
def test_a_picture_inside_the_page(broken: bool, page: Path) -> None:
    data = base64.encodebytes(encoded(picture()).read()).decode()
    data = data if broken else data.replace("\n", "")
    caption = "<figcaption>The volcano</figcaption>"
    (figure,) = blocks(page, f'<figure><img src="data:image/png;base64,{data}">{caption}</figure>')
    assert (figure.kind, figure.caption) == ("figure", "The volcano")
    assert "OLYMPUS" in figure.text


def test_the_caption_of_a_picture_that_is_not_there_is_kept(page: Path) -> None:
    assert texts(page, "<figure><img src=https://example.com/a.png><figcaption>The weir</figcaption></figure>") == [
        "The weir"
    ]


@pytest.mark.parametrize("unit", ["<ul><li>x", "<table><tr><td>x<td>y", "<div>x", "<h1>x", "<b>x"])
@pytest.mark.timeout(60)
def test_deep_nesting_ends_and_is_said(unit: str, page: Path) -> None:
    """Took 22 s for 32 KB, and never ended for 160 KB."""
    first = read(page, f"<p>Before</p>{unit * 20_000}")[0]
    assert first.blocks[0].text == "Before"
    assert any("nested more than" in note for note in first.notes)
    assert first.lost > 0.5


@pytest.mark.timeout(60)
def test_spans_that_fill_the_world_are_cut(page: Path) -> None:
    cells = "<tr><td colspan=1000 rowspan=65000>a<td>b" * 3000
    found = rows(page, f"<table>{cells}</table>")
    assert sum(cell == "b" for table in found for row in table for cell in row) >= 3000


def test_front_matter_of_markdown(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    matter = "---\ntitle: The Harbour Book\nauthor: [Ann, Bo]\n---\n\nFirst words.\n"
    assert texts(path, matter) == ["title: The Harbour Book", "author: [Ann, Bo]", "First words."]
    with open_document(path) as document:
        assert document.title == "The Harbour Book"
    assert texts(path, "---\n: {broken\n---\nBody") == [": {broken", "Body"]


def test_footnotes_lists_of_terms_and_tables_of_markdown(tmp_path: Path) -> None:
    found = blocks(
        tmp_path / "a.md", "Deep[^1] water.\n\n[^1]: By the lead.\n\nBerth\n: a place\n\n|a|b|\n|-|-|\n|1|2|\n"
    )
    said = " / ".join(block.text for block in found)
    assert "By the lead." in said
    assert "Berth / a place" in said
    assert found[3].rows == (("a", "b"), ("1", "2"))


LINKS = {
    "[Guide](https://example.org/a_b)": "Guide (https://example.org/a_b)",
    "[**The** guide][1]\n\n[1]: http://example.org/x": "The guide (http://example.org/x)",
    "[Ada](mailto:ada@example.org)": "Ada (ada@example.org)",
    "<https://example.org/a> and https://example.org/b": "https://example.org/a and https://example.org/b",
    "[example.org/a](https://example.org/a)": "example.org/a (https://example.org/a)",
    "[above](#top), [next](next.md)": "above, next",
    "[one](https://a.org) [two](https://b.org)": "one (https://a.org) two (https://b.org)",
}


@pytest.mark.parametrize("written", LINKS)
def test_addresses_that_links_of_markdown_lead_to(written: str, tmp_path: Path) -> None:
    assert texts(tmp_path / "a.md", written) == [LINKS[written]]


def test_numbers_of_lists_in_markdown_and_in_cells(tmp_path: Path) -> None:
    assert texts(tmp_path / "a.md", "4. four\n5. five\n   - dot\n") == ["4. four", "5. five", "- dot"]
    table = "<table><tr><th>Step<th>Do</tr><tr><td>first<td><ol><li>stop<li>look</ol></tr></table>"
    [page] = read(tmp_path / "a.html", table)
    assert (page.blocks[0].rows[1], page.lost) == (("first", "1. stop 2. look"), 0.0)


def test_quotations_in_quotations_are_read(tmp_path: Path) -> None:
    assert texts(tmp_path / "a.md", "> " * 60 + "deep") == ["deep"]


COLUMNS = {
    "spaces": "Port      Boats  Depth\nHithe         4    3.5\nLong Cove    12    7.0",
    "drawn line": "Port      Boats Depth\n--------- ----- -----\nHithe         4   3.5\nLong Cove    12   7.0",
    "tabs": "Port\tBoats\tDepth\nHithe\t4\t3.5\nLong Cove\t12\t7.0",
    "bars": "+-----------+-------+-------+\n| Port      | Boats | Depth |\n+===========+=======+=======+\n"
    "| Hithe     |     4 |   3.5 |\n| Long Cove |    12 |   7.0 |\n+-----------+-------+-------+",
}  # fmt: skip


@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.parametrize("title", ["", "Ports of the Elm valley in 1998, with depth\n"])
def test_columns_of_plain_text_are_a_table(kind: str, title: str, tmp_path: Path) -> None:
    found = blocks(tmp_path / "a.txt", f"Before.\n\n{title}{COLUMNS[kind]}\n\nAfter.")
    expected = (("Port", "Boats", "Depth"), ("Hithe", "4", "3.5"), ("Long Cove", "12", "7.0"))
    assert [block.rows for block in found if block.kind == "table"] == [expected]
    assert [block.text for block in found if block.kind == "text"] == [
        "Before.",
        *filter(None, [title.strip()]),
        "After.",
    ]


@pytest.mark.parametrize(
    "prose",
    [
        "The ferry leaves at noon.  It returns\nat six, when the  tide is high and\nthe harbour is open to  all boats.",
        "- one\n- two\n- three",
        "def f(x):\n    if x:\n        return x  # so\n    return 0",
    ],
)
def test_prose_is_no_table(prose: str, tmp_path: Path) -> None:
    assert [block.kind for block in blocks(tmp_path / "a.txt", prose)] == ["text"]


@pytest.mark.parametrize("mark", ["> ", ">", "- "])
def test_no_word_of_deeply_nested_markdown_is_lost(mark: str, tmp_path: Path) -> None:
    deep = f"# Tides\n\n{mark * 150}The ebb is at 6:40.\n\nThe flood is at noon.\n"
    (first, *_) = read(tmp_path / "a.md", deep)
    said = " ".join(block.text for block in first.blocks)
    assert "The ebb is at 6:40." in said
    assert "The flood is at noon." in said
    assert any("nested more than 100 deep" in note for note in first.notes)
    shallow = read(tmp_path / "b.md", f"{mark * 20}The ebb is at 6:40.")
    assert "The ebb is at 6:40." in shallow[0].blocks[0].text
    assert not shallow[0].notes


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_words_are_held_in_the_letters_that_one_types(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("E\ufb03cient mills of ｔｙｐｅ ３ grind 10² sacks a day.", encoding="utf8")
    with open_document(tmp_path / name) as document:
        (block,) = document.page(1).blocks
    assert block.text == "Efficient mills of type 3 grind 10² sacks a day."
