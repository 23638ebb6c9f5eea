"""Notebooks, JSON, SVG, and the kinds of pictures that came last."""

import base64
import json
import sys
from pathlib import Path

import pytest
from PIL import Image
from test_parsers import WORD, encoded, kinds, of, parse, picture

from common.errors import BadDocument
from retrievers.parsers import open_document

CHART = base64.b64encode(encoded(picture()).getvalue()).decode()
STREAM = {"output_type": "stream", "name": "stdout", "text": ["tide: 3 m\n", "wind: west\n"]}
TABLE = {"data": {"text/html": "<table><tr><td>Pier</td></tr><tr><td>A</td></tr></table>", "text/plain": ["never"]}}
CELLS = [
    {"cell_type": "markdown", "source": ["# Tides\n", "\n", "As **measured** at Holm."]},
    {"cell_type": "code", "source": "print(tide)\n", "outputs": [STREAM]},
    {"cell_type": "code", "source": [], "outputs": [TABLE, {"data": {"image/png": CHART, "text/plain": "never"}}]},
    {"cell_type": "code", "source": "1/0", "outputs": [{"output_type": "error", "evalue": "division by zero"}]},
]
OLD = {
    "nbformat": 3,
    "worksheets": [
        {
            "cells": [
                {"cell_type": "heading", "level": 2, "source": "Winds"},
                {"cell_type": "code", "input": "gust()", "outputs": [{"text": "12 knots"}]},
            ]
        }
    ],
}


def test_a_notebook_is_read_in_the_order_of_its_cells(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text(json.dumps({"nbformat": 4, "cells": CELLS}))
    (page,) = parse(tmp_path / "a.ipynb")
    assert kinds(page) == ["heading", *["text"] * 4, "table", "figure", "text", "text"]
    assert [block.text for block in of("text", [page])] == [
        *("As measured at Holm.", "print(tide)", "tide: 3 m", "wind: west", "1/0", "division by zero")
    ]


def test_a_notebook_of_the_old_format(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text(json.dumps(OLD))
    (page,) = parse(tmp_path / "a.ipynb")
    assert [(block.text, block.level) for block in page.blocks] == [("Winds", 2), ("gust()", 0), ("12 knots", 0)]


def test_records_of_json_are_a_table(tmp_path: Path) -> None:
    ships = [{"name": "Corvina", "built": 1931, "owner": {"city": "Holm"}}, {"name": "Lark", "tags": ["old", "red"]}]
    rows = (("name", "built", "owner.city", "tags"), ("Corvina", "1931", "Holm", ""), ("Lark", "", "", "old, red"))
    (tmp_path / "a.json").write_text(json.dumps(ships))
    (tmp_path / "b.jsonl").write_text("\n".join(map(json.dumps, ships)) + "\n\n")
    for name in ("a.json", "b.jsonl"):
        (page,) = parse(tmp_path / name)
        assert (page.blocks[0].rows, page.lost) == (rows, 0.0)


def test_other_json_is_sections_and_lines(tmp_path: Path) -> None:
    value = {"port": "Holm", "open": True, "fees": {"pier": {"A": 9.5, "B": None}}, "berths": [[1, 2], [3]], "x": []}
    (tmp_path / "a.json").write_text(json.dumps(value))
    (page,) = parse(tmp_path / "a.json")
    assert [block.text for block in page.blocks] == [
        *("port: Holm", "open: true", "fees", "pier", "A: 9.5", "B:"),
        *("berths", "berths 1", "1", "2", "berths 2", "3", "x:"),
    ]


def test_bad_lines_are_named_and_bad_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"a": "one\u2028word"}\noops\n{"a": "two"}\n{\n', encoding="utf-8")
    (page,) = parse(tmp_path / "a.jsonl")
    assert page.blocks[0].rows == (("a",), ("one word",), ("two",))
    assert page.notes == ("lines skipped, which are no JSON: 2 (2, 4)",)
    for text in ('{"a": 1', "[" * 100_000):
        (tmp_path / "a.json").write_text(text)
        with pytest.raises(BadDocument, match="is not JSON"):
            open_document(tmp_path / "a.json")


@pytest.mark.parametrize("depth", [30, 400])
def test_deep_json_is_written_out(depth: int, tmp_path: Path) -> None:
    value: object = "sunken"
    for _ in range(depth):
        value = {"in": value}
    (tmp_path / "a.json").write_text(json.dumps(value))
    assert any("sunken" in block.text for page in parse(tmp_path / "a.json") for block in page.blocks)


SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {}>{}</svg>'
DRAWN = (
    f'<title>Tides</title><rect width="400" height="200" fill="#dde"/><text x="20" y="120" font-size="60">{WORD}</text>'
)


@pytest.mark.parametrize("size", ['viewBox="0 0 400 200"', 'width="400px" height="200px"'])
def test_svg_is_words_and_a_picture(size: str, tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text(SVG.format(size, DRAWN))
    (page,) = parse(tmp_path / "a.svg")
    figure, words = page.blocks
    assert (figure.kind, figure.caption, words.text) == ("figure", "Tides", WORD)
    assert WORD in figure.text


def test_svg_without_a_renderer_keeps_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    (tmp_path / "a.svg").write_text(SVG.format('viewBox="0 0 400 200"', DRAWN))
    (page,) = parse(tmp_path / "a.svg")
    assert [block.text for block in page.blocks] == [WORD]
    assert "picture not drawn" in page.notes[0]
    assert "triptych[charts]" in caplog.text and "triptych[charts]" not in page.notes[0]


@pytest.mark.parametrize("link", ["href", "xlink:href"])
def test_svg_shows_no_file_of_this_machine(link: str, tmp_path: Path) -> None:
    Image.new("RGB", (200, 200), "red").save(tmp_path / "secret.png")
    image = f'<image {link}="{tmp_path}/secret.png" width="200" height="200"/><text x="210" y="100">Words</text>'
    (tmp_path / "a.svg").write_text(SVG.format('width="400" height="200"', image))
    with open_document(tmp_path / "a.svg") as document:
        drawn = document.render(1, 800)
    red = sum(1 for pixel in drawn.getdata() if pixel[0] > 200 and pixel[1] < 90)
    assert red == 0


@pytest.mark.parametrize("size", ['width="900000" height="900000"', 'viewBox="0 0 1e7 1e7" width="1e7" height="1e7"'])
def test_svg_of_any_size_is_drawn_small(size: str, tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text(SVG.format(size, DRAWN))
    (page,) = parse(tmp_path / "a.svg")
    assert page.blocks[-1].text == WORD


def test_an_svg_that_draws_itself_without_end_keeps_its_words(tmp_path: Path) -> None:
    nest = "".join(f'<g id="a{n}">{f"""<use href="#a{n - 1}"/>""" * 10}</g>' for n in range(1, 9))
    shapes = f'<defs><rect id="a0" width="1" height="1"/>{nest}</defs><use href="#a8"/><text>Words</text>'
    (tmp_path / "a.svg").write_text(SVG.format('viewBox="0 0 9 9"', shapes))
    (page,) = parse(tmp_path / "a.svg")
    assert page.blocks[0].text == "Words"
    assert page.notes == ("picture not drawn: SVG data parsing failed cause nodes limit reached",)


def test_svg_that_says_no_size_keeps_its_words(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text(SVG.format("", DRAWN))
    (page,) = parse(tmp_path / "a.svg")
    assert page.blocks[-1].text == WORD and "no size" in page.notes[0]


def test_bmp_and_heic_are_pictures(tmp_path: Path) -> None:
    picture().save(tmp_path / "a.bmp")
    (page,) = parse(tmp_path / "a.bmp")
    assert kinds(page) == ["figure"] and WORD in page.blocks[0].text


def test_heic_without_its_reader_names_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(64))
    with pytest.raises(BadDocument, match="not a readable picture"):
        open_document(tmp_path / "a.heic")
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(BadDocument, match=r"triptych\[heic\]"):
        open_document(tmp_path / "a.heic")
