"""DOC and PPT of before 2007, made into DOCX and PPTX by LibreOffice where it is installed."""

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from common.errors import BadDocument
from retrievers.parsers.base import Document

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAMS = ("soffice", "libreoffice")
SECONDS = 120  # for one document
NEW = {".doc": "docx", ".ppt": "pptx"}


def open_legacy(path: Path) -> Document:
    """Raises `BadDocument` where LibreOffice is not installed, fails or takes longer than `SECONDS`."""
    from retrievers.parsers.slides.document import SlideDocument
    from retrievers.parsers.word.document import open_word

    readers: dict[str, Callable[[Path], Document]] = {"docx": open_word, "pptx": SlideDocument}
    ending = NEW[path.suffix.lower()]
    with TemporaryDirectory(prefix="triptych-", ignore_cleanup_errors=True) as folder:
        return readers[ending](_converted(path, ending, Path(folder)))  # which read all there is


def _converted(path: Path, ending: str, folder: Path) -> Path:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise BadDocument(
            f"{path.name} is in an office format of before 2007, which needs LibreOffice to be read.",
            f"Install LibreOffice, or save the file as {ending.upper()}.",
        )
    profile = (folder / "profile").as_uri()  # its own: another LibreOffice may be running
    command = [program, f"-env:UserInstallation={profile}", "--headless", "--norestore", "--nolockcheck"]
    command += ["--convert-to", ending, "--outdir", str(folder / "out"), str(path.absolute())]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            _, said = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired as error:
            raise BadDocument(f"LibreOffice took over {SECONDS} s for {path.name}.", "Save it as PDF.") from error
        finally:
            with suppress(ProcessLookupError):  # also what it started, which may outlive it
                os.killpg(process.pid, signal.SIGKILL)
    made = folder / "out" / f"{path.stem}.{ending}"
    if not made.is_file():
        reason = " ".join(said.decode(errors="replace").split())[:200] or "it gave no reason"
        raise BadDocument(f"LibreOffice could not read {path.name} ({reason}).", "Save it again, or as PDF.")
    return made
