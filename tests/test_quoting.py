"""Answers that are quoted: what is answered, what is quoted, and when nothing was found."""

from dataclasses import replace
from pathlib import Path

import pytest
from langchain_core.messages import ToolMessage

from agent.answering.quoting.answerer import QuotingAnswerer
from agent.events import Answer, Token
from agent.request import Request, Work
from common.sentences import sentences
from retrievers.elements import Box, Element, Hit

TEXT = (
    "The bridge was opened in 1932. It carries eight lanes of road traffic. The architect was Dr. John Bradfield, "
    "who studied in Sydney. It was closed for a year because rust had weakened the cables."
)
ROWS = (
    ("Bridge", "Length (m)", "Opened"),
    ("Golden Gate", "2,737", "1937"),
    ("Brooklyn", "1,834", "1883"),
    ("Tower", "244", "1894"),
)


def hit(order: int, **fields: object) -> Hit:
    base = {"document": "bridges.pdf", "sha256": "0", "page": order + 1, "kind": "text", "text": ""}
    return Hit(
        Element(**base | {"box": Box(0, 0, 1, 0.5), "order": order, "title": "Bridges"} | fields), 1.0 - order / 10
    )


HITS = (
    hit(0, text=TEXT),
    hit(1, kind="table", rows=ROWS, caption="Table 1: Three bridges."),
    hit(2, kind="figure", text="Load 40 tonnes Cable Deck", caption="Figure 2: How the deck hangs from the cables."),
)


def work_of(question: str, hits: tuple[Hit, ...], shows: str = "") -> Work:
    result = ToolMessage("...", tool_call_id="search", name="search", artifact=hits)
    return Work(question, messages=(result,), shows=frozenset(filter(None, [shows])))


def ask(question: str, hits: tuple[Hit, ...] = HITS, shows: str = "") -> Answer:
    request = Request(question, figure=lambda element: Path("a.png"))
    *_, answer = QuotingAnswerer().answer(request, work_of(question, hits, shows))
    assert isinstance(answer, Answer)
    return answer


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("How many lanes of traffic does the bridge carry?", "“It carries **eight"),
        ("Who was the architect of the bridge?", "Dr. John Bradfield"),
        ("Why was the bridge closed for a year?", "rust had weakened the cables"),
        ("What is the length of the Brooklyn bridge?", "| Brooklyn | **1,834** | 1883 |"),
        ("Which bridge has the smallest length?", "| **Tower** |"),
        ("How does the deck hang from the cables?", "Figure 2: How the deck hangs from the cables"),
    ],
)
def test_the_passage_that_answers_is_quoted(question, quoted):
    message = ask(question)
    assert quoted in message.text
    assert message.found


def test_only_the_row_asked_for_is_shown():
    text = ask("What is the length of the Brooklyn bridge?").text
    assert "Golden Gate" not in text
    assert "| Bridge | Length (m) | Opened |" in text


def test_a_table_asked_for_is_shown_whole():
    text = ask("Show the table of bridges", shows="table").text
    assert all(row[0] in text for row in ROWS)


@pytest.mark.parametrize("question", ["What is the population of Canada?", "Who won the chess match in Oslo?"])
def test_weak_evidence_is_said_so(question):
    message = ask(question)
    assert message.found is False
    assert message.text.startswith(
        "I could not find this in the documents. The nearest pages are: bridges.pdf, page 1 [1]"
    )
    assert "1932" not in message.text


def test_what_stands_at_a_place_is_shown_when_it_is_no_answer_in_words():
    slide = replace(
        hit(5, text="Io has volcanoes, Europa has an ocean under ice.", section=("Fire and ice",)), placed=True
    )
    text = ask("What is the title of slide 6?", (slide,)).text
    assert text.startswith("On page 6, under **Fire and ice**:\n\n“Io")
    assert text.endswith("under ice.” [1]")


def test_what_stands_at_another_place_is_not_shown_for_it():
    slide = hit(3, text="Io has volcanoes, Europa has an ocean under ice.", section=("Fire and ice",))
    assert not ask("What is the title of slide 6?", (slide,)).found


def test_a_long_table_says_what_is_not_shown():
    rows = (("Tariff", "Price"), *((f"tariff {n}", str(n)) for n in range(50)))
    text = ask("Show the table of tariffs", (hit(0, kind="table", rows=rows, caption="Tariffs"),), shows="table").text
    assert "| tariff 29 | 29 |" in text and "| tariff 30 |" not in text
    assert text.endswith("20 more rows are on the page.")


def test_what_only_eyes_could_tell_says_what_that_takes():
    picture = (hit(0, kind="figure", text="Load Cable Deck", caption="Figure 2: The deck."),)
    assert "takes a language model that sees" in ask("How many people stand on the quay in Oslo?", picture).text
    assert "takes a language model that sees" not in ask("Who won the chess match in Oslo?", HITS[:2]).text


def test_a_sentence_in_a_cell_is_read_too():
    rows = (("Day", "Remark"), ("Monday", "The inspector found rust on the northern cable and closed one lane."))
    text = ask("Where did the inspector find rust?", (hit(0, kind="table", rows=rows),)).text
    assert "northern cable" in text and text.endswith("[1]")


def test_no_evidence_at_all():
    assert ask("How long is it?", ()).text == "I could not find this in the documents."


def test_bracketed_numbers_in_a_document_are_not_citations():
    text = ask("How high is the tower?", (hit(0, text="The tower is 84 m high [7]."),)).text
    assert text.endswith("m** high (7).” [1]")


def test_it_streams():
    question = "Why was the bridge closed for a year?"
    events = list(QuotingAnswerer().answer(Request(question), work_of(question, HITS)))
    pieces = [event.text for event in events if isinstance(event, Token)]
    assert len(pieces) > 1 and "".join(pieces).strip() == events[-1].text
    assert events[-1].citations[0].quote.startswith("It was closed for a year")


def test_what_is_only_made_gets_no_quotes():
    question = "Plot the lengths of the bridges"
    (answer,) = QuotingAnswerer().answer(Request(question), replace(work_of(question, HITS), asks=False))
    assert answer.text == "" and answer.found


def test_sentences_end_where_they_end():
    assert sentences("See Fig. 3 for it. Dr. Who came at 5 p.m.\nA label\ncontinued here. Next!") == [
        "See Fig. 3 for it.",
        "Dr. Who came at 5 p.m.",
        "A label continued here.",
        "Next!",
    ]


def test_the_day_of_a_date_ends_no_sentence():
    assert sentences("Die Miete beginnt am 3. Mai 1998. Es waren 7. Danach nichts.") == [
        "Die Miete beginnt am 3. Mai 1998.",
        "Es waren 7.",
        "Danach nichts.",
    ]


def test_a_short_sentence_is_quoted_without_those_beside_it():
    text = "The rent is due on the first day of each month. The fee is 90 euros. The dog stays outside."
    assert ask("What is the fee?", (hit(0, text=text),)).text.endswith("“The fee is **90 euros**.” [1]")


def test_a_definition_is_quoted_whole():
    text = "A caisson is a box without water, in which piers are built. It is sunk to the bed of a river."
    answer = ask("What is a caisson?", (hit(0, text=text),))
    assert answer.text == "“A caisson is a box without water, in which piers are built.” [1]"
    assert not answer.short
