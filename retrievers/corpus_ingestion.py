"""The ingestion of a corpus, one at a time: where it is, what it completes first, and that it ends with the corpus."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from common.disk import require_space
from common.errors import UserError
from common.postgres import Lease
from retrievers.embedders.chosen import Chosen
from retrievers.ingestion.ingest import Ingestor, IngestReport, Progress, ignore
from retrievers.ingestion.manifest import Manifest
from retrievers.ingestion.page_readers import Reading
from retrievers.stores.base import VectorStore
from retrievers.stores.lock import Lock

WAIT = "Wait until it is done, then do it again."
ASKED = 20  # documents found last: they are completed before others


class BrokenOff(UserError):
    """The corpus was closed while documents were read; what was read is kept."""

    def __init__(self, corpus: str) -> None:
        super().__init__(f"{corpus!r} was closed while it was read.", "Ingest again: it goes on there.")


class Ingestion:
    """`folder` is that of the corpus, whose `store` is opened when something is to be read."""

    def __init__(
        self,
        store: Callable[[], VectorStore],
        manifest: Manifest,
        folder: Path,
        chosen: Chosen,
        reading: Reading,
        min_free: int,
    ) -> None:
        self.lock = threading.RLock()  # held while documents are read or forgotten
        self.going = False
        self.progress: Progress | None = None  # of the one that is going on
        self._store = store
        self._manifest = manifest
        self._folder = folder.absolute()  # data folder / corpora / name
        self._chosen = chosen
        self._reading = reading
        self._min_free = min_free
        self._asked: deque[str] = deque(maxlen=ASKED)
        self._stopping = threading.Event()

    def prefer(self, documents: Sequence[str]) -> None:
        """They are asked about: what is left to do of them is done before that of others."""
        self._asked.extendleft(dict.fromkeys(reversed(documents)))

    def run(
        self,
        paths: Sequence[Path],
        progress: Callable[[Progress], None] = ignore,
        *,
        prune: bool = False,
        words_only: bool = False,
    ) -> IngestReport:
        """See `Ingestor.run`. Raises `BrokenOff` when the corpus is closed, `CorpusLocked` while another process reads
        documents into it."""

        def tell(now: Progress) -> None:
            self.progress = now
            progress(now)
            self._check_open()
            alone.check()

        with self.lock:
            self._check_open()
            require_space(self._folder, self._min_free)
            with self._alone() as alone:
                self.going = True
                try:
                    return self._ingestor().run(paths, tell, prune, words_only)
                finally:
                    self.going, self.progress = False, None

    def complete(self, progress: Callable[[Progress], None] = ignore) -> None:
        """What is left to do of any document. Raises like `run`."""
        with self.lock:
            self._check_open()
            if any(record.status == "partial" for record in self._manifest.documents()):
                self.run([], progress)

    def forget(self, document: str) -> None:
        with self.lock, self._alone():
            self._ingestor().forget(document)

    def stop(self) -> None:
        """Breaks off what is going on, after the page that it is at."""
        self._stopping.set()
        with self.lock:
            pass

    def _alone(self) -> Lease | Lock:
        """Several processes may have the store of a server open; one of them writes down what it holds."""
        return self._manifest.alone(f"Documents of {self._folder.name!r} are being read or removed", WAIT)

    def _check_open(self) -> None:
        if self._stopping.is_set():
            raise BrokenOff(self._folder.name)

    def _ingestor(self) -> Ingestor:
        copies, own = self._folder / "unpacked", self._folder.parents[1]
        asked: Callable[[], Sequence[str]] = partial(list[str], self._asked)
        return Ingestor(self._store(), self._manifest, copies, own, self._chosen, self._reading, self._min_free, asked)
