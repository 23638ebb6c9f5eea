"""What the machine or a server refuses is told in words, with the cure, and never as a traceback."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from common.errors import UserError
from retrievers.stores.base import VectorSpec
from retrievers.stores.server import ServerStore
from ui.cli import main


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "words.txt"
    path.write_text("The tide comes twice a day.")
    return path


def test_a_report_into_a_missing_folder_is_refused_before_anything_is_read(
    words: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "nowhere" / "report.json"
    code = main(["ingest", str(words), "--corpus", "c", "--report", str(report), "--data-dir", str(tmp_path / "data")])
    assert code == 2
    assert f"There is no folder {report.parent} for the report." in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("arguments", [["ingest", ""], ["ingest", " "], ["serve", "--corpus-from", ""]])
def test_an_empty_path_is_not_the_current_folder(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "a path is empty" in capsys.readouterr().err


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A file system that nothing can be written to; for root, no permission does that."""
    folder.mkdir()
    if os.geteuid():
        folder.chmod(0o500)
        yield
        return
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "none", folder], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_data_folder_that_cannot_be_written(words: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with read_only(tmp_path / "shut"):
        assert main(["ingest", str(words), "--corpus", "c", "--data-dir", str(tmp_path / "shut" / "data")]) == 2
    error = capsys.readouterr().err
    assert "cannot be used: Read-only" in error or "cannot be used: Permission denied" in error
    assert "TRIPTYCH_DATA_DIR" in error


def test_a_data_folder_that_is_a_file(words: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ingest", str(words), "--corpus", "c", "--data-dir", str(words / "data")]) == 2
    assert "TRIPTYCH_DATA_DIR" in capsys.readouterr().err


ODD = {
    "a page of HTML": b"<html>It works!</html>",
    "an empty answer": b"",
    "another shape": b'{"result": [1, 2], "status": "ok"}',
    "nothing": b"null",
    "no result": b'{"status": "ok", "time": 0}',
    "other settings": json.dumps(
        {"result": {"exists": True, "status": "green", "config": {"params": {"vectors": 7}}}, "status": "ok", "time": 0}
    ).encode(),
    "cut short": b'{"result": {"exists": tr',
}


@pytest.mark.parametrize("reply", ODD)
def test_what_is_no_qdrant_server_is_told(reply: str) -> None:
    class Odd(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(ODD[reply])

        def do_PUT(self) -> None:
            self.do_GET()

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        with pytest.raises(UserError, match=url) as raised:
            ServerStore("c", {"text": VectorSpec("dense", 4)}, url)
        assert raised.value.command
    finally:
        server.shutdown()
        server.server_close()
