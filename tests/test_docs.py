"""What the README and CONTRIBUTING say is true: their snippets run, and the files and settings they name exist."""

import asyncio
import json
import os
import re
import shlex
import sys
import tomllib
from pathlib import Path

import pytest
from command import run_here
from mcp import Client, StdioServerParameters
from pydantic import SecretStr
from shared import sample_data
from web import served

from agent import Agent
from agent.settings import Settings
from ui.api.places import Places
from ui.app import application
from ui.mcp.links import FileLinks
from ui.mcp.server import build

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
COMMANDS = (ROOT / "docs/commands.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
FRAMEWORKS = (ROOT / "docs/frameworks.md").read_text()
WAYS = {"anthropic", "gguf", "local", "whisper", "whisper-base"}  # extras that bring a model
SETTINGS = (ROOT / "docs/settings.md").read_text()


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def commands(text: str, program: str) -> list[list[str]]:
    lines = [line for block in blocks(text, "sh") for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith(f"{program} ")]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """With the sample corpus; what is read into it besides by the commands is there for the Python."""
    return sample_data(tmp_path_factory)


@pytest.mark.timeout(600)
def test_the_commands_run(data, monkeypatch):
    """In this process, as `tests/test_cli.py` runs some in their own."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("TRIPTYCH_DATA_DIR", str(data))
    shown = commands(COMMANDS, "triptych")
    readme = [command for command in commands(README, "triptych") if command[1] != "serve"]
    assert {command[1] for command in readme} >= {"ingest", "ask", "search"}
    assert all(command in shown for command in readme), "docs/commands.md has them all"
    for command in shown:
        done = run_here(command[1:])
        assert (done.returncode, bool(done.stdout)) == (0, True), done.stderr


@pytest.mark.timeout(600)
def test_the_python_block_prints_what_is_printed_below_it(data, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("TRIPTYCH_DATA_DIR", str(data))
    [code, _], [printed] = blocks(README, "python"), blocks(README, "text")
    exec(compile(code, "README.md", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out == printed


@pytest.mark.timeout(600)
def test_openais_client_is_answered_as_is_shown(data, capsys):
    api = (ROOT / "docs/api.md").read_text()
    with (
        Agent.from_corpus(ROOT / "examples/corpus", corpus="sample", data_dir=data) as agent,
        served(application(agent)) as address,
    ):
        for text in (blocks(README, "python")[1], "\n".join(blocks(api, "python"))):
            exec(compile(text.replace("http://127.0.0.1:7860", address), "docs/api.md", "exec"), {})
    first, _, rest = capsys.readouterr().out.partition("\n")
    assert (first, rest) == ("planets-report.pdf, page 6", "".join(blocks(api, "text")))


@pytest.mark.timeout(600)
def test_clients_of_mcp_find_what_is_shown(data, capsys):
    text = (ROOT / "docs/mcp.md").read_text()
    [code], [printed], [stdio, http] = (blocks(text, language) for language in ("python", "text", "json"))
    assert stdio in blocks(README, "json")
    with (
        Agent.from_corpus(ROOT / "examples/corpus", corpus="sample", data_dir=data) as agent,
        served(application(agent)) as address,
    ):
        assert json.loads(http)["mcpServers"]["triptych"]["url"] in code
        exec(compile(code.replace("http://127.0.0.1:7860", address), "docs/mcp.md", "exec"), {})
        assert capsys.readouterr().out == printed
    started = json.loads(stdio)["mcpServers"]["triptych"]
    assert started["command"] == "triptych"
    environment = os.environ | {"TRIPTYCH_DATA_DIR": str(data), "PYTHONPATH": str(ROOT)}
    server = StdioServerParameters(command=sys.executable, args=["-m", "ui.cli", *started["args"]], env=environment)

    async def listed() -> str:
        async with Client(server) as client:
            return (await client.call_tool("list_documents")).content[0].text

    assert "planets.csv" in asyncio.run(listed())
    declared = re.findall(r"^\| `(\w+)\((.*?)\)`", text, flags=re.MULTILINE)
    tools = {name: arguments.split(", ") for name, arguments in declared}
    server = build(agent, lambda call: FileLinks(agent), Places(1, 1))
    server.add_tool(server.tools.ingest)
    schemas = {tool.name: tool.input_schema for tool in asyncio.run(server.list_tools())}
    assert {name: list(schema["properties"]) for name, schema in schemas.items()} == tools


@pytest.mark.timeout(600)
def test_the_examples_of_python_print_what_is_printed_below_them(data, monkeypatch, capsys):
    """One after the other, as they are read: each goes on from those before."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("TRIPTYCH_DATA_DIR", str(data))
    text = (ROOT / "docs/python.md").read_text()
    code, printed = blocks(text, "python"), blocks(text, "text")
    assert len(code) >= len(printed) > 3
    exec(compile("\n".join(code), "docs/python.md", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out == "".join(printed)


@pytest.mark.timeout(600)
def test_a_corpus_is_a_retriever_of_other_frameworks(data, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(ROOT)
    assert run_here(["ingest", "examples/corpus", "--corpus", "sample", "--data-dir", str(data)]).returncode == 0
    (tmp_path / ".triptych").symlink_to(data)
    monkeypatch.setenv("HOME", str(tmp_path))
    capsys.readouterr()
    printed = []
    for code in blocks(FRAMEWORKS, "python"):
        exec(code, {})
        printed.append(capsys.readouterr().out.splitlines())
    llama, langchain = printed
    assert llama[-1] == "3", "an answer of its query engine rests on what was found"
    assert llama[:-1] == langchain
    assert all((ROOT / "examples/corpus" / line.split()[0]).is_file() for line in langchain)


def test_every_setting_is_in_the_table_with_its_default():
    rows = dict(re.findall(r"^\| `TRIPTYCH_([A-Z_]+)` \| `?([^`|]*?)`? *\|", SETTINGS, flags=re.MULTILINE))
    shown = {
        name: default(field.get_default(call_default_factory=True)) for name, field in Settings.model_fields.items()
    }
    assert {name.lower(): value.strip() for name, value in rows.items()} == shown


def default(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).replace(str(Path.home()), "~")


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_make_targets_and_files_exist(text):
    makefiles = "".join(path.read_text() for path in (ROOT / "Makefile", *(ROOT / "make").glob("*.mk")))
    for target in re.findall(r"\bmake ([a-z-]+)`", text):
        assert re.search(rf"^{target}:", makefiles, flags=re.MULTILINE), target
    links = re.findall(r"\]\((?!http)([^)]+)\)", text)
    paths = re.findall(r"`([a-z_]+/[\w/.]+\.py)`", text)
    for path in links + paths:
        assert (ROOT / path).exists(), path


def test_the_ways_to_bring_a_model_are_ways():
    """What docs/models.md says to set and to install exists, and the table of the small profile is the one in force."""
    from agent.models import MODELS, profiles
    from agent.models.served import places

    text = (ROOT / "docs/models.md").read_text()
    specs = re.findall(r"TRIPTYCH_MODEL=([a-z]+:[^\s`<]+)", text)
    assert {spec.partition(":")[0] for spec in specs} == {
        "ollama",
        "llamacpp",
        "openai",
        "gguf",
        "anthropic",
        "mistralai",
    }
    for spec in specs:
        assert spec.partition(":")[0] in MODELS.names()
        assert not places.is_served(spec) or places.name_and_url(spec)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(re.findall(r'-e "\.\[([a-z-]+)\]"', text)) == WAYS <= extras.keys()
    rows = re.findall(r"^\| `TRIPTYCH_([A-Z_]+)` \| `(\w+)` \| `(\w+)`", text, flags=re.MULTILINE)
    small = {name.lower(): value for name, _, value in rows}
    assert small == {
        name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in profiles.SMALL.items()
    }
    for name in re.findall(r"TRIPTYCH_([A-Z_]+)", text):
        assert name.lower() in Settings.model_fields or name == "TEST_GGUF"
