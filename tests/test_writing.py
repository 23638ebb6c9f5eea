"""How answers are written: the short answer first, then what it stands in, with the very words marked."""

from dataclasses import replace

from agent.answering.candidates.candidate import Quoted, Worked
from agent.answering.candidates.passages import Passage
from agent.answering.quoting.pieces import excerpt, unsure, written
from agent.answering.tables import Cell, Computed
from retrievers.elements import Box, Element

ROWS = (("Bridge", "Length (m)", "Opened"), ("Golden Gate", "2,737", "1937"), ("Brooklyn", "1,834", "1883"))


def element(**fields: object) -> Element:
    base = {"document": "bridges.pdf", "sha256": "0", "page": 1, "kind": "text", "text": "", "order": 0}
    return Element(**base | {"box": Box(0, 0, 1, 0.5), "title": "Bridges"} | fields)  # type: ignore[arg-type]


def quoted(text: str, words: str, source: int = 1, form: str = "sentence", **fields: object) -> Quoted:
    start = text.index(words)
    passage = Passage(source, form, text, "", element(**fields))  # type: ignore[arg-type]
    return Quoted(passage, start, start + len(words), {}, 0.9)


def text_of(best: Quoted | Worked, *more: Quoted) -> str:
    return "".join(text for text, _ in written(best, more))


def test_a_sentence_follows_its_short_answer() -> None:
    one = quoted("It carries eight lanes of road traffic [7].", "eight lanes")
    assert text_of(one) == "**eight lanes**\n\n“It carries **eight lanes** of road traffic (7).” [1]"


def test_a_sentence_that_is_the_answer_is_not_said_twice() -> None:
    sentence = "Because rust had weakened the cables."
    assert text_of(quoted(sentence, sentence[:-1])) == f"“{sentence}” [1]"


def test_a_sentence_whose_words_are_not_known_exactly_is_the_answer_itself() -> None:
    one = replace(quoted("It rests on clay, which makes it sink each spring.", "clay"), exact=0.2)
    assert text_of(one) == "“It rests on clay, which makes it sink each spring.” [1]"


def test_what_is_not_sure_says_so_and_shows_what_stands_around() -> None:
    text = " ".join(f"Sentence {number} says little." for number in range(40))
    part = quoted("Sentence 20 says little.", "little")
    one = replace(part, passage=replace(part.passage, element=element(text=text)))
    lead, quote = "".join(piece for piece, _ in unsure("", [one])).split("\n\n")
    assert lead.startswith("I am not sure")
    assert quote.startswith("“… ") and quote.endswith(" …” [1]")
    assert "Sentence 19 says little. Sentence 20 says **little**. Sentence 21" in quote
    assert len(quote.split()) < 70


def test_of_a_table_the_row_is_shown_that_may_answer() -> None:
    rows = (
        ("Span", "Note"),
        ("North", "It was raised after the flood of 1953."),
        ("South", "It was never raised at all."),
    )
    part = quoted(rows[2][1], "never")
    one = replace(part, passage=replace(part.passage, element=element(kind="table", rows=rows)))
    ((_, _), (text, quotes)) = unsure("", [one])
    assert "| South | It was never raised at all. |" in text and "1953" not in text
    assert quotes == {1: "South; It was never raised at all."}


def test_beside_what_is_not_sure_a_table_shows_the_rows_that_are_nearest() -> None:
    """All of a small one; of a larger one those that share most words with the question."""
    spans = [(f"Span {letter}", str(place)) for place, letter in enumerate("ABCDEFGHIJKLMNOPQ")]
    rows = (("Span", "Cables"), *spans, ("Northern approach", "71"))
    (*_, (some, quotes)) = unsure("How many cables has the northern approach?", [], [table_of(rows)])
    (*_, (small, _)) = unsure("How many cables has the northern approach?", [], [table_of(rows[:6])])
    assert some.startswith("Cables of the bridge [3]") and quotes.keys() == {3}
    assert "| Northern approach | 71 |" in some and 0 < some.count("| Span ") - 1 < 6
    assert small.count("| Span ") == 6


def test_of_what_was_worked_out_and_is_not_sure_the_rows_around_are_shown() -> None:
    cells = (Cell(0, 1, 1),)
    one = Worked(Computed(("2,737",), "", cells, "lookup", 0.2, ""), (2,), (element(kind="table", rows=ROWS),), {}, 0.1)
    text = "".join(piece for piece, _ in unsure("How long is the Brooklyn?", [one]))
    assert "| Golden Gate | **2,737** |" in text and "| Brooklyn | 1,834 |" in text


def table_of(rows: tuple[tuple[str, ...], ...]) -> Passage:
    of = element(kind="table", rows=rows, mentions="Cables of the bridge")
    return Passage(3, "table", "\n".join(" | ".join(row) for row in rows), "", of)


def test_several_answers_are_named_together_each_with_its_own_sentence() -> None:
    one = quoted("The first owner was Ann Lee.", "Ann Lee")
    other = quoted("In 1931 it went to Bo Ek.", "Bo Ek", source=2)
    lead, *sentences = text_of(one, other).split("\n\n")
    assert lead == "**Ann Lee, Bo Ek**"
    assert sentences == ["“The first owner was **Ann Lee**.” [1]", "“In 1931 it went to **Bo Ek**.” [2]"]


def test_what_stands_in_a_picture_is_quoted_from_it() -> None:
    caption = "Figure 2: How the deck hangs."
    one = quoted(f"{caption} Load 40 tonnes Cable", "40 tonnes", form="figure", kind="figure", caption=caption)
    assert text_of(one).endswith("which reads: “Figure 2: How the deck hangs. Load **40 tonnes** Cable” [1]")


def test_a_computation_shows_its_working_and_every_cell_of_it() -> None:
    computed = Computed(
        ("903 m",), "2,737 - 1,834 = 903 m", (Cell(0, 1, 1), Cell(0, 2, 1)), "difference", 0.9, "Length in metres."
    )
    table = element(kind="table", rows=ROWS, caption="Table 1: Bridges.")
    best = Worked(computed, (3,), (table,), {}, 0.9)
    ((text, quotes),) = written(best)
    assert text.startswith("**903 m**\n\n2,737 - 1,834 = 903 m [3]\n\nLength in metres.\n\nTable 1: Bridges. [3]")
    assert "| **2,737** |" in text
    assert "| **1,834** |" in text
    assert quotes == {3: "Golden Gate; 2,737; 1937\nBrooklyn; 1,834; 1883"}


def test_cells_of_two_tables_are_cited_each() -> None:
    computed = Computed(("903 m",), "2,737 - 1,834 = 903 m", (Cell(0, 1, 1), Cell(1, 2, 1)), "difference", 0.9, "")
    tables = (element(kind="table", rows=ROWS), element(kind="table", rows=ROWS, order=1))
    ((text, quotes),) = written(Worked(computed, (2, 5), tables, {}, 0.9))
    assert "2,737 - 1,834 = 903 m [2][5]" in text
    assert set(quotes) == {2, 5}


def test_units_in_a_row_of_their_own_are_shown() -> None:
    rows = (("", "Length"), ("Bridge", ""), ("", "(m)"), ("Brooklyn", "1,834"), ("Tower", "244"))
    assert excerpt(rows, [4]).splitlines()[2:] == ["|  | (m) |", "| Tower | 244 |"]
