"""DOCX as strangers bring it: nothing that is shown is lost, nothing that was deleted comes back."""

from io import BytesIO
from pathlib import Path

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from office_files import WPS, notes, p, pages, rewritten, tbl, tc, texts, word, xml
from PIL import Image

from common.errors import BadDocument
from retrievers.parsers.office.ooxml import NAMESPACES

CHANGED = 'w:id="1" w:author="A" w:date="2026-01-01T00:00:00Z"'


def box(*inner: str) -> str:
    """A text box as Word writes it: for readers of today, and once more for older ones."""
    content = f"<w:txbxContent>{''.join(inner)}</w:txbxContent>"
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:wsp {WPS}><wps:txbx>{content}</wps:txbx>'
        f"</wps:wsp></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>{content}</v:textbox></v:shape>"
        "</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def test_tracked_changes_are_read_as_accepted(tmp_path: Path) -> None:
    gone = f"<w:del {CHANGED}><w:r><w:delText>nine</w:delText></w:r></w:del>"
    new = f"<w:ins {CHANGED}><w:r><w:t>eleven</w:t></w:r></w:ins>"
    moved = f"<w:moveFrom {CHANGED}><w:r><w:t>Moved away.</w:t></w:r></w:moveFrom>"
    here = f"<w:moveTo {CHANGED}><w:r><w:t>Moved here.</w:t></w:r></w:moveTo>"
    row = f"<w:tr><w:trPr><w:del {CHANGED}/></w:trPr>{tc(p('Old row'))}{tc(p('1'))}</w:tr>"
    table = tbl([tc(p("Item")), tc(p("Count"))]).replace("</w:tbl>", f"{row}</w:tbl>")
    path = word(tmp_path / "a.docx", p("The crew has ", gone, new, " members."), p(moved), p(here), table)
    assert texts(path) == ["The crew has eleven members.", "Moved here.", "Item | Count"]


def test_text_boxes_are_read_once_also_in_cells_and_in_each_other(tmp_path: Path) -> None:
    table = tbl([tc(p("Gate", box(p("Closed on Mondays")))), tc(p("North"))])
    path = word(tmp_path / "a.docx", p("Beside it.", box(p("Call 7711.", box(p("Ask for Ines."))))), table)
    assert texts(path) == ["Beside it.", "Call 7711.", "Ask for Ines.", "Gate | North", "Closed on Mondays"]


def test_a_text_box_of_older_files(tmp_path: Path) -> None:
    content = f"<w:txbxContent>{p('Mind the step.')}</w:txbxContent>"
    pict = f"<w:r><w:pict><v:shape><v:textbox>{content}</v:textbox></v:shape></w:pict></w:r>"
    assert texts(word(tmp_path / "a.docx", p(pict))) == ["Mind the step."]


def test_merged_cells_say_the_same_in_all_their_columns_and_rows(tmp_path: Path) -> None:
    wide, start, go_on = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    table = tbl(
        [tc(p("Line"), properties=start), tc(p("Departures"), properties=wide)],
        [tc(p("hidden by Word"), properties=go_on), tc(p("first")), tc(p("last"))],
        [tc(p("12")), tc(p("05:40")), tc(p("23:15"))],
    )
    (page,) = pages(word(tmp_path / "a.docx", table))
    assert page.blocks[0].rows == (
        ("Line", "Departures", "Departures"),
        ("Line", "first", "last"),
        ("12", "05:40", "23:15"),
    )
    assert page.lost == 0.0


def test_a_shifted_row_keeps_its_columns(tmp_path: Path) -> None:
    table = tbl([tc(p("a")), tc(p("b")), tc(p("c"))], [tc(p("5"))]).replace(
        "<w:tr><w:tc><w:tcPr></w:tcPr><w:p><w:r><w:t>5",
        '<w:tr><w:trPr><w:gridBefore w:val="2"/></w:trPr><w:tc><w:tcPr></w:tcPr><w:p><w:r><w:t>5',
    )
    (page,) = pages(word(tmp_path / "a.docx", table))
    assert page.blocks[0].rows == (("a", "b", "c"), ("", "", "5"))


def test_a_table_in_a_cell_follows_under_the_label_of_its_row(tmp_path: Path) -> None:
    inner = tbl([tc(p("part")), tc(p("litres"))], [tc(p("K-4")), tc(p("730"))])
    outer = tbl([tc(p("Tank")), tc(p("Parts"))], [tc(p("East")), tc(p("two"), inner, p())])
    (page,) = pages(word(tmp_path / "a.docx", outer))
    assert [(block.caption, block.rows) for block in page.blocks] == [
        ("", (("Tank", "Parts"), ("East", "two"))),
        ("East", (("part", "litres"), ("K-4", "730"))),
    ]


def test_a_frame_of_one_cell_is_no_table(tmp_path: Path) -> None:
    heading = '<w:p><w:pPr><w:pStyle w:val="Heading2"/></w:pPr><w:r><w:t>Rules</w:t></w:r></w:p>'
    (page,) = pages(word(tmp_path / "a.docx", tbl([tc(heading, p("No fires."))])))
    assert [(block.kind, block.text) for block in page.blocks] == [("heading", "Rules"), ("text", "No fires.")]


@pytest.mark.parametrize("kind", ["footnote", "endnote"])
def test_notes_follow_their_paragraph(tmp_path: Path, kind: str) -> None:
    mark = f'<w:r><w:{kind}Reference w:id="4"/></w:r>'
    path = word(tmp_path / "a.docx", p("The yield was 4 tonnes.", mark), p("It rained."))
    document = docx.Document(str(path))
    separator, note = f'<w:{kind} w:type="separator" w:id="0">{p("-----")}</w:{kind}>', p("Without the ", "orchard.")
    blob = f'<w:{kind}s xmlns:w="{NAMESPACES["w"]}">{separator}<w:{kind} w:id="4">{note}</w:{kind}></w:{kind}s>'
    media = f"application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}s+xml"
    part = Part(PackURI(f"/word/{kind}s.xml"), media, blob.encode(), document.part.package)
    document.part.relate_to(part, f"{RELATIONSHIP_TYPE.FOOTNOTES.rpartition('/')[0]}/{kind}s")
    document.save(str(path))
    assert texts(path) == ["The yield was 4 tonnes.", f"{kind.capitalize()}: Without the orchard.", "It rained."]


def test_comments_follow_what_they_comment_on(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("The bridge is closed.")
    document.add_comment(paragraph.runs, text="Until the 9th of May.", author="Odile")
    document.add_paragraph("Use the ferry.")
    document.save(str(tmp_path / "a.docx"))
    assert texts(tmp_path / "a.docx") == [
        "The bridge is closed.",
        "Comment (Odile): Until the 9th of May.",
        "Use the ferry.",
    ]


def test_headers_and_footers_are_read_once(tmp_path: Path) -> None:
    document = docx.Document()
    for number in range(2):
        section = document.sections[0] if number == 0 else document.add_section()
        section.header.is_linked_to_previous = section.footer.is_linked_to_previous = False
        section.header.paragraphs[0].text = "Charter LM-40"
        section.footer.paragraphs[0].text = f"Valid in year {number}"
        document.add_paragraph(f"Section {number}")
    document.save(str(tmp_path / "a.docx"))
    (page,) = pages(tmp_path / "a.docx")
    assert [block.text for block in page.blocks] == [
        "Header: Charter LM-40",
        "Section 0",
        "Section 1",
        "Footer: Valid in year 0",
        "Footer: Valid in year 1",
    ]
    assert page.lost == 0.0


def test_content_controls_fields_and_links_are_read_in_their_place(tmp_path: Path) -> None:
    control = f"<w:sdt><w:sdtPr/><w:sdtContent>{p('In a control.')}</w:sdtContent></w:sdt>"
    inline = "<w:sdt><w:sdtContent><w:r><w:t>ticked</w:t></w:r></w:sdtContent></w:sdt>"
    link = '<w:hyperlink w:anchor="x"><w:r><w:t>the annex</w:t></w:r></w:hyperlink>'
    code = '<w:fldSimple w:instr="PAGE"><w:r><w:t>8</w:t></w:r></w:fldSimple>'
    entries = '<w:listEntry w:val="red"/><w:listEntry w:val="green"/>'
    chosen = (
        f'<w:r><w:fldChar><w:ffData><w:ddList><w:result w:val="1"/>{entries}</w:ddList></w:ffData></w:fldChar></w:r>'
    )
    row = f"<w:sdt><w:sdtContent><w:tr>{tc(p('a'))}{tc(p('b'))}</w:tr></w:sdtContent></w:sdt>"
    body = (control, p(inline, " see ", link, " on page ", code), p("Colour: ", chosen), f"<w:tbl>{row}</w:tbl>")
    assert texts(word(tmp_path / "a.docx", *body)) == [
        "In a control.",
        "ticked see the annex on page 8",
        "Colour: green",
        "a | b",
    ]


def test_headings_by_style_by_outline_and_by_what_a_style_is_based_on(tmp_path: Path) -> None:
    document = docx.Document()
    document.styles.add_style("Kapitel", 1).base_style = document.styles["Heading 2"]
    document.add_paragraph("Based", style="Kapitel")
    document.add_paragraph("Outlined")._p.get_or_add_pPr().append(xml('<w:outlineLvl w:val="0"/>'))
    document.add_paragraph("Body")._p.get_or_add_pPr().append(xml('<w:outlineLvl w:val="9"/>'))
    document.add_paragraph("Item", style="List Bullet")
    document.save(str(tmp_path / "a.docx"))
    (page,) = pages(tmp_path / "a.docx")
    assert [(block.kind, block.level, block.text) for block in page.blocks] == [
        ("heading", 2, "Based"),
        ("heading", 1, "Outlined"),
        ("text", 0, "Body"),
        ("text", 0, "- Item"),
    ]


def test_raised_digits_are_no_digits_of_the_number(tmp_path: Path) -> None:
    def run(kind: str, text: str) -> str:
        return f'<w:r><w:rPr><w:vertAlign w:val="{kind}"/></w:rPr><w:t>{text}</w:t></w:r>'

    path = word(tmp_path / "a.docx", p("10", run("superscript", "6"), " cells in H", run("subscript", "2"), "O"))
    (page,) = pages(path)
    assert page.blocks[0].text == "10⁶ cells in H₂O"
    assert page.lost == 0.0


def test_marks_of_notes_typed_by_hand_leave_the_word(tmp_path: Path) -> None:
    def raised(text: str) -> str:
        return f'<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'

    path = word(
        tmp_path / "a.docx", p("Growth", raised("3 "), "slowed over 20", raised("th"), " century km", raised("2"))
    )
    (page,) = pages(path)
    assert page.blocks[0].text == "Growth ³ slowed over 20th century km²"
    assert page.lost == 0.0


def hidden(text: str, properties: str = "<w:vanish/>") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def test_hidden_text_is_marked_and_stands_apart(tmp_path: Path) -> None:
    shown = hidden("in force", '<w:vanish w:val="0"/>')
    table = tbl([tc(p("Fee")), tc(p("40", hidden("was 90")))], [tc(p("Term")), tc(p("May"))])
    path = word(tmp_path / "a.docx", p("The rule is ", hidden("not "), shown), p(hidden("Draft of 3 May.")), table)
    (page,) = pages(path)
    assert [(block.text, block.hidden) for block in page.blocks] == [
        ("The rule is in force", False),
        ("not", True),
        ("Draft of 3 May.", True),
        ("Fee | 40\nTerm | May", False),
        ("was 90", True),
    ]
    assert page.lost == 0.0


def test_hidden_rows_of_a_table_are_marked_and_stand_apart(tmp_path: Path) -> None:
    header, blue, red = (
        [tc(p(name)), tc(p(price))] for name, price in (("Room", "Price"), ("Blue", "90"), ("Red", "75"))
    )
    blue.insert(0, "<w:trPr><w:hidden/></w:trPr>")
    red.insert(0, '<w:trPr><w:hidden w:val="0"/></w:trPr>')
    (page,) = pages(word(tmp_path / "a.docx", tbl(header, blue, red)))
    assert [(block.rows, block.hidden) for block in page.blocks] == [
        ((("Room", "Price"), ("Red", "75")), False),
        ((("Room", "Price"), ("Blue", "90")), True),
    ]
    assert page.lost == 0.0


def test_text_hidden_by_a_style_is_hidden_also_in_headers(tmp_path: Path) -> None:
    document = docx.Document()
    for name, base in (("Secret", None), ("Whispered", "Secret"), ("Told", "Secret")):
        style = document.styles.add_style(name, 1)
        style.base_style = document.styles[base] if base else None
    document.styles["Secret"].font.hidden = True
    document.styles["Told"].font.hidden = False
    document.styles.add_style("Quiet", 2).font.hidden = True
    document.add_paragraph("Ask Vera.", style="Whispered")
    document.add_paragraph("Ask Max.", style="Told")
    document.add_paragraph("Ask ").add_run("nobody", style="Quiet")
    document.sections[0].header.paragraphs[0].add_run("internal", style="Quiet")
    document.save(str(tmp_path / "a.docx"))
    (page,) = pages(tmp_path / "a.docx")
    assert [(block.text, block.hidden) for block in page.blocks] == [
        ("Header: internal", True),
        ("Ask Vera.", True),
        ("Ask Max.", False),
        ("Ask", False),
        ("nobody", True),
    ]


def test_symbols_are_read_as_the_signs_they_are(tmp_path: Path) -> None:
    def sym(font: str, char: str) -> str:
        return f'<w:r><w:sym w:font="{font}" w:char="{char}"/></w:r>'

    bullet = '<w:r><w:rPr><w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/></w:rPr><w:t>&#xF0B7;</w:t></w:r>'
    path = word(
        tmp_path / "a.docx",
        p("The angle ", sym("Symbol", "F061"), " is 40", sym("Times New Roman", "00B0"), "."),
        p(sym("Wingdings", "F0FC"), " checked"),
        p(bullet, " one more"),
        p("Mark ", sym("House Signs", "F041"), "."),
    )
    assert texts(path) == ["The angle α is 40°.", "✓ checked", "• one more", "Mark \ufffd."]
    assert notes(path) == ["signs of the font 'House Signs' are not known"]


def test_letters_along_a_line_are_read_and_a_watermark_once(tmp_path: Path) -> None:
    def art(text: str) -> str:
        return f'<w:r><w:pict><v:shape type="#_x0000_t136"><v:textpath string="{text}"/></v:shape></w:pict></w:r>'

    path = word(tmp_path / "a.docx", p("Minutes of May.", art("Grand  Opening")))
    document = docx.Document(str(path))
    for number in range(2):
        section = document.sections[0] if number == 0 else document.add_section()
        section.header.is_linked_to_previous = False
        section.header.paragraphs[0]._p.append(xml(art("CONFIDENTIAL")))
    document.save(str(path))
    (page,) = pages(path)
    assert [block.text for block in page.blocks] == ["Header: CONFIDENTIAL", "Minutes of May.", "Grand Opening"]
    assert page.lost == 0.0


def picture(size: int = 120) -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (size, size), "navy").save(out, "PNG")
    out.seek(0)
    return out


def test_pictures_in_cells_and_headers_are_figures_with_their_description(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(1, 2)
    table.cell(0, 0).text = "Plan"
    table.cell(0, 1).paragraphs[0].add_run().add_picture(picture())
    document.sections[0].header.paragraphs[0].add_run().add_picture(picture())
    for part in (document.element.body, document.sections[0].header._element):
        next(part.iter(f"{{{NAMESPACES['wp']}}}docPr")).set("descr", "a blue square")
    document.save(str(tmp_path / "a.docx"))
    (page,) = pages(tmp_path / "a.docx")
    assert [(block.kind, block.caption) for block in page.blocks] == [
        ("figure", "a blue square"),
        ("table", ""),
        ("figure", "a blue square"),
    ]


@pytest.mark.parametrize(("target", "reason"), [("External", "linked"), ("Internal", "missing")])
def test_a_picture_that_is_not_in_the_file_is_noted(tmp_path: Path, target: str, reason: str) -> None:
    blip = '<w:r><w:drawing><a:blip r:embed="rId77"/></w:drawing></w:r>'
    path = word(tmp_path / "a.docx", p("Before."), p("Beside.", blip), p("After."))
    relation = (
        '<Relationship Id="rId77" Target="media/NULL.png" '
        f'Type="{NAMESPACES["r"]}/image" TargetMode="{target}"/></Relationships>'
    ).encode()
    rewritten(
        path,
        lambda name, data: data.replace(b"</Relationships>", relation) if name.endswith("document.xml.rels") else data,
    )
    assert texts(path) == ["Before.", "Beside.", "After."]
    assert len(notes(path)) == 1
    assert reason in notes(path)[0]


def test_what_is_wrong_with_one_paragraph_is_noted_and_the_next_is_read(tmp_path: Path) -> None:
    damaged = p("<m:oMath><m:nary/><m:f/></m:oMath>", "<w:r><w:drawing><c:chart/></w:drawing></w:r>")
    path = word(tmp_path / "a.docx", p("One."), damaged, p("Two."))
    assert [texts(path)[0], texts(path)[-1]] == ["One.", "Two."]
    assert any("chart skipped" in note for note in notes(path))


def test_strict_open_xml(tmp_path: Path) -> None:
    path = word(tmp_path / "a.docx", p("Strictly speaking."), tbl([tc(p("a")), tc(p("b"))]))

    def strict(name: str, data: bytes) -> bytes:
        for part in (b"wordprocessingml", b"drawingml", b"officeDocument"):
            data = data.replace(
                b"http://schemas.openxmlformats.org/" + part + b"/2006/", b"http://purl.oclc.org/ooxml/" + part + b"/"
            )
        return data

    assert texts(rewritten(path, strict)) == ["Strictly speaking.", "a | b"]


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        (".docm", "application/vnd.ms-word.document.macroEnabled.main+xml"),
        (".dotx", "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"),
    ],
)
def test_macros_and_templates(tmp_path: Path, suffix: str, kind: str) -> None:
    path = word(tmp_path / f"a{suffix}", p("From a template."))
    plain = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    assert texts(rewritten(path, lambda _, data: data.replace(plain, kind.encode()))) == ["From a template."]


def test_words_that_no_block_holds_are_told(tmp_path: Path) -> None:
    """Written where nothing of Word is: the reader does not know that place, the count does."""
    path = word(tmp_path / "a.docx", p("One two three."), f"<w:elsewhere>{p('four five')}</w:elsewhere>")
    assert notes(path) == ["40% of this document's words could not be placed (such as four, five)"]


@pytest.mark.parametrize("member", ["word/document.xml", "word/_rels/document.xml.rels", "[Content_Types].xml"])
@pytest.mark.parametrize("damage", ["cut", "attribute", "gone"])
def test_a_damaged_package_is_told_or_read(tmp_path: Path, member: str, damage: str) -> None:
    path = word(tmp_path / "a.docx", p("Read me."))

    def hurt(name: str, data: bytes) -> bytes | None:
        if name != member:
            return data
        return {"cut": data[: len(data) // 2], "attribute": data.replace(b"Type=", b"Typo="), "gone": None}[damage]

    rewritten(path, hurt)
    try:
        assert texts(path) == ["Read me."]
    except BadDocument as error:
        assert "a.docx" in str(error)


def test_a_damaged_chart_is_noted_and_the_text_counted_all_the_same(tmp_path: Path) -> None:
    document = docx.Document()
    media = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
    part = Part(PackURI("/word/charts/chart1.xml"), media, b"<c:chartSpace", document.part.package)
    key = document.part.relate_to(part, f"{NAMESPACES['r']}/chart")
    run = document.add_paragraph("Before the chart.").add_run()._r
    run.append(xml(f'<w:drawing><c:chart r:id="{key}"/></w:drawing>'))
    document.element.body.insert(1, xml(f"<w:elsewhere>{p('never placed')}</w:elsewhere>"))
    document.save(str(tmp_path / "a.docx"))
    assert texts(tmp_path / "a.docx") == ["Before the chart."]
    skipped, lost = notes(tmp_path / "a.docx")
    assert skipped.startswith("chart skipped")
    assert "never, placed" in lost
