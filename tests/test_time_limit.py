"""A program that takes too long is ended; one that others keep from running is not."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from retrievers.ingestion.time_limit import TimeLimit

BUSY = "import time\nwhile time.process_time() < {}: pass"


def program(code: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-S", "-c", code])


@pytest.mark.parametrize("code", ["import time; time.sleep(60)", BUSY.format(60)])
def test_what_waits_or_computes_for_too_long_is_ended(code: str) -> None:
    with program(code) as process:
        limit = TimeLimit(process, 0.5)
        assert process.wait(30) < 0
    assert limit.late


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="the time that others took is known on Linux")
def test_the_time_that_others_took_does_not_count() -> None:
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, [min(cores)])
    try:
        others = [program(BUSY.format(60)) for _ in range(4)]
        begun = time.monotonic()
        with program(BUSY.format(1)) as process:
            limit = TimeLimit(process, 2)
            assert process.wait(60) == 0
    finally:
        os.sched_setaffinity(0, cores)
        for other in others:
            other.kill()
            other.wait()
    limit.lift()
    assert not limit.late
    assert time.monotonic() - begun > limit.seconds  # it was kept waiting for longer than it may take
