"""OpenDocument, RTF, EPUB and the office formats of before 2007."""

import os
import stat
import time
import zipfile
from pathlib import Path

import pytest
from ole_files import write_ole, write_xls
from test_parsers import encoded, kinds, of, parse, picture

from common.errors import BadDocument
from retrievers.elements import Page
from retrievers.parsers import legacy_office as legacy
from retrievers.parsers import open_document

SPACES = (
    " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"'
        for name, space in (
            *(
                ("office", "office"),
                ("text", "text"),
                ("table", "table"),
                ("draw", "drawing"),
                ("svg", "svg-compatible"),
            ),
            ("presentation", "presentation"),
        )
    )
    + ' xmlns:xlink="http://www.w3.org/1999/xlink"'
)


def packed(path: Path, members: dict[str, "str | bytes"]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def opendocument(path: Path, body: str, **files: bytes) -> Path:
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    content = f"<office:document-content {SPACES}><office:body>{body}</office:body></office:document-content>"
    return packed(path, {"mimetype": kind, "content.xml": content, "Pictures/a.png": b"", **files})


ODT = """<office:text>
<text:tracked-changes><text:changed-region><text:deletion><text:p>struck out</text:p></text:deletion>
</text:changed-region></text:tracked-changes>
<text:h text:outline-level="1">The harbour</text:h>
<text:p>Half<text:s text:c="3"/>of <text:span>it</text:span> silted<text:note><text:note-citation>1</text:note-citation>
<text:note-body><text:p>Since 1911.</text:p></text:note-body></text:note> up.</text:p>
<text:list><text:list-item><text:p>cranes</text:p><text:list><text:list-item><text:p>two old</text:p></text:list-item>
</text:list></text:list-item></text:list>
<table:table><table:table-header-rows><table:table-row><table:table-cell table:number-columns-spanned="2">
<text:p>Piers</text:p></table:table-cell><table:covered-table-cell/></table:table-row></table:table-header-rows>
<table:table-row><table:table-cell><text:p>A</text:p></table:table-cell><table:table-cell><text:p>12 m</text:p>
<text:p>deep</text:p></table:table-cell></table:table-row></table:table>
<text:p>See <draw:frame><draw:image xlink:href="Pictures/a.png"/><svg:title>The crane</svg:title></draw:frame></text:p>
</office:text>"""


def test_odt(tmp_path: Path) -> None:
    path = opendocument(tmp_path / "a.odt", ODT, **{"Pictures/a.png": encoded(picture()).getvalue()})
    (page,) = parse(path)
    assert kinds(page) == ["heading", "text", "text", "text", "text", "table", "text", "figure"]
    assert [block.text for block in of("text", [page])][:4] == [
        "Half of it silted up.",
        "1 Since 1911.",
        "- cranes",
        "- two old",
    ]
    assert of("table", [page])[0].rows == (("Piers", "Piers"), ("A", "12 m deep"))
    assert of("figure", [page])[0].caption == "The crane"
    assert (page.lost, page.notes) == (0.0, ())


def test_an_encrypted_or_damaged_odt_says_so(tmp_path: Path) -> None:
    sealed = '<m:manifest xmlns:m="x"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    for content, listed, reason in (
        (b"\x8f\x00", sealed, "is encrypted"),
        (b"<a", "<x/>", "damaged"),
        (f"<a {SPACES}><text:h text:outline-level='x'>A</text:h></a>".encode(), "<x/>", "damaged"),
        (b"<a/>", "<x/>", "no text"),
    ):
        packed(tmp_path / "a.odt", {"content.xml": content, "META-INF/manifest.xml": listed})
        with pytest.raises(BadDocument, match=reason):
            open_document(tmp_path / "a.odt")


def test_odp_has_a_section_for_each_slide(tmp_path: Path) -> None:
    slide = (
        '<draw:page draw:name="{}"><draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>'
        "<presentation:notes><draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"
        "</presentation:notes></draw:page>"
    )
    slides = slide.format("Start", "Cranes", "Speak up") + slide.format("End", "Ferries", "Thank them")
    (page,) = parse(opendocument(tmp_path / "a.odp", f"<office:presentation>{slides}</office:presentation>"))
    assert [block.text for block in page.blocks] == ["Start", "Cranes", "Speak up", "End", "Ferries", "Thank them"]


def test_ods_and_xls_are_sheets(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="{}"{}><text:p>{}</text:p></table:table-cell>'
    rows = [
        ("string", "", "Port"),
        ("string", "", "Tons"),
        ("string", "", "Holm"),
        ("float", ' office:value="12.5"', "12.5"),
    ]
    cells = [cell.format(*row) for row in rows]
    table = "".join(f"<table:table-row>{''.join(cells[at : at + 2])}</table:table-row>" for at in (0, 2))
    sheet = f'<office:spreadsheet><table:table table:name="Catch">{table}</table:table></office:spreadsheet>'
    opendocument(tmp_path / "a.ods", sheet, **{"META-INF/manifest.xml": b"<manifest/>"})
    write_xls(tmp_path / "a.xls", "Catch", [["Port", "Tons"], ["Holm", 12.5]])
    for name in ("a.ods", "a.xls"):
        (page,) = parse(tmp_path / name)
        assert page.blocks[0].text == "Catch"
        assert page.blocks[1].rows == (("Port", "Tons"), ("Holm", "12.5")), name


def cells(*written: str) -> str:
    """A row of OpenDocument: "text", "text 2x3" for one that spans two columns and three rows, "" for a covered one."""
    made = []
    for one in written:
        text, _, span = one.partition(" ")
        wide, high = span.split("x") if span else ("1", "1")
        spans = f'table:number-columns-spanned="{wide}" table:number-rows-spanned="{high}"'
        value = f'<table:table-cell office:value-type="string" {spans}><text:p>{text}</text:p></table:table-cell>'
        made.append(value if text else "<table:covered-table-cell/>")
    return f"<table:table-row>{''.join(made)}</table:table-row>"


MERGED = (
    cells("Pier 1x2", "Depth 2x1", "") + cells("", "north", "south") + cells("A 1x2", "12", "9") + cells("", "14", "8")
)
REPEATED = (("Pier", "Depth north", "Depth south"), ("A", "12", "9"), ("A", "14", "8"))


def test_merged_cells_of_old_and_open_sheets_say_the_same_in_all_they_span(tmp_path: Path) -> None:
    sheet = f'<office:spreadsheet><table:table table:name="Catch">{MERGED}</table:table></office:spreadsheet>'
    opendocument(tmp_path / "a.ods", sheet, **{"META-INF/manifest.xml": b"<manifest/>"})
    rows: list[list[str | float]] = [["Pier", "Depth", ""], ["", "north", "south"], ["A", 12.0, 9.0], ["", 14.0, 8.0]]
    write_xls(tmp_path / "a.xls", "Catch", rows, merged=((0, 1, 0, 0), (0, 0, 1, 2), (2, 3, 0, 0)))
    for name in ("a.ods", "a.xls"):
        (page,) = parse(tmp_path / name)
        assert page.blocks[1].rows == REPEATED, name
        assert page.lost == 0.0


def test_merged_cells_under_empty_and_repeated_rows_of_an_open_sheet(tmp_path: Path) -> None:
    empty = '<table:table-row table:number-rows-repeated="3"><table:table-cell table:number-columns-repeated="9"/>'
    wide = '<table:table-row><table:table-cell table:number-columns-repeated="2"/>'
    body = f"{empty}</table:table-row>{MERGED}".replace("<table:table-row><", f"{wide}<")
    sheet = f'<office:spreadsheet><table:table table:name="Catch">{body}</table:table></office:spreadsheet>'
    opendocument(tmp_path / "a.ods", sheet, **{"META-INF/manifest.xml": b"<manifest/>"})
    (page,) = parse(tmp_path / "a.ods")
    assert page.blocks[1].rows == REPEATED


def test_a_cell_of_an_odt_stands_in_all_rows_and_columns_that_it_spans(tmp_path: Path) -> None:
    both = cells("Quay 2x2", "", "1") + cells("", "", "2") + cells("Mole", "B", "3")
    body = f"<office:text><table:table>{both}</table:table><table:table>{MERGED}</table:table></office:text>"
    (page,) = parse(opendocument(tmp_path / "a.odt", body))
    first, second = of("table", [page])
    assert first.rows == (("Quay", "Quay", "1"), ("Quay", "Quay", "2"), ("Mole", "B", "3"))
    assert second.rows[2:] == (("A", "12", "9"), ("A", "14", "8"))
    assert page.lost == 0.0


def test_a_hidden_sheet_of_an_old_workbook_is_marked(tmp_path: Path) -> None:
    write_xls(tmp_path / "a.xls", "Wages", [["Name", "Pay"], ["Ann", 12.0]], hidden=True)
    (page,) = parse(tmp_path / "a.xls")
    assert page.blocks[0].text == "Wages (hidden sheet)"
    assert all(block.hidden for block in page.blocks)


def test_hidden_rows_of_old_and_open_sheets_come_after_what_is_seen(tmp_path: Path) -> None:
    written: list[list[str | float]] = [["Pier", "Depth"], ["A", 12.0], ["B", 14.0], ["C", 9.0], ["D", 7.0]]
    write_xls(tmp_path / "a.xls", "Catch", written, hidden_rows=(2, 4))
    header, *rest = (cells(*map(str, row)) for row in (("Pier", "Depth"), ("A", 12), ("B", 14), ("C", 9), ("D", 7)))
    rest[1] = rest[1].replace("<table:table-row>", '<table:table-row table:visibility="collapse">')
    rest[3] = rest[3].replace("<table:table-row>", '<table:table-row table:visibility="filter">')
    empty = '<table:table-row table:visibility="collapse" table:number-rows-repeated="1048570"><table:table-cell/>'
    sheet = f'<table:table table:name="Catch">{header}{"".join(rest)}{empty}</table:table-row></table:table>'
    body = f"<office:spreadsheet>{sheet}</office:spreadsheet>"
    opendocument(tmp_path / "a.ods", body, **{"META-INF/manifest.xml": b"<manifest/>"})
    for name in ("a.ods", "a.xls"):
        (page,) = parse(tmp_path / name)
        assert [(block.rows, block.hidden) for block in page.blocks if block.rows] == [
            ((("Pier", "Depth"), ("A", "12"), ("C", "9")), False),
            ((("Pier", "Depth"), ("B", "14"), ("D", "7")), True),
        ], name


RTF = r"""{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset204 Arial Cyr;}}{\info{\title x}}
\pard The pier|quay is caf\'e9-lined, 5 \u8364? a day.\par {\f0 \'cf\'f0\'e8\'e2\'e5\'f2}\par
\trowd\cellx100\cellx200\intbl Pier\cell Depth\cell\row\trowd\cellx100\cellx200\intbl A\cell 12 m\cell\row
\pard After the table.\par}"""


def test_rtf(tmp_path: Path) -> None:
    (tmp_path / "a.rtf").write_text(RTF)
    (page,) = parse(tmp_path / "a.rtf")
    assert [block.text for block in of("text", [page])] == [
        "The pier|quay is café-lined, 5 € a day.",
        "Привет",
        "After the table.",
    ]
    assert of("table", [page])[0].rows == (("Pier", "Depth"), ("A", "12 m"))


def test_a_cell_of_an_rtf_may_hold_several_paragraphs_and_lines(tmp_path: Path) -> None:
    word = r"\trowd\cellx100\cellx200\pard\intbl {Pier\par}\pard\intbl of oak\cell\pard\intbl Depth\cell\row"
    plain = r"\trowd\cellx100\cellx200\intbl A\line B\cell 12 m\par at ebb\cell\row"
    (tmp_path / "a.rtf").write_text(rf"{{\rtf1 Before.\par One\\par.\par {word}{plain}\pard After.\par Last.\par}}")
    (page,) = parse(tmp_path / "a.rtf")
    assert [block.text for block in of("text", [page])] == ["Before.", r"One\par.", "After.", "Last."]
    assert of("table", [page])[0].rows == (("Pier of oak", "Depth"), ("A B", "12 m at ebb"))


def test_rtf_of_odd_characters(tmp_path: Path) -> None:
    (tmp_path / "a.rtf").write_text(r"{\rtf1 A ship \u-10179?\u-8576? sails.\par}")
    (page,) = parse(tmp_path / "a.rtf")
    assert page.blocks[0].text == "A ship \N{ROCKET} sails."
    (tmp_path / "a.rtf").write_text(r"{\rtf1 A \u9999999999?\par}")
    with pytest.raises(BadDocument, match="damaged RTF"):
        open_document(tmp_path / "a.rtf")


def test_rtf_says_that_pictures_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.rtf").write_text(r"{\rtf1 Before {\pict\pngblip 89504e47} after.\par}")
    (page,) = parse(tmp_path / "a.rtf")
    assert page.blocks[0].text == "Before after."
    assert any("pictures skipped: 1" in note for note in page.notes)


def epub(path: Path, **more: "str | bytes") -> Path:
    chapter = "<html xmlns='http://www.w3.org/1999/xhtml'><body><h1>{}</h1><p>{}</p>{}</body></html>"
    return packed(
        path,
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:x"><rootfile full-path="OPS/book.opf"/></container>',
            "OPS/book.opf": "<package xmlns='http://www.idpf.org/2007/opf'>"
            "<metadata xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>The  Book of Piers</dc:title></metadata>"
            "<manifest><item id='b' href='text/two%20.xhtml'/>"
            "<item id='a' href='text/one.xhtml'/></manifest><spine>"
            "<itemref idref='a'/><itemref idref='b'/></spine></package>",
            "OPS/text/one.xhtml": chapter.format("One", "Built in 1887.", "<img src='../img/a.png' alt='The crane'/>"),
            "OPS/text/two .xhtml": chapter.format("Two", "Razed in 1931.", ""),
            "OPS/img/a.png": encoded(picture()).getvalue(),
            **more,
        },
    )


def test_epub_follows_the_spine(tmp_path: Path) -> None:
    path = epub(tmp_path / "a.epub")
    with open_document(path) as document:
        assert document.title == "The Book of Piers"
    (page,) = parse(path)
    assert kinds(page) == ["heading", "text", "figure", "heading", "text"]
    assert [block.text for block in page.blocks if block.kind != "figure"] == [
        *("One", "Built in 1887.", "Two", "Razed in 1931.")
    ]


def test_a_protected_book_says_so(tmp_path: Path) -> None:
    listed = "<encryption><EncryptedData><CipherReference URI='{}'/></EncryptedData></encryption>"
    font = epub(tmp_path / "font.epub", **{"META-INF/encryption.xml": listed.format("OPS/font.otf")})
    assert parse(font)
    with pytest.raises(BadDocument, match="protected"):
        open_document(epub(tmp_path / "a.epub", **{"META-INF/encryption.xml": listed.format("OPS/text/one.xhtml")}))


def test_a_book_cannot_name_a_file_outside_of_it(tmp_path: Path) -> None:
    (tmp_path / "secret.xhtml").write_text("<p>secret</p>")
    container = f'<container><rootfile full-path="{"../" * 9}{tmp_path}/secret.xhtml"/></container>'
    with pytest.raises(BadDocument, match="outside of it"):
        open_document(epub(tmp_path / "a.epub", **{"META-INF/container.xml": container}))


@pytest.mark.parametrize("name", ["a.odt", "a.epub"])
def test_entities_are_not_resolved(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2")
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'
    if name == "a.odt":
        content = f"{entity}<d {SPACES}><office:body><text:p>A word &e;</text:p></office:body></d>"
        path = packed(tmp_path / name, {"content.xml": content})
    else:
        page = f"{entity}<html><body><p>A word &e;</p></body></html>"
        path = epub(tmp_path / name, **{"OPS/text/one.xhtml": page})
    pages: list[Page] = parse(path)
    assert pages and not any("hunter2" in block.text for page in pages for block in page.blocks)


def old_office(path: Path) -> Path:
    write_ole(path, {"WordDocument": b"\xec\xa5" + bytes(6000)})
    return path


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a stand-in for LibreOffice is written: the tests say what it does."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return folder / "soffice"


def script(path: Path, lines: str) -> None:
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_doc_without_libreoffice_names_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    for name, cure in (("a.doc", "DOCX"), ("a.ppt", "PPTX")):
        with pytest.raises(BadDocument, match=f"Install LibreOffice, or save the file as {cure}"):
            open_document(old_office(tmp_path / name))


def test_doc_is_converted_in_a_profile_of_its_own(tmp_path: Path, office: Path) -> None:
    import docx

    made = docx.Document()
    made.add_paragraph("The pier was built in 1887.")
    made.save(str(tmp_path / "made.docx"))
    script(
        office,
        f'echo "$@" > {tmp_path}/said\n'
        'while [ "$1" != --outdir ]; do shift; done\n'
        f'mkdir -p "$2"; cp {tmp_path}/made.docx "$2/old letter.docx"',
    )
    (page,) = parse(old_office(tmp_path / "old letter.doc"))
    assert page.blocks[0].text == "The pier was built in 1887."
    said = (tmp_path / "said").read_text()
    assert "-env:UserInstallation=file:///" in said and "--headless" in said
    (profile,) = [word for word in said.split() if word.startswith("-env")]
    assert not Path(profile.partition("file://")[2]).parent.exists()


def is_running(process: Path) -> bool:
    """Whether the process of this folder, `/proc/<id>`, is there, and not dead with nobody to bury it."""
    try:
        return (process / "stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_conversion_that_hangs_or_fails_is_ended_and_told(
    tmp_path: Path, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(legacy, "SECONDS", 1)
    script(office, f"sleep 300 & echo $! > {tmp_path}/child; wait")
    with pytest.raises(BadDocument, match="took over 1 s"):
        open_document(old_office(tmp_path / "a.ppt"))
    child = Path("/proc") / (tmp_path / "child").read_text().strip()
    deadline = time.monotonic() + 30  # a killed process takes its time to go where others compute
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(child), "what it started must end with it"
    script(office, "echo source file could not be loaded >&2")
    with pytest.raises(BadDocument, match="source file could not be loaded"):
        open_document(old_office(tmp_path / "a.doc"))
