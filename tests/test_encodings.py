"""Text of strangers in the encodings that their programs wrote."""

import codecs
from pathlib import Path

import pytest

from common.errors import BadDocument
from retrievers.parsers import open_document
from retrievers.parsers.characters.encodings import decode

GUESSED = {
    "cp1252 quotes": ("“Eisbär” costs €9 – für zwei", "cp1252"),
    "cp1252 name": ("name\nJosé\n", "cp1252"),
    "cp1251": ("город;жителей\nПсков;187000\n", "cp1251"),
    "gbk": ("城市,人口\n苏州,1291\n", "gbk"),
    "shift-jis": ("県,人口\n長野,204\n", "cp932"),
    "koi8-r": ("Мост закрыт до весны.", "koi8-r"),
    "cp850": ("Größe der Brücke, Höhe über dem Fluß", "cp850"),
    "mac": ("Le marché ouvre dès l'aube près de la forêt, où l'été est passé; déjà février.", "mac_roman"),
}


def words(path: Path) -> tuple[str, list[str]]:
    with open_document(path) as document:
        pages = [document.page(number) for number in range(1, document.page_count + 1)]
    texts = " ".join(f"{block.caption} {block.text}" for page in pages for block in page.blocks)
    return texts, [note for page in pages for note in page.notes]


@pytest.mark.parametrize("kind", GUESSED)
@pytest.mark.parametrize("extension", [".txt", ".csv"])
def test_an_encoding_that_nothing_declares_is_guessed_and_said(kind: str, extension: str, tmp_path: Path) -> None:
    text, encoding = GUESSED[kind]
    path = tmp_path / f"a{extension}"
    path.write_bytes(text.encode(encoding))
    assert decode(path)[0] == text
    _, notes = words(path)
    assert any("which is a guess" in note for note in notes)


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["The ferry leaves at noon.", "Fähre um zwölf Uhr, Preis: 4 €"])
def test_utf_16_without_a_mark(order: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(order))
    assert words(path) == (f" {text}", [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_what_is_marked_or_valid_is_no_guess(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Žižkov 東京".encode(encoding))
    assert decode(tmp_path / "a.txt") == ("Žižkov 東京", "")


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="windows-1251">', "cp1251"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">', "cp932"),
        ('<?xml version="1.0" encoding="iso-8859-2"?>', "iso8859-2"),
        ("<meta charset=gb2312>", "gb18030"),
    ],
)
def test_html_says_its_encoding(head: str, encoding: str, tmp_path: Path) -> None:
    text = {"cp1251": "Ширина моста", "cp932": "橋の幅", "iso8859-2": "Šířka mostu", "gb18030": "桥的宽度"}[encoding]
    (tmp_path / "a.html").write_bytes(f"{head}<p>{text}</p>".encode(encoding))
    assert words(tmp_path / "a.html") == (f" {text}", [])


def test_a_wrong_declaration_does_not_win_over_valid_utf_8(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes("<meta charset=iso-8859-1><p>Größe</p>".encode())
    assert words(tmp_path / "a.html") == (" Größe", [])


def test_one_broken_byte_does_not_turn_a_whole_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Größe und Höhe über Brücken; ".encode() * 5 + b"\xff")
    text, note = decode(tmp_path / "a.txt")
    assert text.startswith("Größe und Höhe über Brücken")
    assert note == "1 characters that are not valid UTF-8 could not be read"


@pytest.mark.parametrize("text", ["Mill, weir, qu\ufffdy and barge", "\ufffd\ufffd one, two \u00e9"])
def test_a_file_written_with_unreadable_letters_is_utf_8(tmp_path: Path, text: str) -> None:
    """Whoever saved it had lost them already: that is no reason to take the others for another encoding."""
    (tmp_path / "a.txt").write_bytes(text.encode())
    assert decode(tmp_path / "a.txt") == (text, "")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(codecs.BOM_UTF8[:1] + bytes(range(256)) * 4)
    with pytest.raises(BadDocument, match="binary data"):
        decode(tmp_path / "a.txt")
