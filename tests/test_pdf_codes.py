"""Letters whose meaning a PDF does not tell: read from the drawn page, known by their number, or said to be lost."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from raw_pdf import drawn_letters, raw_pdf, stream

from retrievers.elements import Page
from retrievers.parsers import ocr, open_document
from retrievers.parsers.characters.typed import plain

NOTE = "letters whose meaning the file does not tell; "


def page_of(path: Path) -> Page:
    with open_document(path) as document:
        return document.page(1)


def words_of(page: Page) -> str:
    return " ".join(block.text for block in page.blocks)


def squares(path: Path, letters: Sequence[str]) -> Path:
    """A page of a line that no one can read but by its character map."""
    content = b"BT /F 9 Tf 1 0 0 1 30 700 Tm <%s> Tj ET" % bytes(range(65, 65 + len(letters))).hex().encode()
    return drawn_letters(path, content, letters)


def mapped(path: Path, lines: list[bytes], meaning: Mapping[int, str], other: bytes = b"Times-Italic") -> Path:
    """Lines in Helvetica (/F) and in `other` letters (/G), whose character map says of each letter what it is, but
    of some has its own `meaning`."""
    letters = {code: meaning.get(code, chr(code)) for code in range(32, 127)} | dict(meaning)
    entries = b"".join(b"<%02x> <%s>\n" % (c, text.encode("utf-16-be").hex().encode()) for c, text in letters.items())
    drawn = b"".join(b"1 0 0 1 60 %d Tm (%s) Tj " % (700 - 30 * row, line) for row, line in enumerate(lines))
    font = (
        b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /ToUnicode 7 0 R"
        b" /Encoding << /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [129 /fi /fl] >> >>"
    )
    return raw_pdf(
        path,
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R"
            b" /Resources << /Font << /F 5 0 R /G 6 0 R >> >> >>",
            stream(b"BT /F 14 Tf " + drawn + b"ET"),
            font % b"Helvetica",
            font % other,
            stream(
                b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
                b"1 begincodespacerange <00> <ff> endcodespacerange\n"
                b"%d beginbfchar\n%sendbfchar endcmap end end" % (len(letters), entries)
            ),
        ],
    )


@pytest.mark.parametrize("code", ["\ufffd", "\x0e", "\ue001", "\x7f"])
@pytest.mark.parametrize(("line", "letter"), [(b"The harbour is deep.", "b"), (b"A windmill by the river.", "m")])
def test_a_letter_without_a_meaning_is_read_where_it_is_drawn(
    tmp_path: Path, line: bytes, letter: str, code: str
) -> None:
    page = page_of(mapped(tmp_path / "unknown.pdf", [line, b"Plain words stand here."], {ord(letter): code}))
    assert words_of(page) == f"{line.decode()} Plain words stand here."
    assert page.notes == (f"{NOTE}places read by OCR: 1",)
    assert page.lost == 0


@pytest.mark.parametrize("sign", ["\u21b5", "\u2421", "!"])
def test_a_sign_in_the_middle_of_a_word_is_a_ligature(tmp_path: Path, sign: str) -> None:
    lines = [b"They con\\201rm that the water re\\202ects it.", b"Plain words stand here."]
    page = page_of(mapped(tmp_path / "ligature.pdf", lines, {0o201: sign, 0o202: sign}))
    assert words_of(page).startswith("They confirm that the water reflects it.")
    assert page.lost == 0


@pytest.mark.parametrize(
    "text", ["Wavetec\u00ae pumps and Rillo\u2122 valves", "up to 30\u00b0C at 5%", "stop! go \u2192 on"]
)
def test_a_sign_that_is_one_starts_no_recognition(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "recognise_line", lambda image: pytest.fail("recognised"))
    assert words_of(page_of(squares(tmp_path / "signs.pdf", text))) == text


def test_what_cannot_be_read_is_lost_and_said(tmp_path: Path) -> None:
    letters = "The ha\ufffdbour at Quay 7"
    page = page_of(squares(tmp_path / "squares.pdf", letters))
    assert words_of(page) == letters
    assert page.lost == 1 / 5
    assert page.notes[0] == f"{NOTE}words unread: 1"
    assert "20% of this page's words could not be placed (such as ha\ufffdbour)" in page.notes


def test_leaders_beside_an_unknown_letter_take_no_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern of many signs that may be any others would be tried in more ways than there is time for."""
    monkeypatch.setattr(ocr, "recognise_line", lambda image: ("oats" + "." * 60 + "x", 0.9))
    letters = "Rye and oats" + "." * 40 + "\ufffd4"
    assert words_of(page_of(squares(tmp_path / "leaders.pdf", letters))) == letters


def test_a_lone_sign_is_no_word(tmp_path: Path) -> None:
    letters = "\ufffd Rye and oats, then wheat and flax \ufffd here"
    page = page_of(squares(tmp_path / "bullets.pdf", letters))
    assert (words_of(page), page.lost) == (letters, 0.0)
    assert page.notes == (f"{NOTE}unknown signs: 2",)


@pytest.mark.parametrize(
    "sentence",
    [
        "we go to sea at six in a cab or on foot if it is dry",
        "il est à la gare à midi et va en été à la mer où il a un ami",
    ],
)
def test_glyph_numbers_of_a_truetype_font_are_letters(tmp_path: Path, sentence: str) -> None:
    """No map and no embedded font: the numbers follow the order of the Macintosh's glyphs, where 3 is the space."""
    numbers = [code + (-29 if code < 128 else -30) for code in sentence.encode("mac_roman")]
    path = raw_pdf(
        tmp_path / "numbers.pdf",
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R"
            b" /Resources << /Font << /F 5 0 R >> >> >>",
            stream(b"BT /F 12 Tf 1 0 0 1 30 700 Tm <%s> Tj ET" % b"".join(b"%04x" % number for number in numbers)),
            b"<< /Type /Font /Subtype /Type0 /BaseFont /Verdana /Encoding /Identity-H /DescendantFonts [6 0 R] >>",
            b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Verdana /DW 600 /FontDescriptor 7 0 R"
            b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
            b"<< /Type /FontDescriptor /FontName /Verdana /Flags 4 /FontBBox [0 0 1000 1000] /ItalicAngle 0"
            b" /Ascent 900 /Descent -200 /CapHeight 700 /StemV 80 >>",
        ],
    )
    assert words_of(page_of(path)) == sentence


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("d\x92abord l\x92été", "d’abord l’été"),
        ("\x93Low water\x94 \x96 so it is called", "“Low water” – so it is called"),
    ],
)
def test_windows_letters_among_the_control_codes(tmp_path: Path, letters: str, expected: str) -> None:
    assert words_of(page_of(squares(tmp_path / "windows.pdf", letters))) == expected


@pytest.mark.parametrize(
    ("name", "meaning", "expected"),
    [
        (b"ABCDEF+Wingdings-Regular", "\uf0fe", "\U0001f5f9"),
        (b"Wingdings2", "\uf052", "\u2611"),
        (b"SymbolMT", "\uf061", "\u03b1"),
        (b"Times-Italic", "\uf061", "\ufffd"),
    ],
)
def test_a_font_of_signs_draws_no_letters(tmp_path: Path, name: bytes, meaning: str, expected: str) -> None:
    line = [b"Rye grows and oats grow well here.) Tj /G 14 Tf ( \\201 \\201 ) Tj /F 14 Tf ( o x"]
    path = mapped(tmp_path / "named.pdf", line, {0o201: meaning}, name)
    assert words_of(page_of(path)) == f"Rye grows and oats grow well here. {expected} {expected} o x"


def test_control_codes_of_a_font_of_signs_are_no_quotation_marks(tmp_path: Path) -> None:
    """Arrows and ticks have the same codes."""
    two = mapped(
        tmp_path / "signs.pdf",
        [b"Rye grows and oats grow well here.) Tj /G 14 Tf ( \201 \202 \201"],
        {0o201: "\x93", 0o202: "\x94"},
    )
    assert words_of(page_of(two)) == "Rye grows and oats grow well here. \ufffd \ufffd \ufffd"


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        (["\uf76d", "\uf769", "\uf76c", "\uf76c", " ", "\uf732", "\uf739"], "mill 29"),  # small capitals, old figures
        (["\U0001d447", "=", "\U0001d7ce"], "T=0"),  # letters of formulas, each two of UTF-16's
    ],
)
def test_letters_that_are_plain_ones(tmp_path: Path, letters: list[str], expected: str) -> None:
    page = page_of(squares(tmp_path / "plain.pdf", letters))
    assert (words_of(page), page.lost) == (expected, 0.0)


@pytest.mark.parametrize(("kern", "expected"), [(b"-126", "Yield and A cat"), (b"-280", "Y ield and A cat")])
def test_room_after_a_slanting_capital_is_no_space(tmp_path: Path, kern: bytes, expected: str) -> None:
    """PDFium sees "P recision" where a formula kerns its capitals by as much as they hang over."""
    path = mapped(tmp_path / "slant.pdf", [b") Tj /G 14 Tf [(Y) %s (ield and A) -280 (cat)] TJ (" % kern], {})
    assert words_of(page_of(path)) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("e\ufb03cient \ufb02ow", "efficient flow"),
        ("re\u0301sume\u0301", "résumé"),
        ("ＡＢＣ１２３（株）", "ABC123（株）"),
        ("\uff76\uff9e\uff7d", "ガス"),
        ("\u2f00\u2f31", "一巾"),
        ("\ufee3\ufe8e\ufe80", "ماء"),
        ("har\u00adbour\u200b", "harbour"),
        ("\U0001d437\U0001d44e\U0001d461\U0001d44e", "Data"),
    ],
)
def test_forms_of_a_letter_are_the_letter(typed: str, expected: str) -> None:
    assert plain(typed) == expected


@pytest.mark.parametrize(
    "text", ["10² m³", "½ cup", "Rillo™", "№ 5", "Ⅷ", "①", "…", "「川」、（水）", "CO₂", "ﷺ", "co\u00ad"]
)
def test_what_says_more_than_its_letters_stays(text: str) -> None:
    assert plain(text) == text
