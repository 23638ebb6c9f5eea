"""What an error tells a visitor names no setting, no command and no file of whoever runs the page: `UserError.command`
does."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from agent_corpus import agent_over
from converter_checks import tone
from PIL import Image
from talks import ask, opened, serving
from web import CHROMIUM

from agent.doctor import examine
from common import errors
from generators.audio import whisper_weights
from ui import terminal

ROOT = Path(__file__).parents[1]
PACKAGES = ("agent", "common", "generators", "retrievers", "ui")
OPERATORS = re.compile(
    r"TRIPTYCH_|pip install|\btriptych (?:[a-z]+ [A-Z<{]|ingest|corpus|doctor|user|serve|ask|fit|aim)|docs/|\.toml\b"
)


def kinds(tree: ast.Module) -> set[str]:
    """Names of the errors that are told to people, also of those that a module makes of them."""
    names = {name for name, one in vars(errors).items() if isinstance(one, type)}
    names |= {"NotConfigured", "CannotConvert", "Unreachable"}
    return names | {
        one.name
        for one in ast.walk(tree)
        if isinstance(one, ast.ClassDef) and any(isinstance(base, ast.Name) and base.id in names for base in one.bases)
    }


def words(part: ast.expr, constants: dict[str, str]) -> str:
    """All that is written in an expression, with what the module's own names in it hold."""
    said = []
    for one in ast.walk(part):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            said.append(one.value)
        elif isinstance(one, ast.Name):
            said.append(constants.get(one.id, ""))
    return " ".join(said)


def told(path: Path) -> Iterator[tuple[int, str]]:
    """Of each error that the module raises: its line, and what it tells anybody."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants: dict[str, str] = {}
    for one in ast.walk(tree):
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
            name = one.targets[0].id
            constants[name] = f"{constants.get(name, '')} {words(one.value, {})}"
    errors_here = kinds(tree)
    for one in ast.walk(tree):
        if isinstance(one, ast.Call):
            called = one.func.id if isinstance(one.func, ast.Name) else getattr(one.func, "attr", "")
            if called in errors_here:
                yield one.lineno, " ".join(words(part, constants) for part in one.args[:2])


@pytest.mark.parametrize("package", PACKAGES)
def test_no_error_tells_a_visitor_what_an_operator_does(package: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {said}"
        for path in sorted((ROOT / package).rglob("*.py"))
        for line, said in told(path)
        if OPERATORS.search(said)
    ]
    assert found == []


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}")
def test_a_visitor_is_told_in_a_visitors_words_what_cannot_be_done(tmp_path, visitor, monkeypatch):
    monkeypatch.setattr(whisper_weights, "PACKAGED", ())  # also where the weights of an extra are installed
    (tmp_path / "said.wav").write_bytes(tone(1))
    Image.new("RGB", (60, 60), "teal").save(tmp_path / "documents.png")
    with serving(tmp_path, open=True) as (agent, address):
        agent.ingest([tmp_path / "documents.png"])
        page = opened(visitor, address)
        page.set_input_files("#ask input[type=file]", tmp_path / "said.wav")
        page.locator("#ask [aria-label='Remove file']").wait_for()
        page.press("#ask textarea", "Enter")
        page.locator(
            "#chat .problem", has_text="Nothing here writes down speech. Write the question instead."
        ).wait_for()
        for question in (
            "Paint a picture of a red cliff",
            "How many people are seen in the pictures of the documents?",
        ):
            ask(page, question)
        page.locator("#chat .row").nth(2).wait_for()
        page.get_by_role("tab", name="Steps").click()
        page.locator("ol.trace").wait_for()
        assert "could not be made: Nothing here turns text into" in page.locator("#chat").inner_text()
        said = page.locator("body").inner_text()
    assert not OPERATORS.search(said), said


def test_whoever_runs_it_is_told_what_brings_what_is_missing(tmp_path, capsys):
    with agent_over(tmp_path) as agent:
        answer = agent.ask("Paint a picture of a red cliff")
        assert not OPERATORS.search(" ".join(answer.notices))
        assert "triptych.toml" in answer.advice[0]
        assert answer.to_dict()["advice"] == list(answer.advice)
        terminal.answer(answer, streamed=False)
        assert f"  -> {answer.advice[0]}" in capsys.readouterr().out
        parts = examine(agent.settings)
    assert any("triptych.toml" in part.cure for part in parts if part.name.startswith("converter"))
