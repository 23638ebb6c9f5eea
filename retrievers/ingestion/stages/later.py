"""The stages after words, in their order: for documents that can be asked about already."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from common.errors import BadDocument
from retrievers.ingestion.executors.base import Executor
from retrievers.ingestion.manifest import LAST_PAGE, DocumentRecord, Manifest
from retrievers.ingestion.progress import Meter
from retrievers.ingestion.records import Stage
from retrievers.ingestion.sources import Source, file_sha256
from retrievers.ingestion.stages.jobs import Job
from retrievers.ingestion.stages.operators import AFTER_WORDS

TOGETHER = 16  # pages of one document that are embedded before another one is asked about


class Later:
    """What `manifest` says is left to do. `asked` names documents whose turn comes before that of others."""

    def __init__(
        self, manifest: Manifest, executor: Executor, meter: Meter, asked: Callable[[], Sequence[str]]
    ) -> None:
        self._manifest = manifest
        self._executor = executor
        self._meter = meter
        self._asked = asked

    def run(self, first: Mapping[str, Source]) -> None:
        """The other stages, of every document that has pages for them; of those in `first`, by name, before others."""
        for stage, operator in AFTER_WORDS.items():
            pages = self._pages(stage)
            self._meter.begin(stage, sum(map(len, pages.values())))
            for _ in self._executor.run(operator, self._jobs(stage, pages, first)):
                self._manifest.complete(time.time())

    def _pages(self, stage: Stage) -> dict[str, list[int]]:
        """Those that the stage is still to be done of, by document."""
        pages: dict[str, list[int]] = defaultdict(list)
        for name, number, todo in self._manifest.unfinished():
            if stage in todo and self._known(name).searchable:
                pages[name].append(number)
        return pages

    def _jobs(self, stage: Stage, pages: Mapping[str, Sequence[int]], first: Mapping[str, Source]) -> Iterator[Job]:
        """The documents with those pages; where they are to be read, not those whose file has gone or changed."""
        reads = stage is not Stage.MEANING
        for name, numbers in self._in_turn(pages, first, LAST_PAGE if reads else TOGETHER):
            record = self._known(name)
            path = Path(record.path)
            with suppress(BadDocument):
                if not reads or file_sha256(path) == record.sha256:
                    yield Job(first.get(name, Source(name, path, path.parent, record.archive)), record, numbers)

    def _in_turn(
        self, pages: Mapping[str, Sequence[int]], first: Mapping[str, Source], together: int
    ) -> Iterator[tuple[str, Sequence[int]]]:
        """Documents with their pages, of one document so many `together`: of those that are asked about when it is
        their turn, then of those in `first`, then of the others."""
        left = {name: pages[name] for name in dict.fromkeys([*first, *pages]) if name in pages}
        while left:
            name = next((name for name in self._asked() if name in left), next(iter(left)))
            numbers = left.pop(name)
            if numbers[together:]:
                left = {name: numbers[together:], **left}
            yield name, numbers[:together]

    def _known(self, name: str) -> DocumentRecord:
        record = self._manifest.get(name)
        assert record is not None
        return record
