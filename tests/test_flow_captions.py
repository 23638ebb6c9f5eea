"""Captions of documents without pages of their own go to the table or figure they name, in several languages."""

from pathlib import Path

import pytest

from retrievers.elements import Block
from retrievers.parsers import open_document
from retrievers.parsers.flow.captions import captioned
from retrievers.parsers.flow.items import Item
from retrievers.parsers.layout.captions import named_kind

ROWS = "| Ship | Cars |\n|---|---|\n| Anna | 120 |\n"
TABLE = Item("table", rows=(("a", "b"), ("1", "2")))


def blocks(path: Path, text: str) -> list[Block]:
    path.write_text(text, encoding="utf-8")
    return list(open_document(path).page(1).blocks)


@pytest.mark.parametrize(
    "caption",
    [
        "Table 1: Ships of the harbour",
        "Tabelle 2. Schiffe im Hafen",
        "Tableau 3 : Les navires",
        "Tabla 1 Los barcos",
        "Tabela 1: Navios do porto",
        "Tabel 4. Schepen",
    ],
)
@pytest.mark.parametrize("suffix", [".md", ".html"])
def test_a_caption_above_a_table_is_its_own(tmp_path: Path, caption: str, suffix: str) -> None:
    html = "<table><tr><th>Ship</th><th>Cars</th></tr><tr><td>Anna</td><td>120</td></tr></table>"
    text = f"{caption}\n\n{ROWS}" if suffix == ".md" else f"<p>{caption}</p>{html}"
    found = blocks(tmp_path / f"ships{suffix}", f"Before it.\n\n{text}" if suffix == ".md" else text)
    table = next(one for one in found if one.kind == "table")
    assert table.caption == caption
    assert caption not in [one.text for one in found]


def test_each_of_two_tables_has_the_caption_above_it() -> None:
    found = captioned([Item("text", "Table 1: One"), TABLE, Item("text", "Table 2: Two"), TABLE])
    assert [one.caption for one in found] == ["Table 1: One", "Table 2: Two"]


def test_each_of_two_figures_has_the_caption_below_it() -> None:
    figure = Item("figure", caption="a drawing", picture=b"1")
    found = captioned([figure, Item("text", "Figure 1: One"), figure, Item("text", "Abbildung 2: Zwei")])
    assert [one.caption for one in found] == ["Figure 1: One a drawing", "Abbildung 2: Zwei a drawing"]


def test_a_caption_below_a_table_is_its_own_where_none_follows() -> None:
    found = captioned([TABLE, Item("text", "Table 1: One"), Item("text", "On it goes.")])
    assert [(one.caption, one.text) for one in found] == [("Table 1: One", ""), ("", "On it goes.")]


@pytest.mark.parametrize(
    "text", ["Table 1 lists the ships that may enter.", "Table 1: without one", "Figure 3: of a table"]
)
def test_what_names_nothing_beside_it_stays(text: str) -> None:
    items = [Item("text", "Before."), Item("text", text), Item("text", "After."), TABLE]
    assert list(captioned(items)) == items
    sentence = [Item("text", "Table 1 lists the ships."), TABLE]
    assert list(captioned(sentence)) == sentence


def test_captions_begin_with_the_words_of_seven_languages() -> None:
    assert named_kind("Abbildung 3: Der Hafen") == "figure"
    assert named_kind("Figura 2. Il porto") == "figure"
    assert named_kind("Tabella 1 Le navi") == "table"
    assert named_kind("Tableware 3: plates") == ""
    assert named_kind("Anna 1998: 120 cars") == ""
