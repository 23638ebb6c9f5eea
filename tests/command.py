"""The `triptych` command as tests run it: in this process, which has loaded its models, or in one of its own."""

import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

from ui.cli import main


def run_here(arguments: Sequence[object]) -> subprocess.CompletedProcess[str]:
    """What a process of its own would have printed and ended with; an error nobody expects is raised."""
    words = list(map(str, arguments))
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        try:
            code = main(words)
        except SystemExit as end:  # of argparse
            code = end.code if isinstance(end.code, int) else 1
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def run_alone(arguments: Sequence[object], stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ui.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, input=stdin, timeout=240, check=False)
