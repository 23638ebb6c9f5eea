"""What the commands print: no word of a stranger commands the terminal, breaks JSON or ends in a traceback."""

import io
import json
from types import SimpleNamespace

import pytest
from hostile import HOSTILE

from common.untrusted import UNSEEN
from ui import terminal
from ui.cli import main

TITLE = "\x1b]0;owned\x07"  # sets a window's title
FORGED = "\nSources\n[1] trusted.pdf, page 1"
NAMES = [f"a{TITLE}.md", "turned\u202efdp.md", f"b{FORGED}.md".replace("/", ""), "csi\x9b31m.md"]


@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: ascii(words[:40]) + f"{len(words)}")
def test_nothing_printed_is_obeyed_and_json_holds_all_of_it(words, capsys):
    terminal.say(words)
    terminal.say(words, error=True)
    terminal.table(["document", "state"], [[words, words]])
    terminal.say_json({"name": words})
    out, err = capsys.readouterr()
    assert not UNSEEN.search(out + err)
    assert json.loads(out.splitlines()[-1]) == {"name": words}
    assert terminal.name(words).isprintable()
    (out + err).encode()


def test_a_progress_bar_names_a_document_without_obeying_it(monkeypatch):
    screen = io.StringIO()
    screen.isatty = lambda: True
    monkeypatch.setattr("sys.stderr", screen)
    with terminal.progress() as show:
        show(
            SimpleNamespace(
                document=NAMES[0],
                pages_done=1,
                pages_total=2,
                pages_per_second=1.0,
                seconds_left=1,
                stage="words",
                pages=2,
            )
        )
    assert r"a\x1b]0;owned\x07.md" in screen.getvalue()
    assert TITLE not in screen.getvalue()


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A corpus of documents with hostile names, titles and texts, one of which cannot be read."""
    data = tmp_path_factory.mktemp("data")
    folder = data / "hostile"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_text(f"# Moon {TITLE}\n\nThe moon {TITLE} of {name} is grey.\n", encoding="utf-8")
    (folder / f"broken{TITLE}.pdf").write_bytes(b"%PDF-1.7 and nothing")
    (folder / f"odd{TITLE}.xyz").write_bytes(b"?")
    code = main(
        ["ingest", str(folder), "--corpus", "c", "--report", str(data / "report.json"), "--data-dir", str(data)]
    )
    assert code == 1
    return data


@pytest.mark.parametrize(
    "words",
    [
        ["search", "grey moon", "--corpus", "c"],
        ["search", "grey moon", "--corpus", "c", "--json"],
        ["ask", "What colour is the moon?", "--corpus", "c"],
        ["ask", "What colour is the moon?", "--corpus", "c", "--json"],
        ["corpus", "show", "c"],
        ["search", "moon", "--corpus", "c", "--document", f"no{TITLE}.md"],
        ["search", "moon", "--corpus", f"no{TITLE}"],
        ["ask", "moon", "--image", f"/no{TITLE}.png"],
        ["ingest", f"/no{TITLE}", "--corpus", "d"],
        ["ingest", "{data}/hostile", "--corpus", "e"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_commands_print_hostile_documents(words, data, capfd):
    words = [word.format(data=data) if "{" in word else word for word in words]
    main([*words, "--data-dir", str(data)])
    out, err = capfd.readouterr()
    assert out or err
    assert not UNSEEN.search(out + err)
    assert "\n[1] trusted.pdf" not in out
    assert "Traceback" not in err


def test_the_report_can_be_read_and_shown(data):
    text = (data / "report.json").read_text(encoding="utf-8")
    assert not UNSEEN.search(text)
    assert {one["name"] for one in json.loads(text)["documents"]} > set(NAMES)


HALF = "moon \udcff"  # as a shell hands over a byte that is not UTF-8


@pytest.mark.parametrize(
    "words", [["search", HALF, "--corpus", "c"], ["ask", HALF, "--corpus", "c"], ["plan", f"draw a {HALF}"]]
)
def test_half_a_letter_in_a_question_is_told(words, data, capfd):
    assert main([*words, "--data-dir", str(data)]) == 2
    assert r"holds half a letter" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("command", "key"), [(["search", "--queries"], "question"), (["plan", "--requests"], "request")]
)
def test_half_a_letter_in_a_line_fails_it_alone(command, key, data, tmp_path, capfd):
    lines = tmp_path / "lines.jsonl"
    lines.write_text(
        "".join(json.dumps({"id": one, key: one}) + "\n" for one in ("grey moon", "half \ud800", " ", "the\u2028moon"))
    )
    where = ["--corpus", "c"] if key == "question" else []
    assert main([*command, str(lines), *where, "--data-dir", str(data)]) == 1
    out, err = capfd.readouterr()
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["grey moon", "the\u2028moon"]
    assert "line 2: The" in err and "half a letter" in err and "line 3: " in err


@pytest.mark.parametrize(
    "words",
    [
        ["search", "moon", "--top", "-1"],
        ["search", "moon", "--top", "0"],
        ["search", "moon", "--top", "some"],
        ["aim", "train", "--model", "m", "--data", "d", "--steps", "0"],
        ["aim", "train", "--model", "m", "--data", "d", "--rate", "nan"],
        ["aim", "train", "--model", "m", "--data", "d", "--layers", "1", "-2"],
        ["eval", "aim", "--episodes", "-3"],
    ],
    ids=" ".join,
)
def test_senseless_numbers_are_refused_by_name(words, capfd):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    option = next(word for word in reversed(words) if word.startswith("--"))
    assert f"argument {option}: a" in capfd.readouterr().err
