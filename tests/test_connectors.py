"""Documents that come by themselves: a watched folder, and pages of the web, never from a private address."""

import http.server
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from agent_corpus import FILES, write
from command import run_here

from agent import Agent
from common.errors import UserError
from ui.connectors import fetching
from ui.connectors.fetching import Fetcher, is_public, public_address
from ui.connectors.folder import changes
from ui.connectors.web import visit

PAGE = b"<html><title>Lighthouse</title><body><h1>Lighthouse</h1><p>The lamp burns for 31 days.</p></body></html>"
MAP = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'
ENTITY = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><urlset><url><loc>http://a/&e;</loc></url></urlset>'


class Site(http.server.BaseHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012 - of all requests

    def do_GET(self) -> None:
        self.asked.append(self.path)
        here = f"http://site.test:{self.server.server_address[1]}"
        locations = (
            "".join(f"<url><loc>{here}/page{n}</loc></url>" for n in (1, 2, 3)) + "<url><loc>http://x/</loc></url>"
        )
        if self.path.startswith("/to/"):
            return self._answer(302, "text/plain", b"", self.path.removeprefix("/to/"))
        kinds = {
            "/map.xml": ("application/xml", MAP.format(locations).encode()),
            "/entity.xml": ("application/xml", ENTITY),
            "/large": ("text/html", b"x" * 1_100_000),
            "/tool": ("application/x-msdownload", b"MZ"),
        }
        if self.path == "/gone":
            return self._answer(404, "text/html", b"")
        return self._answer(200, *kinds.get(self.path, ("text/html; charset=utf-8", PAGE)))

    def _answer(self, status: int, kind: str, data: bytes, location: str = "") -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        if location:
            self.send_header("location", location)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def site(monkeypatch) -> Iterator[str]:
    """A public site, as far as names go: `site.test` is this machine, which alone counts as public here."""
    monkeypatch.setattr(Site, "asked", [])
    monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1" or is_public(address))
    looked_up = socket.getaddrinfo

    def lookup(host: str, *arguments: object, **more: object) -> object:
        return looked_up("127.0.0.1" if host == "site.test" else host, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://site.test:{server.server_address[1]}"
        server.shutdown()


V4 = ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"]
V6 = ["::1", "::", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "ff02::1"]


@pytest.mark.parametrize("address", [*V4, *V6])
def test_private_addresses_are_known_in_every_guise(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_public_ones_too(address):
    assert is_public(address)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f000001", "127.1", "[::1]"])
def test_a_name_of_this_machine_is_refused_however_it_is_written(host):
    with pytest.raises(UserError, match=r"private|no host|no address"):
        Fetcher(["localhost", "127.0.0.1", "2130706433", "0x7f000001", "127.1", "::1"], 1).get(f"http://{host}:1/")


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch):
    both = [(2, 1, 6, "", (address, 80)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(UserError, match="private"):
        public_address("mixed.example", 80)


def test_a_name_that_changes_meanwhile_leads_nowhere(monkeypatch):
    answers = [["93.184.216.34"], ["127.0.0.1"]]
    reached = []

    def lookup(host: str, port: int, **_: object) -> object:
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(2, 1, 6, "", (address, port)) for address in found]

    def connect(address: tuple[str, int], *_: object) -> object:
        reached.append(address)
        raise OSError("nobody there")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(socket, "create_connection", connect)
    fetcher = Fetcher(["rebinding.example"], 1)
    with pytest.raises(UserError, match="nobody there"):
        fetcher.get("http://rebinding.example/")
    with pytest.raises(UserError, match="private"):
        fetcher.get("http://rebinding.example/")
    assert reached == [("93.184.216.34", 80)], "connected to what was looked at, and looked up anew the next time"


def test_a_redirect_is_held_against_the_same_rules(site, tmp_path):
    fetcher = Fetcher(["site.test", "localhost"], 1)
    assert fetcher.get(f"{site}/to//page1").data == PAGE
    for elsewhere in (
        "http://other.test/",
        "http://localhost:1/",
        "file:///etc/passwd",
        "ftp://site.test/x",
        "//[::1/",
    ):
        with pytest.raises(UserError):
            fetcher.get(f"{site}/to/{elsewhere}")
    with pytest.raises(UserError, match="on and on"):
        fetcher.get(f"{site}" + "/to/" * 7)
    with pytest.raises(UserError, match="TRIPTYCH_WEB_HOSTS"):
        Fetcher([], 1).get(f"{site}/page1")
    for refused, why in (("/large", "larger than 1 MB"), ("/gone", "404")):
        with pytest.raises(UserError, match=why):
            fetcher.get(f"{site}{refused}")
    with pytest.raises(UserError, match="cannot be read"):
        visit(f"{site}/tool", fetcher, tmp_path, 9, print)
    assert not list(tmp_path.iterdir())


def test_a_site_map_names_pages_and_nothing_of_this_machine(site, tmp_path):
    fetcher = Fetcher(["site.test"], 1)
    found = visit(f"{site}/map.xml", fetcher, tmp_path, 2, print)
    assert [path.name for path in found.files] == ["site.test-page1.html", "site.test-page2.html"]
    assert "further pages" in found.problems[0]
    every = visit(f"{site}/map.xml", fetcher, tmp_path, 9, print)
    assert len(every.files) == 3
    assert ["x" in problem and "allow" in problem.lower() for problem in every.problems] == [True]
    assert visit(f"{site}/entity.xml", fetcher, tmp_path, 9, print).files == []


def test_pages_are_ingested_and_asked_about(site, tmp_path, monkeypatch):
    data = ["--corpus", "web", "--data-dir", tmp_path]
    refused = run_here(["ingest", f"{site}/page1", *data])
    assert (refused.returncode, "TRIPTYCH_WEB_HOSTS" in refused.stderr) == (2, True)
    assert not Site.asked
    monkeypatch.setenv("TRIPTYCH_WEB_HOSTS", "site.test")
    assert run_here(["ingest", f"{site}/map.xml", "--most", "1", *data]).returncode == 1, "some were left out"
    assert run_here(["ingest", f"{site}/page1", *data]).returncode == 0
    with Agent(data_dir=tmp_path, corpus="web") as agent:
        assert [record.name for record in agent.library.open("web").documents()] == ["site.test-page1.html"]
        assert "31" in agent.ask("For how many days does the lamp burn?").text


def test_a_corpus_follows_a_folder(tmp_path):
    """Looked at as `triptych watch` does, one change after another."""
    folder = write(tmp_path / "watched", FILES)
    steps = [
        lambda: None,  # the first look
        lambda: write(folder / "inner", {"venus.md": "# Venus\n\nThe probe Veranda landed on Venus in 1999.\n"}),
        (folder / "pump.txt").unlink,
        lambda: shutil.move(folder, tmp_path / "away"),
        lambda: shutil.move(tmp_path / "away", folder),
        lambda: (folder / "moons.md").write_text("# Moons\n\nNobody has counted them.\n"),
    ]
    looks = 0

    def sleep(_: float) -> None:
        nonlocal looks
        looks += 1
        if looks % 3 == 0:
            if not steps:
                raise KeyboardInterrupt
            steps.pop(0)()

    held = []
    with Agent(data_dir=tmp_path / "data", corpus="watched") as agent, pytest.raises(KeyboardInterrupt):
        corpus = agent.library.open("watched", create=True)
        for _ in changes(folder, 0, sleep):
            corpus.ingest([folder], prune=True)
            held.append({record.name: record.sha256 for record in corpus.documents()})
    whole = set(FILES)
    assert [set(one) for one in held] == [
        whole,
        whole | {"inner/venus.md"},
        *[(whole | {"inner/venus.md"}) - {"pump.txt"}] * 2,
    ]
    assert held[-1]["moons.md"] != held[-2]["moons.md"]


def test_a_file_that_is_still_being_written_is_waited_for(tmp_path):
    path, taken = tmp_path / "slow.txt", []
    pieces = iter(["a", "ab", "abc"])

    def sleep(_: float) -> None:
        if (piece := next(pieces, None)) is not None:
            path.write_text(piece)
        elif taken and taken[-1] == "abc":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        taken.extend(path.read_text() if path.exists() else "" for _ in changes(tmp_path, 0, sleep))
    assert taken in (["", "abc"], ["abc"])


def test_the_command_wants_a_folder(tmp_path):
    done = run_here(["watch", Path(tmp_path / "nothing"), "--data-dir", tmp_path])
    assert (done.returncode, "There is no folder" in done.stderr) == (2, True)


def test_the_command_follows_until_it_is_interrupted(tmp_path):
    folder = write(tmp_path / "watched", {"pump.txt": FILES["pump.txt"]})
    where = ["--corpus", "followed", "--every", "1", "--data-dir", str(tmp_path / "data")]
    command = [sys.executable, "-u", "-m", "ui.cli", "watch", str(folder), *where]
    with (
        interruptible(),
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running,
    ):
        try:
            assert "read: pump.txt\n" in said(running)
            write(folder, {"moons.md": FILES["moons.md"]})
            assert "read: moons.md\n" in said(running)
            (folder / "pump.txt").unlink()
            assert "removed: pump.txt\n" in said(running)
            running.send_signal(signal.SIGINT)
            assert running.wait(60) == 130
        finally:
            running.kill()


@contextmanager
def interruptible() -> Iterator[None]:
    """A shell that runs the tests in the background has its programs ignore Ctrl-C, and theirs."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def said(running: "subprocess.Popen[str]") -> list[str]:
    """The lines until it has followed a change."""
    lines: list[str] = []
    while not (lines and lines[-1].startswith("Corpus")):
        line = running.stdout.readline()
        assert line, lines
        lines.append(line)
    return lines
