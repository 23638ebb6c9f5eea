"""Two processes of the page over one data folder of plain files, one Qdrant server and one database."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from agent_corpus import FILES, write
from balanced import balanced
from qdrant_double import qdrant_double
from talks import PUMP, answers, ask, opened, questions, ready
from web import CHROMIUM, until

from agent import Agent
from common.errors import CorpusLocked
from retrievers.ingestion.progress import Progress
from ui.users.accounts import Accounts

PASSWORD = "correct horse battery"


@contextmanager
def serving(data: Path, **environment: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A process of its own, and its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "ui.cli", "serve", "--no-browser", "--corpus", "test", "--port", str(port)]
    paths = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TRIPTYCH_DATA_DIR": str(data)}
    with subprocess.Popen(command, env=os.environ | paths | environment, text=True) as server:
        try:
            until(lambda: _answers(port) or server.poll() is not None)
            yield server, port
        finally:
            server.send_signal(signal.SIGKILL)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").is_success
    except httpx.TransportError:
        return False


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}")
def test_a_conversation_begun_in_one_goes_on_in_the_other(chromium, database, tmp_path):
    data = tmp_path / "data"
    with ExitStack() as stack:
        url = stack.enter_context(qdrant_double()).url
        kept = {"data_dir": data, "store": "server", "qdrant_url": url, "database_url": database}
        with Agent.from_corpus(write(tmp_path / "documents", FILES), corpus="test", **kept) as agent:
            accounts = Accounts.of(agent.settings)
        accounts.add("ada", PASSWORD, "admin")
        accounts.close()
        environment = {"TRIPTYCH_STORE": "server", "TRIPTYCH_QDRANT_URL": url, "TRIPTYCH_USERS": "true"}
        environment["TRIPTYCH_DATABASE_URL"] = database
        (first, one), (_, other) = (stack.enter_context(serving(data, **environment)) for _ in range(2))
        between = stack.enter_context(balanced([one, other], sticky=True))
        context = stack.enter_context(chromium.new_context())
        context.set_default_timeout(120_000)
        page = context.new_page()
        page.goto(between.url)
        page.fill("[name=username]", "ada")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        ready(page)
        ask(page, PUMP)
        answers(page, 1)
        beside = opened(context, page.url.replace(between.url, f"http://127.0.0.1:{other}"))
        assert questions(beside) == [PUMP], "signed in and read in the other, while the first one runs"
        answers(beside, 1)
        assert set(between.to) == {0}
        first.kill()
        first.wait()
        page.goto(page.url)
        ready(page)
        answers(page, 1)
        ask(page, "How many moons does Mars have?")
        answers(page, 2)
        assert between.to[-1] == 1
    assert not list(data.rglob("*.sqlite*")), "what they share besides the database are plain files"


@pytest.mark.parametrize("kept", ["file", "postgres"])
def test_one_process_at_a_time_reads_into_a_corpus(kept: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Also where both may have its store open."""
    documents = write(tmp_path / "documents", FILES)
    with qdrant_double() as double:
        settings = {"corpus": "test", "data_dir": tmp_path / "data", "store": "server", "qdrant_url": double.url}
        settings["database_url"] = request.getfixturevalue("database") if kept == "postgres" else ""
        with Agent(**settings) as one, Agent(**settings) as other:
            refused: list[CorpusLocked] = []

            def tell(now: Progress) -> None:
                with pytest.raises(
                    CorpusLocked, match=rf"'test' are being read .* \(pid {os.getpid()}\).*Wait"
                ) as told:
                    other.ingest([documents])
                refused.append(told.value)

            report = one.ingest([documents], progress=tell)
            assert refused
            assert not report.failed
            assert other.ingest([documents]).unchanged == len(FILES)
