"""A question of thousands of words is searched for by the sentences of it that ask, and the person is told which."""

import random
from collections.abc import Iterator

import pytest

from retrievers.library import Corpus, Library
from retrievers.search.long_questions import LONG, notice, shortened

TOPICS = {
    "harbour.md": "The harbour of Ostrel has nine cranes. The oldest crane was built by Maren Dahl in 1874.",
    "orchard.md": "The orchard grows pears and quinces. Wasps are kept away by smoke and copper bells.",
    "mill.md": "The mill grinds barley for the valley. Its wheel turns twelve times a minute in spring.",
}
WORDS = [word.strip(".") for name in ("orchard.md", "mill.md") for word in TOPICS[name].split()]


def padding(words: int, seed: int) -> str:
    draw = random.Random(seed)
    sentences = [" ".join(draw.choices(WORDS, k=12)).capitalize() + "." for _ in range(words // 12)]
    return " ".join(sentences)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    folder = tmp_path_factory.mktemp("long")
    (folder / "in").mkdir()
    for name, text in TOPICS.items():
        (folder / "in" / name).write_text(text, encoding="utf-8")
    library = Library(folder / "data")
    with library.open("long", create=True) as made:
        made.ingest([folder / "in"])
        yield made
    library.close()


@pytest.mark.parametrize("before", [0, 1800, 3600])
def test_what_is_asked_is_found_wherever_it_stands(corpus: Corpus, before: int) -> None:
    asked = "Who built the oldest crane of the harbour?"
    question = f"{padding(before, 1)} {asked} {padding(3600 - before, 2)}"
    assert corpus.search(question)[0].element.document == "harbour.md"
    assert asked in shortened(question)
    assert len(shortened(question).split()) <= LONG


def test_without_a_question_mark_the_end_is_asked() -> None:
    question = f"{padding(600, 3)} Tell me who built the oldest crane"
    assert shortened(question) == "Tell me who built the oldest crane"


def test_one_endless_sentence_is_cut_to_its_end() -> None:
    question = " ".join(["word"] * 3000) + " and who built the crane?"
    assert shortened(question).endswith("who built the crane?")
    assert len(shortened(question).split()) <= LONG


def test_a_question_of_usual_length_stays_and_is_not_spoken_of() -> None:
    question = "Given the drought, the wardens moved the herons. Where did they go?"
    assert shortened(question) == question
    assert notice(question) == ""


def test_the_person_is_told_what_was_searched_for() -> None:
    told = notice(f"{padding(1200, 4)} ¿Quién construyó la grúa? {padding(1200, 5)}")
    assert "2,404 words" in told and "¿Quién construyó la grúa?" in told
