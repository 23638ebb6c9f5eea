"""The trained reader on sentences that are written here: which words answer, and whether any do."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from command import run_here

from agent.answering.reader import Reader, load, spans
from agent.answering.reader.inputs import MAX_TOKENS, Encoder
from agent.answering.shipped_weights import verify
from common.errors import UserError

ROOT = Path(__file__).parents[1]
FERRY = [
    "The ferry Alwine was launched at Husum in 1987.",
    "She carries 240 passengers and twelve cars.",
    "Her captain is Maren Feddersen, who joined the company as a cook.",
    "A crossing to the island takes 55 minutes.",
    "The crew is trained twice a year.",
]
ORCHARD = [
    "Apples are picked from late August onwards.",
    "The juice is heated to 78 °C and filled into bottles.",
    "A bottle of juice costs 2.40 euros in the farm shop.",
    "The farm has belonged to the Quandt family since 1911.",
    "Visitors may walk through the orchard on Sundays.",
]


@pytest.fixture(scope="module")
def shipped() -> Reader:
    return load()


@pytest.mark.parametrize(
    ("question", "passages", "answer"),
    [
        ("How many passengers does the ferry carry?", FERRY, "240"),
        ("When was the Alwine launched?", FERRY, "1987"),
        ("Who is the captain of the ferry?", FERRY, "Maren Feddersen"),
        ("How long does a crossing take?", FERRY, "55 minutes"),
        ("What does a bottle of juice cost?", ORCHARD, "2.40 euros"),
        ("How hot does the juice get?", ORCHARD, "78 °C"),
        ("Who owns the farm?", ORCHARD, "Quandt"),
        ("When are apples picked?", ORCHARD, "August"),
    ],
)
def test_the_words_that_answer(shipped: Reader, question: str, passages: list[str], answer: str) -> None:
    best = shipped.read(question, passages)[0]
    assert answer in passages[best.passage][best.start : best.end], passages[best.passage][best.start : best.end]


@pytest.mark.parametrize(
    ("question", "rows", "answer"),
    [
        (
            "What is the boiling point of xenol?",
            [
                "Solvent: dralin, Boiling point: 81 °C, Price: 12 EUR",
                "Solvent: xenol, Boiling point: 117 °C, Price: 9 EUR",
            ],
            "117 °C",
        ),
        (
            "Which team does Okafor play for?",
            ["Player: Lindqvist, Team: Harbour FC, Goals: 4", "Player: Okafor, Team: Riverside, Goals: 11"],
            "Riverside",
        ),
    ],
)
def test_the_cell_that_answers(shipped: Reader, question: str, rows: list[str], answer: str) -> None:
    best = shipped.read(question, rows)[0]
    assert rows[best.passage][best.start : best.end] == answer


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Take bus line C to the harbour.", "line C"),
        ("Scurvy is a lack of vitamin C", "vitamin C"),
        ("The grade is C.", "C"),
        ("C is the third tone.", "C"),
    ],
)
def test_a_lone_letter_keeps_the_word_that_it_tells_apart(text: str, words: str) -> None:
    start = text.rindex("C")
    span = spans.named(text, spans.Span(0, start, start + 1, 1.0))
    assert text[span.start : span.end] == words


def test_not_here_scores_lower(shipped: Reader) -> None:
    """The same question of the document that answers it, and of the other; and of a thing that has a namesake."""
    asked = {
        "How many passengers does the ferry carry?": (FERRY, ORCHARD),
        "When was the Alwine launched?": (FERRY, ORCHARD),
        "What does a bottle of juice cost?": (ORCHARD, FERRY),
        "Who owns the farm?": (ORCHARD, FERRY),
        "How deep is the northern shaft?": (
            ["The northern shaft is 310 m deep."],
            ["The southern shaft is 310 m deep."],
        ),
        "What does the small lamp weigh?": (["The small lamp weighs 2 kg."], ["The small lamp costs 20 EUR."]),
    }
    here = [shipped.read(question, some)[0].score for question, (some, _) in asked.items()]
    elsewhere = [shipped.read(question, other)[0].score for question, (_, other) in asked.items()]
    assert sum(one > other for one, other in zip(here, elsewhere, strict=True)) >= 5, (here, elsewhere)
    assert sum(one > 0 for one in here) >= 5
    assert sum(one < 0 for one in elsewhere) >= 5


def test_the_setting_tells_what_it_is_about(shipped: Reader) -> None:
    question = "How much does the kettle weigh?"
    spans = shipped.read(question, ["It weighs 3 kg.", "It weighs 9 kg."], ["The oven is red.", "The kettle is red."])
    assert spans[0].passage == 1


def test_many_passages_are_read_as_each_alone(shipped: Reader) -> None:
    passages = [*FERRY, *ORCHARD, "cargo " * 400 + "The harbour master is Jens Ott. " + "cargo " * 300, ""]
    question = "Who is the harbour master?"
    together = {span.passage: span for span in shipped.read(question, passages)}
    assert set(together) == set(range(len(passages) - 1))  # the empty one has no span
    for place, passage in enumerate(passages[:-1]):
        alone = shipped.read(question, [passage])[0]
        assert (alone.start, alone.end) == (together[place].start, together[place].end)
        assert alone.score == pytest.approx(together[place].score, abs=0.25)
    long = together[len(passages) - 2]
    assert "Jens Ott" in passages[long.passage][long.start : long.end]


def test_nothing_to_read(shipped: Reader) -> None:
    assert shipped.read("Who?", []) == []
    assert shipped.read("", ["The crew is trained twice a year."])[0].passage == 0
    with pytest.raises(ValueError, match="2 passages, but 1 settings"):
        shipped.read("Who?", ["One.", "Two."], ["Here."])


@pytest.mark.parametrize(
    "text", ["Paid $1,452.40 on 3.5.2019 by O’Neill & Co.", "Es kostet 1.200,50 Euro.", "价格是三百元。"]
)
def test_no_span_cuts_a_word_or_number(text: str) -> None:
    windows = Encoder().pairs("What was paid?", [text])[0]
    assert len(windows) == 1
    for edges in (windows[0].starts, windows[0].ends):
        for edge in edges:
            if 0 < edge < len(text) and text.isascii():
                assert not (text[edge - 1].isalnum() and text[edge].isalnum())
                assert text[edge - 1 : edge + 1] not in ("1,", "2.", ".4", ",4", "3.", ".5")


def test_windows_cover_a_long_passage() -> None:
    text = " ".join(f"w{number}" for number in range(900))
    windows = Encoder().pairs("question " * 200, [text], ["setting " * 100])[0]
    assert all(len(window) == len(window.question) + len(window.others) <= MAX_TOKENS for window in windows)
    held = {start for window in windows for start in window.starts if start >= 0}
    assert held == {place for place in range(len(text)) if text[place] == "w"}


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    copy = tmp_path / "reader.safetensors"
    shutil.copy(spans.WEIGHTS.with_suffix(".json"), copy.with_suffix(".json"))
    with pytest.raises(UserError, match=r"missing.*triptych fit reader"):
        verify(copy)
    copy.write_bytes(spans.WEIGHTS.read_bytes()[:-1] + b"x")
    with pytest.raises(UserError, match=r"damaged.*triptych fit reader"):
        verify(copy)


def test_weights_are_small_and_in_the_wheel(tmp_path: Path) -> None:
    assert spans.WEIGHTS.stat().st_size < 12_000_000
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", str(tmp_path)]
    source = tmp_path / "source"
    shutil.copytree(
        ROOT, source, ignore=shutil.ignore_patterns(".git", ".venv*", "build", "*.egg-info", "tests", "docs")
    )
    subprocess.run([*build, str(source)], check=True, timeout=240)
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    for name in (
        "agent/answering/weights/reader.safetensors",
        "agent/answering/weights/reader.json",
        "evals/reader/facts.json",
    ):
        assert name in names


def made(folder: Path) -> Path:
    """The four files of public questions in small, with sentences of this test."""
    text = "The mill was built in 1804. It grinds 30 sacks a day. The miller is Anke Voss. Rye comes by cart."
    asked = {
        "When was the mill built?": "1804",
        "How many sacks does it grind?": "30 sacks",
        "Who is the miller?": "Anke Voss",
    }
    questions = [
        {"question": question, "id": number, "answers": [{"text": answer, "answer_start": text.index(answer)}]}
        for number, (question, answer) in enumerate(asked.items())
    ]
    article = {"paragraphs": [{"context": text, "document_id": 1, "qas": questions}]}
    for name in ("xquad.en.json", "covidqa.json"):
        (folder / name).write_text(json.dumps({"data": [article] * 20}))
    span = {"answer_type": "span", "answer_from": "text", "question": "Who is the miller?", "answer": ["Anke Voss"]}
    report = {"table": {"uid": "t"}, "paragraphs": [{"order": 1, "text": text}], "questions": [span]}
    (folder / "tatqa-dev.json").write_text(json.dumps([report] * 20))
    rows = [["Mill", "Sacks"], ["North", "30"], ["South", "44"], ["East", "12"]]
    import gzip

    with gzip.open(folder / "wtq-tables.jsonl.gz", "wt") as file:
        file.write("\n".join(json.dumps({"table": f"t/{number}", "rows": rows}) for number in range(20)))
    return folder


def test_the_command_trains_and_what_it_writes_is_read(tmp_path: Path) -> None:
    weights = tmp_path / "out" / "reader.safetensors"
    run = run_here(["fit", "reader", "--data", made(tmp_path), "--steps", "3", "--to", weights])
    assert run.returncode == 0, run.stderr
    verify(weights)
    record = json.loads(weights.with_suffix(".json").read_text())
    assert record["steps"] == 3 and any("CC BY-SA 4.0" in one for one in record["data"])


def test_the_command_names_the_file_that_is_missing(tmp_path: Path) -> None:
    run = run_here(["fit", "reader", "--data", tmp_path])
    assert run.returncode == 2 and "There is no xquad.en.json" in run.stderr
