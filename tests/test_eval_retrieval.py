"""`triptych eval retrieval`: its figures against ones worked out by hand, and the command on a tiny corpus."""

import json
import re
from math import log2
from pathlib import Path

import pytest

from common.errors import UserError
from evals import metrics
from evals.datasets.questions import Question, read_questions
from evals.retrieval import summary
from evals.retrieval.arms import ABLATION, Outcome
from evals.retrieval.late import maxsim, token_vectors
from evals.retrieval.page_labels import amounts
from ui.cli import main

PAGES = {
    "mercury.md": "# Mercury\n\nMercury is the smallest planet. One year there lasts 88 days.\n",
    "venus.md": "# Venus\n\nVenus is hidden under clouds of sulphuric acid. Its ground is 464 degrees hot.\n",
    "jupiter.md": "# Jupiter\n\nJupiter is the largest planet. Its Great Red Spot is a storm.\n",
}
QUESTIONS = [
    {"question": "How long is a year on Mercury?", "document": "mercury.md", "pages": [1], "sources": ["text"]},
    {"question": "How hot is the ground of Venus?", "document": "venus.md", "pages": [1], "sources": ["table"]},
    {"question": "Which storm does Jupiter have?", "document": "jupiter.md", "pages": [1], "sources": ["chart"]},
    {"question": "Who won the chess match in Reykjavik?", "document": "venus.md", "unanswerable": True},
]
RANKED, GOLD = ["a", "b", "c", "d"], {"b", "d", "z"}


def test_metrics_of_one_ranking() -> None:
    assert [metrics.success(RANKED, GOLD, cut) for cut in (1, 2)] == [0.0, 1.0]
    assert metrics.recall(RANKED, GOLD, 4) == pytest.approx(2 / 3)
    assert metrics.reciprocal_rank(RANKED, GOLD) == 0.5
    assert metrics.reciprocal_rank(RANKED, {"z"}) == 0.0
    ideal = 1 / log2(2) + 1 / log2(3) + 1 / log2(4)
    assert metrics.ndcg(RANKED, GOLD, 10) == pytest.approx((1 / log2(3) + 1 / log2(5)) / ideal)
    assert metrics.ndcg(["b", "d"], {"b", "d", "z"}, 2) == 1.0, "no more can be found than the cut lets in"


def test_metrics_of_many_questions() -> None:
    assert metrics.auroc([0.9, 0.4], [0.4, 0.1]) == 0.875  # three wins and a tie of four pairs
    curve = metrics.risk_coverage([0.2, 0.9, 0.5], [False, True, False])
    assert curve == [(1 / 3, 0.0), (2 / 3, 0.5), (1.0, 2 / 3)]
    assert metrics.percentile([3.0, 1.0, 2.0, 4.0], 0.5) == 2.0
    assert metrics.percentile([3.0, 1.0, 2.0, 4.0], 0.95) == 4.0


def test_intervals_hold_the_mean_and_shrink_with_more_questions() -> None:
    low, high = metrics.interval([0.0, 1.0] * 50)
    wider = metrics.interval([0.0, 1.0] * 5)
    assert 0.38 < low < 0.45 and 0.55 < high < 0.62  # 0.5 +- 1.96 * sqrt(0.25 / 100)
    assert wider[0] < low and wider[1] > high
    assert metrics.interval([1.0, 1.0]) == (1.0, 1.0)
    certain = metrics.auroc_interval([0.9, 0.8], [0.1, 0.2])
    assert certain == (1.0, 1.0)


def test_a_right_answer_is_one_on_the_first_page_of_an_answerable_question() -> None:
    yes = Question("a", ("d",), frozenset({("d", 1)}))
    no = Question("b", ("d",), answerable=False)
    runs = {"arm": [Outcome(yes, [("d", 1)], 0.8), Outcome(no, [("d", 1)], 0.3)]}
    found = summary.abstention(runs)["arm"]
    assert found.auroc.value == 1.0
    assert summary.wrong_at(found.curve, 0.5) == 0.0
    assert summary.wrong_at(found.curve, 1.0) == 0.5


def test_documents_are_counted_once() -> None:
    question = Question("a", ("x", "y"))
    found = summary.documents({"arm": [Outcome(question, [("z", 1), ("z", 2), ("y", 9)])]})["arm"]
    assert [found[name].value for name in ("@1", "@5", "share of them @10")] == [0.0, 1.0, 0.5]


def test_public_question_files_are_read_as_they_are(tmp_path: Path) -> None:
    lines = tmp_path / "pages0.jsonl"
    record = {"doc": "a.pdf", "question": "q", "pages0": [0, 4], "sources": ["Pure-text (Plain-text)", "Chart"]}
    lines.write_text("\n".join(json.dumps(one) for one in (record, record | {"pages0": [], "sources": []})))
    first, second = read_questions([lines])
    assert first.pages == {("a.pdf", 1), ("a.pdf", 5)}
    assert first.sources == {"text", "chart"}
    assert (first.answerable, second.answerable) == (True, False)
    rows = tmp_path / "documents.csv"
    rows.write_text("\ufeffQuestion,Source Docs,Question Type,Source Chunk Type,Answer\nq,*Q1 X*,Multi-Doc,Table,1.5\n")
    (one,) = read_questions([rows], ["2022 Q1 X.pdf", "2023 Q1 X.pdf", "2023 Q2 X.pdf"])
    assert one.documents == ("2022 Q1 X.pdf", "2023 Q1 X.pdf")
    assert one.answerable and not one.pages
    assert one.sources == {"table"}


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        '{"document": "mercury.md", "pages": [1]}',
        '{"question": " ", "document": "mercury.md"}',
        '{"question": "q", "document": "mercury.md", "pages": [0]}',
        '{"question": "q", "pages": [1]}',
        '{"question": "q", "document": "pluto.md", "pages": [1]}',
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps(QUESTIONS[0]) + "\n" + line)
    with pytest.raises(UserError, match=r"questions\.jsonl, line 2"):
        read_questions([file], list(PAGES))


def test_amounts_are_numbers_that_few_pages_hold() -> None:
    assert amounts("In 2022 (note 3) sales were $82,959 million, up 1.85 %, 7,000.25 in all.") == {
        "82,959",
        "1.85",
        "7,000.25",
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus called `planets` in `data`, and the questions."""
    folder = tmp_path_factory.mktemp("eval")
    (folder / "pages").mkdir()
    for name, text in PAGES.items():
        (folder / "pages" / name).write_text(text)
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, QUESTIONS)))
    assert main(["ingest", str(folder / "pages"), "--corpus", "planets", "--data-dir", str(folder / "data")]) == 0
    return folder


def evaluate(place: Path, *more: str) -> int:
    given = ["--corpus", "planets", "--data-dir", str(place / "data"), *more]
    return main(["eval", "retrieval", str(place / "questions.jsonl"), *given])


def test_the_command_prints_every_figure(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert evaluate(place, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["questions"] == {"questions with pages": 3, "with documents only": 0, "unanswerable": 1}
    for scope in ("all documents", "right document"):
        pages = found["scopes"][scope]["pages"]
        assert list(pages["all"]) == ["bm25", "dense", "hybrid", "full"]
        assert pages["all"]["full"]["@1"] == [1.0, 1.0, 1.0]
        assert found["scopes"][scope]["counts"] == {"all": 3, "chart or figure": 1, "table": 1, "text": 1}
        assert found["abstention"][scope]["full"]["auroc"][0] == 1.0
    assert set(found["seconds"]) == {"bm25", "dense", "hybrid", "full"}
    needs = {need["part"]: need for need in found["scopes"]["all documents"]["needs"]}
    assert needs["words of pages"]["found"] == 1.0
    assert needs["OCR"]["found"] == 0.0
    assert needs["OCR"]["lost"] == [0.0, 0.0, 0.0]


def test_the_report_stands_by_itself(place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(place, "--arms", "bm25,full", "--cross-validate", "--out", str(tmp_path / "out")) == 0
    text = (tmp_path / "out" / "report.md").read_text()
    assert text in capsys.readouterr().out
    assert "| full, cross-validated | 1.00 (1.00 to 1.00) |" in text
    for link in (
        "pages-all-documents.svg",
        "risk-and-coverage-all-documents.svg",
        "risk-and-coverage-right-document.svg",
    ):
        assert f"({link})" in text
        assert (tmp_path / "out" / link).read_text().startswith("<svg")
    page = (tmp_path / "out" / "report.html").read_text()
    assert page.count("<svg") == 4
    assert "<img" not in page and "<script" not in page and "<table>" in page


def test_only_inside_the_right_document(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(place, "--document-scope", "--arms", "bm25") == 0
    shown = capsys.readouterr().out
    assert "right document" in shown and "all documents" not in shown


def test_the_parts_one_at_a_time_as_tables_alone(place: Path, tmp_path: Path) -> None:
    assert evaluate(place, "--arms", "ablation", "--out", str(tmp_path / "ablation.md")) == 0
    text = (tmp_path / "ablation.md").read_text()
    assert "![" not in text and [file.name for file in tmp_path.iterdir()] == ["ablation.md"]
    pages = text.split("## Pages, all documents")[1].split("By the kind of evidence")[0]
    rows = dict(re.findall(r"^\| ([\w-]+) \| (.*) \|$", pages, re.MULTILINE))
    for arm in ABLATION.split(","):
        assert f"- {arm}: " in text
        assert rows[arm].startswith("1.00"), f"{arm} finds the planet that the question names"
    shown = {arm: float(cells.split(" | ")[5].split()[0]) for arm, cells in rows.items() if arm in ("full", "cut")}
    assert shown["cut"] < shown["full"] == 3.0


def test_late_interaction_covers_each_word_of_the_question() -> None:
    asked, same, other = token_vectors(["hot clouds", "clouds, hot ones", "a chess match"])
    assert asked.shape == (2, 384)
    assert maxsim(asked, asked) == pytest.approx(1.0, abs=0.01)
    assert maxsim(asked, same) > maxsim(asked, other) + 0.2


def test_a_wrong_arm_or_corpus_is_said(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(place, "--arms", "magic") == 2
    assert "bm25" in capsys.readouterr().err
    assert evaluate(place, "--corpus", "nowhere") == 2
    assert "nowhere" in capsys.readouterr().err


def test_evaluations_are_loaded_when_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["eval", "retrieval", "--help"])
    assert ended.value.code == 0
    assert "--cross-validate" in capsys.readouterr().out
