"""The `triptych` command over a tiny corpus; what it does first, in processes of its own."""

import json
import subprocess
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from command import run_alone, run_here

Run = Callable[[Sequence[object]], subprocess.CompletedProcess[str]]
TEXTS = {
    "mercury.md": "# Mercury\n\nMercury is the smallest planet. One year there lasts 88 days.\n",
    "jupiter.md": "# Jupiter\n\nJupiter is the largest planet. Its Great Red Spot is a storm.\n",
}


def triptych(*arguments: object, data: Path, run: Run = run_here) -> subprocess.CompletedProcess[str]:
    return run([*arguments, "--data-dir", data])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planets")
    for name, text in TEXTS.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory, folder):
    data = tmp_path_factory.mktemp("data")
    run = triptych("ingest", folder, "--corpus", "planets", data=data, run=run_alone)
    assert run.returncode == 0, run.stderr
    return data


def test_ingest_reports_every_page_and_fails_one_file_alone(tmp_path, folder):
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 and then nothing")
    report = tmp_path / "report.json"
    run = triptych("ingest", folder, broken, "--corpus", "c", "--report", report, data=tmp_path / "d")
    assert run.returncode == 1, run.stderr
    assert "mercury.md" in run.stdout
    assert "failed: broken.pdf" in run.stderr
    assert "Traceback" not in run.stderr
    documents = {one["name"]: one for one in json.loads(report.read_text())["documents"]}
    assert documents["mercury.md"]["pages"][0]["page"] == 1
    assert documents["broken.pdf"]["status"] == "failed"
    assert documents["broken.pdf"]["error"]


def test_ingest_again_reads_nothing(data, folder):
    run = triptych("ingest", folder, "--corpus", "planets", data=data)
    assert run.returncode == 0, run.stderr
    assert "2 unchanged" in run.stdout


def test_search_says_where_and_why(data):
    run = triptych("search", "How long is a year on Mercury?", "--corpus", "planets", "--json", data=data)
    best = json.loads(run.stdout)["hits"][0]
    assert (best["document"], best["page"]) == ("mercury.md", 1)
    assert len(best["box"]) == 4
    assert "mercury" in best["why"].lower()


def test_search_in_one_document_only(data):
    where = ("--corpus", "planets", "--document", "jupiter.md")
    run = triptych("search", "smallest planet", *where, "--json", data=data)
    assert {hit["document"] for hit in json.loads(run.stdout)["hits"]} == {"jupiter.md"}


def test_search_answers_a_file_and_names_the_bad_lines(data, tmp_path):
    queries = tmp_path / "questions.jsonl"
    lines = [
        {"id": 1, "question": "largest planet"},
        {"id": 2},
        {"id": "c", "question": "storm", "document": "mercury.md"},
        {"id": 4, "question": "storm", "document": "venus.md"},
    ]
    queries.write_text("\n".join([*map(json.dumps, lines), "not json"]))
    run = triptych("search", "--queries", queries, "--corpus", "planets", data=data)
    assert run.returncode == 1
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == [1, "c"]
    assert answers[0]["hits"][0]["document"] == "jupiter.md"
    assert [f"line {n}:" in run.stderr for n in range(1, 6)] == [False, True, False, True, True]


def test_ask_quotes_and_cites(data):
    question = "How many days does a year on Mercury last?"
    run = triptych("ask", question, "--corpus", "planets", data=data, run=run_alone)
    assert run.returncode == 0, run.stderr
    assert "88" in run.stdout
    assert "[1] mercury.md, page 1" in run.stdout


def test_ask_as_json(data):
    run = triptych("ask", "Which planet is the largest?", "--corpus", "planets", "--json", data=data)
    answer = json.loads(run.stdout)
    assert answer["found"] is True
    assert answer["citations"][0]["document"] == "jupiter.md"


def test_corpus_life(data, folder, tmp_path):
    own = tmp_path / "own"
    assert "No corpus yet" in triptych("corpus", "list", data=own).stdout
    triptych("ingest", folder / "mercury.md", "--corpus", "one", data=own)
    assert triptych("corpus", "list", data=own).stdout.split() == ["one"]
    assert "mercury.md" in triptych("corpus", "show", "one", data=own).stdout
    refused = triptych("corpus", "delete", "one", data=own)
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    assert triptych("corpus", "delete", "one", "--yes", data=own).returncode == 0
    assert "No corpus yet" in triptych("corpus", "list", data=own).stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("search", "x", "--corpus", "nowhere"), "nowhere"),
        (("ask", "x", "--corpus", "nowhere"), "nowhere"),
        (("corpus", "show", "nowhere"), "nowhere"),
        (("corpus", "delete", "nowhere", "--yes"), "nowhere"),
        (("ingest", "/no/such/file", "--corpus", "planets"), "/no/such/file"),
        (("ask", "x", "--image", "/no/such.png", "--corpus", "planets"), "/no/such.png"),
        (("search", "--corpus", "planets"), "--queries"),
        (("search", "x", "--document", "venus.md", "--corpus", "planets"), "jupiter.md"),
        (("serve", "--port", "99999999"), "port"),
    ],
)
def test_what_cannot_be_done_says_why(data, arguments, words):
    run = triptych(*arguments, data=data)
    assert run.returncode == 2, run.stdout + run.stderr
    assert words in run.stderr


def test_what_cannot_be_done_says_why_alone_too(data):
    run = triptych("corpus", "show", "nowhere", data=data, run=run_alone)
    assert run.returncode == 2
    assert "nowhere" in run.stderr and "Traceback" not in run.stderr


def test_a_variable_that_is_no_setting_is_named(data, monkeypatch):
    monkeypatch.setenv("TRIPTYCH_MODLE", "ollama:qwen2.5:7b")
    run = triptych("corpus", "list", data=data, run=run_alone)
    assert run.returncode == 0
    assert run.stderr == "TRIPTYCH_MODLE is not a setting, and is ignored. Did you mean TRIPTYCH_MODEL?\n"


def test_doctor_checks_the_weights_and_names_the_cures(data, monkeypatch):
    run = triptych("doctor", "--json", data=data)
    assert run.returncode == 0, run.stderr
    parts = {part["name"]: part for part in json.loads(run.stdout)}
    assert "SHA-256" in parts["text embedder"]["detail"]
    assert all(part["present"] or part["cure"] for part in parts.values())


def test_doctor_names_a_dead_endpoint(data, monkeypatch):
    monkeypatch.setenv("TRIPTYCH_MODEL", "openai:some-model@http://127.0.0.1:9/v1")
    run = triptych("doctor", data=data)
    assert run.returncode == 1
    assert "MISSING  model endpoint" in run.stdout
    assert "TRIPTYCH_MODEL" in run.stdout


def test_removing_a_document_says_what_stays_of_it(tmp_path: Path) -> None:
    """A file of one's own stays, a ZIP keeps what it holds, the page's copy of an upload goes."""
    data = tmp_path / "data"
    upload = data / "uploads" / "c" / "tides.md"
    upload.parent.mkdir(parents=True)
    (tmp_path / "mast.md").write_text("The mast is painted by Cyd.")
    upload.write_text("The ebb is at 6:40.")
    with zipfile.ZipFile(tmp_path / "box.zip", "w") as box:
        box.writestr("pump.md", "The pump is oiled by Bea.")
    paths = (tmp_path / "mast.md", upload, tmp_path / "box.zip")
    assert triptych("ingest", *paths, "--corpus", "c", data=data).returncode == 0
    run = triptych("corpus", "remove", "c", "mast.md", "tides.md", "box.zip/pump.md", data=data)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == [
        f"Removed mast.md; its file stays: {tmp_path / 'mast.md'}.",
        "Removed tides.md; so is the copy that the page kept of it.",
        f"Removed box.zip/pump.md; {tmp_path / 'box.zip'} still holds it, and brings it back when it is read again.",
    ]
    assert (tmp_path / "mast.md").exists()
    assert not upload.exists()
