"""A little of the fuzz of the page's routes; `python benchmarks/fuzz_api.py` is the whole of it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_random_requests_meet_no_error_of_ours():
    command = [sys.executable, str(ROOT / "benchmarks/fuzz_api.py"), "--requests", "150", "--seed", "12"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "0 findings" in done.stdout
