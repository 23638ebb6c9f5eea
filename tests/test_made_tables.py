"""Made tables: the answer of every question follows from its table, and without its column does not."""

from evals.estimate.changes import changed
from evals.estimate.made_cases import made_cases
from evals.tables.examples import examples
from evals.tables.made import made_questions


def test_the_same_seed_asks_the_same() -> None:
    assert [*made_questions(3, 7)] == [*made_questions(3, 7)] != [*made_questions(3, 8)]


def test_some_program_gives_the_answer_of_most_questions() -> None:
    asked = [*made_questions(30, 1)]
    assert len(asked) > 100
    assert len([*examples(asked)]) > 0.9 * len(asked)


def test_a_table_without_the_column_does_not_answer() -> None:
    whole, lacking = [*made_questions(10, 3)], [*made_questions(10, 3, lacking=True)]
    assert [one.question for one in whole] == [one.question for one in lacking]
    for one, other in zip(whole, lacking, strict=True):
        assert len(other.table.rows[0]) == len(one.table.rows[0]) - 1
        assert not other.gold


def test_a_changed_question_asks_for_something_else() -> None:
    import random

    questions = ["When did Anna Lind build the mill?", "Where was Otto Falk born in 1871?"]
    made = {changed(questions[0], questions[1:], random.Random(seed)) for seed in range(20)} - {""}
    assert made and questions[0] not in made
    for one in made:
        assert len(set(one.split()) ^ set(questions[0].split())) <= 4


def test_rows_are_called_by_name_or_key_and_neither_answers_when_the_row_is_gone() -> None:
    cases = [*made_cases(40, 3)]
    by_key = gone = 0
    for whole, lacking in zip(cases[::2], cases[1::2], strict=True):
        (table, *_), (rest, *left) = whole.evidence(), lacking.evidence()
        assert whole.question == lacking.question
        if len(rest.rows) == len(table.rows):
            continue
        gone += 1
        (row,) = {*table.rows} - {*rest.rows}
        by_key += row[0] in whole.question and row[1] not in whole.question
        assert any(cell in whole.question for cell in row[:2] if cell)
        assert not any(row[0] in one.text.split() for one in left)
    assert gone > 30
    assert by_key > 3
