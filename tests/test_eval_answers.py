"""`triptych eval answers`: what counts as holding a value, how each kind of file is read, and the command's figures."""

import gzip
import json
from pathlib import Path

import pytest

from agent import Answer
from common.errors import UserError
from evals import metrics
from evals.answers import summary
from evals.answers.asking import OTHER, OWN, Result
from evals.datasets.answer_sets import kind_of, read_cases
from evals.datasets.gold import Text, gold_of, gold_of_values, scale_named
from evals.folds import FOLDS, fold_of
from ui.cli import main

TABLE = [["River", "Length (km)", "Mouth"], ["Olen", "1,204", "Lake Aru"], ["Varn", "(350)", "North Sea"]]


def holds(gold, text: str) -> bool:
    assert gold is not None
    return gold.held(Text.of(text))


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("1,204", "The Olen is 1204 km long."),
        ("$1,496.5", "sales of $ 1496.50"),
        ("-12.6", "It changed by −12.6."),
        ("-350", "| Varn | (350) |"),
        ("0.68", "the ratio is 0.6817"),
        ("2.774729", "**2.77**"),
        ("56 m", "the result is 56"),
        ("4", "There are four of them."),
        ("51%", "iOS 9: 51 percent"),
        ("1962", "on 14 Dec 1962"),
        ("14 Dec 1962", "It flew on December 14, 1962."),
        ("2009-07", "In July 2009 it began."),
        ("18-34", "people aged 18–34"),
        ("the Kessler Company", "built by KESSLER company."),
        ("the Kessler's dam", "Kessler’s dam"),
        ("Kessler", "It was Kessler's."),
        ("['Jun', 'Aug']", "Between Aug and Jun"),
        ("No", "No: it was closed."),
        ("三千万立方米", "水库的蓄水量为三千万立方米。"),
        ("بارد", "الماء باردجدا"),
    ],
)
def test_a_right_answer_is_held(answer: str, text: str) -> None:
    assert holds(gold_of(answer), text)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("2", "22 of 2.3 in 3.2 and 1,204, 2nd, version 1.2.3, 2 million, A2"),
        ("1.2", "version 1.2.3"),
        ("2.3", "version 1.2.3"),
        ("14", "on 14 Dec 1962"),
        ("12.6", "It changed by −12.6."),
        ("350", "100 - 249 = -350"),
        ("1,496.5", "1,496.5 billion"),
        ("51%", "51 million"),
        ("0.68", "0.7"),
        ("1,204", "1,204.6 and 11,204 and 1,204,000"),
        ("2009-07", "In August 2009 it began."),
        ("['Jun', 'Aug']", "Between Aug and July"),
        ("No", "There is no lock, and no weir."),
        ("Kessler", "the Kesslers"),
        ("水库的", "水库"),
    ],
)
def test_a_wrong_answer_is_not(answer: str, text: str) -> None:
    assert not holds(gold_of(answer), text)


def test_a_scale_belongs_to_the_number() -> None:
    gold = gold_of_values(["1,496.5"], "million")
    assert holds(gold, "$1,496.5") and holds(gold, "1.4965 billion") and holds(gold, "1,496,500,000")
    assert not holds(gold, "1,496.5 thousand") and not holds(gold, "1,496.5%")
    assert not holds(gold_of_values(["-22.22"], "percent"), "22.22%")
    assert scale_named("What was the debt (in USD millions)?") == "million"
    assert scale_named("Is it millions or billions?") == scale_named("How much?") == ""


def test_prose_is_judged_by_the_figures_it_names() -> None:
    said = (
        "No. The debt of the company decreased by $229 million in 2022, which is 4.5% of all that it had owed in 2021."
    )
    assert holds(gold_of(said), "It fell by 229 million.") and not holds(gold_of(said), "It fell in 2022.")
    said = "The company works in many places of the world, among them Europe, Asia and Africa."
    assert gold_of(said).open and holds(gold_of(said), f"It says: {said}") and not holds(gold_of(said), "Europe, Asia")


def test_a_span_however_long_is_held_word_for_word() -> None:
    span = "fees of 4.5% which are owed by whoever came late, or left before the doors were closed for the night"
    assert holds(gold_of_values([span]), f"There are {span}.") and not holds(gold_of_values([span]), "fees of 4.5%")


def test_a_count_stands_on_most_pages_by_accident() -> None:
    assert not gold_of("4").telling and not gold_of("['3', '1']").telling
    assert all(gold_of(answer).telling for answer in ("4%", "1962", "$5", "4.5", "four lanes of road", "['3', 'A']"))


def test_the_short_answer_is_what_the_first_line_marks() -> None:
    assert Answer("**1,204 km**, **Olen**: it is\n**350**").short == "1,204 km; Olen"
    assert Answer("The Olen is 1,204 km long.").short == ""


def test_a_fold_is_the_same_everywhere() -> None:
    assert [fold_of(name) for name in ("xquad/0", "xquad/1", "204-csv/590")] == [4, 0, 4]
    assert {fold_of(f"table-{number}") for number in range(60)} == set(range(FOLDS))


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"), [(0, 10, 0.0, 0.278), (8, 10, 0.490, 0.943), (10, 10, 0.722, 1.0)]
)
def test_wilson_intervals(hits: int, count: int, low: float, high: float) -> None:
    assert metrics.wilson(hits, count) == pytest.approx((low, high), abs=0.001)


def result(**changed: object) -> Result:
    base = {"set": "s", "scope": OWN, "question": "q", "group": "g", "kinds": (), "text": "", "sure": None, "cpu": 0.1}
    flags = dict.fromkeys(("judged", "quotable", "answered", "holds"), True) | dict.fromkeys(
        ("short", "region", "page"), False
    )
    return Result(**base | {"answerable": True, "words": 3} | flags | changed)


def test_risk_and_coverage_ends_where_questions_are_refused() -> None:
    sure = [result(sure=0.9), result(sure=0.7, holds=False), result(sure=0.8), result(answered=False, sure=0.1)]
    assert summary.risk_and_coverage(sure) == [(0.25, 0.0), (0.5, 0.0), (0.75, pytest.approx(1 / 3))]
    unsaid = [result(sure=0.9), result(sure=None, holds=False)]
    assert summary.risk_and_coverage(unsaid) == [(0.5, 1.0), (1.0, 0.5)]
    assert summary.risk_and_coverage([result(), result(answered=False)]) == [(0.5, 0.0)]
    assert summary.risk_and_coverage([result(answered=False)]) == []


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sets")
    with gzip.open(folder / "some-tables.jsonl.gz", "wt") as file:
        for name in ("t/1", "t/2"):
            file.write(json.dumps({"table": name, "rows": TABLE if name == "t/1" else [["Ship"], ["Ella"]]}) + "\n")
    asked = [
        {"question": "How long is the Olen?", "table": "t/1", "answer": ["1,204"]},
        {"question": "Which ships are there?", "table": "t/2", "answer": ["Ella"]},
    ]
    tat = {
        "table": {"uid": "u1", "table": TABLE},
        "paragraphs": [{"order": 1, "text": "The Varn was dammed in 1931 by Moor and Sons."}],
        "questions": [
            {"question": "Who dammed the Varn?", "answer": ["Moor and Sons"], "scale": ""}
            | {"answer_type": "span", "answer_from": "text"},
            {"question": "How much longer is the Olen than the Varn?", "answer": 854, "scale": ""}
            | {"answer_type": "arithmetic", "answer_from": "table"},
        ],
    }
    squad = {"data": [{"paragraphs": [{"context": "Otters eat crabs.\n\nThey sleep afloat.", "qas": [
        {"question": "What do otters eat?", "answers": [{"text": "crabs", "answer_start": 11}]},
        {"question": "Where do otters buy crabs?", "answers": [], "is_impossible": True},
    ]}]}]}  # fmt: skip
    (folder / "rivers.jsonl").write_text("\n".join(map(json.dumps, asked)))
    (folder / "tat.json").write_text(json.dumps([tat]))
    (folder / "otters.en.json").write_text(json.dumps(squad))
    return {path.stem: path for path in folder.iterdir()}


def test_each_file_is_known_by_itself(sets: dict[str, Path], tmp_path: Path) -> None:
    river, ship = read_cases(sets["rivers"])
    assert (river.group, river.evidence()[0].rows[1]) == ("t/1", ("Olen", "1,204", "Lake Aru"))
    assert ship.evidence()[0].rows == (("Ship",), ("Ella",))
    span, arithmetic = read_cases(sets["tat"])
    assert [element.kind for element in span.evidence()] == ["table", "text"]
    assert (span.kinds, arithmetic.kinds[0]) == (("span", "from: text"), "arithmetic")
    assert holds(arithmetic.gold, "1,204 - 350 = 854 km")
    first, second = read_cases(sets["otters.en"])
    assert [element.text for element in first.evidence()] == ["Otters eat crabs.", "They sleep afloat."]
    assert (first.group, first.answerable, second.answerable) == ("otters/0", True, False)
    page = tmp_path / "pages.jsonl"
    page.write_text(json.dumps({"question": "q", "doc": "a.pdf", "pages0": [3], "answer": "Not answerable"}))
    assert (kind_of(page), kind_of(sets["rivers"])) == ("pages", "evidence")
    assert [case.answerable for case in read_cases(page)] == [False]


@pytest.mark.parametrize("text", ["{}", "[1]", '{"data": [{"paragraphs": 3}]}', "not json"])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "other.json").write_text(text)
    with pytest.raises(UserError, match=r"other\.json"):
        read_cases(tmp_path / "other.json")
    with pytest.raises(UserError, match="no file"):
        kind_of(tmp_path / "missing.json")


def test_tables_and_paragraphs_are_asked_of_the_answerer(sets: dict[str, Path], tmp_path: Path, capsys) -> None:
    given = [str(sets[name]) for name in ("rivers", "tat", "otters.en")]
    assert main(["eval", "answers", *given, "--out", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr().out
    assert "## rivers" in shown and "### Its evidence" in shown and "| arithmetic | 1 |" in shown
    outcomes = [json.loads(line) for line in (tmp_path / "out" / "outcomes.jsonl").read_text().splitlines()]
    by_question = {(one["question"], one["scope"]): one for one in outcomes}
    olen = by_question["How long is the Olen?", OWN]
    assert olen["holds"] and olen["region"] and olen["quotable"] and "1,204" in olen["text"]
    assert by_question["What do otters eat?", OWN]["holds"]
    elsewhere = by_question["How long is the Olen?", OTHER]
    assert not elsewhere["answerable"] and not elsewhere["answered"]
    assert by_question["Who dammed the Varn?", OWN]["words"] > 0

    parts = json.loads((tmp_path / "out" / "report.json").read_text())
    assert main(["eval", "answers", str(tmp_path / "out" / "outcomes.jsonl"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == parts, "a report can be made of the outcomes of other runs"


def test_a_sample_is_the_same_for_the_same_seed(sets: dict[str, Path], capsys) -> None:
    def asked(*more: str) -> str:
        assert main(["eval", "answers", str(sets["rivers"]), "--json", *more]) == 0
        return json.dumps([(one["scope"], one["refused"]) for one in json.loads(capsys.readouterr().out)])

    assert "[1, [" in asked("--sample", "1", "--seed", "3") == asked("--sample", "1", "--seed", "3")
    other = next(fold for fold in range(FOLDS) if fold not in (fold_of("t/1"), fold_of("t/2")))
    assert asked("--fold", str(other)) == "[]"


def test_a_corpus_is_asked_whole_and_in_the_right_document(tmp_path: Path, capsys) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "olen.md").write_text("# Olen\n\nThe Olen is 1,204 km long. It rises at Sandal.\n")
    (folder / "varn.md").write_text("# Varn\n\nThe Varn was dammed in 1931.\n")
    asked = [
        {
            "question": "How long is the Olen?",
            "document": "olen.md",
            "pages": [1],
            "answer": "1204",
            "sources": ["text"],
        },
        {"question": "Who painted the ceiling in Milan?", "document": "varn.md", "unanswerable": True},
    ]
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, asked)))
    where = ["--corpus", "rivers", "--data-dir", str(tmp_path / "data")]
    assert main(["ingest", str(folder), *where]) == 0
    capsys.readouterr()
    assert main(["eval", "answers", str(tmp_path / "questions.jsonl"), "--json", *where]) == 0
    everywhere, inside = json.loads(capsys.readouterr().out)
    assert (everywhere["scope"], inside["scope"]) == ("all documents", "right document")
    for section in (everywhere, inside):
        assert section["slices"]["evidence: text"]["shares"]["holds the value"][0] == 1.0
        assert section["cites"][0] == 1.0
        assert section["refused"]["unanswerable"][:2] == [1, [1.0, pytest.approx(0.207, abs=0.001), 1.0]]
        assert section["curve"] == [[0.5, 0.0]]
        assert 0 < section["cpu"][0] < 60
