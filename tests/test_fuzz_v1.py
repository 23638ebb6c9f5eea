"""A minute of schemathesis over `/v1`; `python benchmarks/fuzz_v1.py --minutes 10` is the whole of it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_requests_made_from_the_schema_meet_no_error_of_ours():
    command = [sys.executable, str(ROOT / "benchmarks/fuzz_v1.py"), "--minutes", "1", "--seed", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "generated" in done.stdout
