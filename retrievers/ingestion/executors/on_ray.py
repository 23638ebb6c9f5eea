"""On a Ray cluster: operators are actors of Ray Data, to which documents go as rows.

A row holds no bytes of a file: actors open it by its path, which has to be the same on every machine. They write to the
store themselves where that is a server; the manifest is written here alone, as their steps arrive, so that after any
kill the next run does what is missing. A step may come twice: what it does, done again, changes nothing.
"""

import logging
import os
import pickle
import socket
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Self

os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")  # it would look for uv's environment on every node
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is reported to anybody

import ray
import ray.data

from common.errors import UserError
from common.threads import cores
from retrievers.ingestion.executors.actor import Actor, Step, Task
from retrievers.ingestion.executors.ledger import Entry, Finish, Put, Write
from retrievers.ingestion.executors.plan import planned
from retrievers.ingestion.manifest import Manifest
from retrievers.ingestion.stages.index import Index
from retrievers.ingestion.stages.jobs import CHUNK, Job
from retrievers.ingestion.stages.operators import Operator, ReadFigures
from retrievers.ingestion.stages.placing import Tell

PATIENCE = 5.0  # seconds in which the cluster has to answer
ROUND = 16 * 1024 * 1024  # bytes of rows that are in Ray's object store at once


class OnRay:
    """Raises `UserError` where the cluster cannot be reached, or has no room for the actors that are wanted."""

    def __init__(self, index: Index, manifest: Manifest, tell: Tell) -> None:
        self._index = index
        self._manifest = manifest
        self._tell = tell
        self._open_store = index.store.elsewhere()
        reading = index.reading
        self._actors = planned(_nodes(reading.address), reading.actors)
        if not ray.is_initialized():
            _join(reading.address)

    def run(self, operator: type[Operator], jobs: Iterable[Job]) -> Iterator[Job]:
        """See `Executor`."""
        given, rows, size = list[Job](), list[bytes](), 0
        for job in jobs:
            if job.known:
                job.done = True
                yield job
                continue
            for part in _parts(operator, job):
                given.append(part)
                rows.append(pickle.dumps(self._task(operator, part)))
                size += len(rows[-1])
            if size > ROUND:
                yield from self._round(operator, given, rows)
                given, rows, size = [], [], 0
        if rows:
            yield from self._round(operator, given, rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        """Ray stays, for the next one."""

    def _task(self, operator: type[Operator], job: Job) -> Task:
        name = job.record.name
        if not operator.apart:
            return Task(job, self._manifest.pages(name))
        known = self._manifest.pages(name, job.pages[0], job.pages[-1])
        if self._open_store:
            return Task(job, known)
        elements = self._index.elements(name, job.pages)
        if operator is not ReadFigures:
            return Task(job, known, elements)
        meant = self._index.chosen.words.info.vector
        return Task(job, known, elements, self._index.store.vectors([element.id for element in elements], meant))

    def _round(self, operator: type[Operator], jobs: Sequence[Job], rows: Sequence[bytes]) -> Iterator[Job]:
        reading = replace(self._index.reading, programs=1, executor="local")
        context = ray.data.DataContext.get_current().copy()
        context.target_max_block_size = 1  # every step is given back as it is done
        context.enable_progress_bars = False
        with ray.data.DataContext.current(context):
            items = [{"number": number, "task": row} for number, row in enumerate(rows)]
            steps = ray.data.from_items(items, override_num_blocks=len(items)).map_batches(
                Actor,
                fn_constructor_args=(operator, self._index.chosen.names, reading, self._open_store),
                batch_size=1,
                compute=ray.data.ActorPoolStrategy(size=min(self._actors, len(items))),
                num_cpus=1,
            )
        for row in steps.iter_rows():
            step: Step = pickle.loads(row["step"])
            self._carry_out(step.entries)
            if step.error:
                raise step.error
            job = jobs[row["number"]]
            job.done = step.done
            yield job

    def _carry_out(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            match entry:
                case Write(act, arguments):
                    self._index.require_space()
                    getattr(self._index.store, act)(*arguments)
                case Put(record, (), _):
                    self._manifest.put(record)
                case Put(record, pages, after):
                    record = self._index.commit(self._manifest.get(record.name) or record, pages, after)
                    for page in pages:
                        self._tell(record, page.report.page)
                case Finish(stage, done):
                    self._manifest.finish(stage, done)
                    for name, number in done:
                        known = self._manifest.get(name)
                        assert known is not None
                        self._tell(known, number)


def _parts(operator: type[Operator], job: Job) -> Iterable[Job]:
    """As many jobs as actors may share, of few pages each."""
    if not operator.apart:
        return [job]
    return [replace(job, pages=job.pages[first : first + CHUNK]) for first in range(0, len(job.pages), CHUNK)]


def _nodes(address: str) -> list[float]:
    """The CPUs of each node, joining the cluster if need be; of one that is to be started here, those it will have."""
    if not address and not ray.is_initialized():
        return [cores()]
    if not ray.is_initialized():
        _join(address)
    return [node["Resources"].get("CPU", 0.0) for node in ray.nodes() if node["Alive"]]


def _join(address: str) -> None:
    """The cluster there, or one that is started on this machine. Raises `UserError`."""
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.WARNING)
    here = {} if address else {"num_cpus": cores(), "include_dashboard": False}
    host, _, port = address.rpartition("/")[2].rpartition(":")
    try:
        if host:  # Ray itself waits for it for minutes
            socket.create_connection((host, int(port)), PATIENCE).close()
        ray.init(address=address or "local", log_to_driver=False, logging_level=logging.WARNING, **here)
    except Exception as error:  # Ray raises nothing narrower where it does not start in time
        what = f"The Ray cluster at {address} cannot be reached" if address else "Ray does not start"
        raise UserError(
            f"{what} ({error}).",
            command="Set TRIPTYCH_RAY_ADDRESS to where it runs (host:6379), or to nothing to start one here.",
        ) from error
