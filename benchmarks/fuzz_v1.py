"""Schemathesis over the OpenAPI of `/v1` of the real page, on loopback: what answers with a 500 or hangs is a finding.
`python benchmarks/fuzz_v1.py --minutes 10`. Everything is in a temporary folder of its own."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from fuzz_api import SLOW, page


def run(address: str, folder: str, minutes: float, seed: int) -> int:
    """Its exit status: 0 where nothing was found."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("run", f"{address}/v1/openapi.json", "--checks", "not_a_server_error"),
        *("--max-time", str(round(60 * minutes)), "--seed", str(seed), "--request-timeout", str(SLOW)),
        *("--continue-on-failure", "--no-color", "--generation-database", "none", "--suppress-health-check", "all"),
    ]
    there = Path(__file__).parent
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "fuzz_v1_hooks", "PYTHONPATH": str(there)}
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=1)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as root, page(Path(root)) as address:
        return run(address, root, given.minutes, given.seed)


if __name__ == "__main__":
    sys.exit(main())
