"""Whatever is killed while a real Ray reads, the store ends as that of an undisturbed run, element by element."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
import ray
from cluster import Killing, actors, assert_like, corpus, readers
from ray.cluster_utils import Cluster

from retrievers.ingestion.executors.ledger import Entry
from retrievers.ingestion.executors.on_ray import OnRay
from retrievers.ingestion.progress import Progress
from retrievers.library import Corpus

STAGES = ("words", "scans", "meaning", "figures", "sights")
KILLS = int(os.environ.get("KILLS", "2"))  # `make test-scale KILLS=20`


def test_actors_are_killed_in_every_stage(
    two_cpus: str, pile: Path, undisturbed: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And all that they did is carried out twice, as it may be where an actor is asked again."""
    once = OnRay._carry_out

    def twice(executor: OnRay, entries: Sequence[Entry]) -> None:
        once(executor, entries)
        once(executor, entries)

    monkeypatch.setattr(OnRay, "_carry_out", twice)
    with corpus(tmp_path, readers=1) as found:
        killing = Killing(actors, times=3)
        found.ingest([pile], killing)
        assert len(killing.caught) > 2, killing.caught
        assert_like(found, undisturbed)


def test_a_reader_that_is_killed_costs_what_it_was_reading_at_most(
    two_cpus: str, pile: Path, undisturbed: Corpus, tmp_path: Path
) -> None:
    with corpus(tmp_path, readers=1) as found:
        killing = Killing(readers, times=1)
        found.ingest([pile], killing)
        assert killing.caught
        harmed = {
            (record.name, page.page)
            for record in undisturbed.documents()
            for page in undisturbed.page_reports(record.name)
            if page not in found.page_reports(record.name)
        }
        assert len({name for name, _ in harmed}) <= 1
        for name, _ in list(harmed)[:1]:
            found.read_again(name)
        assert_like(found, undisturbed)


DRIVER = """
import sys
from pathlib import Path
from cluster import corpus

def tell(now):
    print(now.stage, flush=True)
    sys.stdin.readline()

with corpus(Path(sys.argv[1]), ray_address=sys.argv[2], readers=1) as found:
    found.ingest([Path(sys.argv[3])], tell)
"""


@contextmanager
def ingesting(data: Path, cluster: str, pile: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process of its own, which is killed in the end."""
    command = [sys.executable, "-c", DRIVER, str(data), cluster, str(pile)]
    paths = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=paths) as driver:
        try:
            yield driver
        finally:
            driver.kill()


def stage_after(driver: "subprocess.Popen[str]", pages: int) -> str:
    """Lets it go on for so many pages: the stage it is in then, empty where it has come to its end."""
    assert driver.stdin and driver.stdout
    stage = ""
    for _ in range(pages):
        stage = next((line.strip() for line in driver.stdout if line.strip() in STAGES), "")  # beside Ray's own words
        if not stage:
            break
        driver.stdin.write("\n")
        driver.stdin.flush()
    return stage


@pytest.mark.timeout(600 + 300 * KILLS)
def test_programs_are_killed_at_random_moments(
    two_cpus: str, pile: Path, undisturbed: Corpus, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The driver, or what acts for it, which the driver survives; over again in a new corpus once one is whole."""
    chance = random.Random(19)
    killed = 0
    for number in count():
        data, whole = tmp_path / str(number), False
        while not whole and killed < KILLS:
            with ingesting(data, two_cpus, pile) as driver:
                while (stage := stage_after(driver, chance.randint(1, 5))) and killed < KILLS:
                    time.sleep(chance.uniform(0, 0.1))
                    there = actors()
                    who = chance.choice(("driver", "actor")) if there else "driver"
                    killed += 1
                    with capsys.disabled():
                        print(f"{killed}: {who} in {stage}", flush=True)
                    (driver if who == "driver" else chance.choice(there)).send_signal(signal.SIGKILL)
                    if who == "driver":
                        break
                whole = not stage
        with corpus(data, readers=1) as found:
            found.ingest([pile])
            assert_like(found, undisturbed)
        with capsys.disabled():
            print(f"corpus {number} is like an undisturbed one, after {killed} kills", flush=True)
        if killed >= KILLS:
            break


def test_a_node_is_lost(pile: Path, undisturbed: Corpus, tmp_path: Path) -> None:
    ray.shutdown()
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2})
    node = cluster.add_node(num_cpus=2)
    ray.init(address=cluster.address, log_to_driver=False, logging_level="warning")
    raylet = node.all_processes["raylet"][0].process.pid
    lost: list[str] = []

    def tell(now: Progress) -> None:
        there = [one for one in actors() if raylet in [parent.pid for parent in one.parents()]]
        if there and not lost:
            lost.append(now.stage)
            cluster.remove_node(node, allow_graceful=False)

    try:
        with corpus(tmp_path) as found:
            found.ingest([pile], tell)
            assert lost, "no actor was on the node that was to be lost"
            assert_like(found, undisturbed)
    finally:
        ray.shutdown()
        cluster.shutdown()
