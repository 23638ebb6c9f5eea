"""All corpora below one data folder, and everything one can do with a corpus.

The composition root of this package: the only place that wires store, manifest, embedders and retriever together.
"""

import re
import shutil
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from common.errors import BadDocument, UserError
from retrievers import embedders
from retrievers.elements import Element, Hit, Kind
from retrievers.ingest import Ingestor, IngestReport, Progress, ignore
from retrievers.manifest import DocumentRecord, Manifest, PageReport
from retrievers.parsers import open_document
from retrievers.retriever import Retriever
from retrievers.sources import file_sha256
from retrievers.stores import STORES
from retrievers.stores.base import Filter, VectorStore

if TYPE_CHECKING:
    from PIL.Image import Image

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class Library:
    """Corpora in `data_dir`, one folder each. `store` and `embedder` are registry names."""

    def __init__(
        self,
        data_dir: Path,
        *,
        store: str = "edge",
        embedder: str = "minilm",
        qdrant_url: str = "",
        qdrant_api_key: str = "",
    ) -> None:
        self._root = Path(data_dir).expanduser() / "corpora"
        self._store = store
        self._embedder = embedder
        self._server = (qdrant_url, qdrant_api_key)
        self._open: dict[str, Corpus] = {}
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        return sorted(manifest.parent.name for manifest in self._root.glob("*/manifest.sqlite"))

    def open(self, name: str, *, create: bool = False) -> "Corpus":
        """The corpus, one object per name. Raises `UserError` for a bad or unknown name."""
        if not NAME.fullmatch(name):
            raise UserError(f"{name!r} is not a corpus name.", "Use a-z, 0-9, - and _, at most 64, a letter first.")
        with self._lock:
            if name not in self._open:
                if not create and name not in self.names():
                    known = ", ".join(self.names()) or "none yet"
                    raise UserError(f"There is no corpus {name!r} (there are: {known}).", self._cure(name))
                self._open[name] = Corpus(name, self._root / name, lambda: self._make_store(name), self._embedder)
            return self._open[name]

    def delete(self, name: str) -> None:
        """Delete the corpus: its index and records, never the documents themselves."""
        corpus = self.open(name)
        corpus.store.destroy()
        corpus.close()
        with self._lock:
            del self._open[name]
        shutil.rmtree(self._root / name)

    def close(self) -> None:
        with self._lock:
            for corpus in self._open.values():
                corpus.close()
            self._open.clear()

    @staticmethod
    def _cure(name: str) -> str:
        return f"Make it with: triptych ingest <files or folders> --corpus {name}"

    def _make_store(self, name: str) -> VectorStore:
        specs = {
            embedder.info.vector: embedder.info.spec
            for embedder in (embedders.load(self._embedder), embedders.load("bm25"))
        }
        make = STORES.get(self._store)
        if self._store == "edge":
            store: VectorStore = make(self._root / name / "store", specs)
        else:
            store = make(f"triptych_{name}", specs, *self._server)
        return store


class Corpus:
    """One pile of documents. Opens its store on first use, so listing what it holds needs no lock."""

    def __init__(self, name: str, folder: Path, make_store: Callable[[], VectorStore], embedder: str) -> None:
        self.name = name
        self.folder = folder
        self._make_store = make_store
        self._dense = embedders.load(embedder)
        self._lexical = embedders.load("bm25")
        self._manifest = Manifest(folder / "manifest.sqlite")
        self._writing = threading.Lock()
        self._opening = threading.Lock()

    @property
    def store(self) -> VectorStore:
        """Raises `CorpusLocked` while another process has it open."""
        with self._opening:
            return self._store

    @cached_property
    def _store(self) -> VectorStore:
        return self._make_store()

    @property
    def retriever(self) -> Retriever:
        return Retriever(self.store, self._dense, self._lexical)

    def documents(self) -> list[DocumentRecord]:
        return self._manifest.documents()

    def page_reports(self, document: str) -> list[PageReport]:
        return self._manifest.reports(document)

    def ingest(self, paths: Sequence[Path], progress: Callable[[Progress], None] = ignore) -> IngestReport:
        """Read files and folders; see `Ingestor.run`. One ingestion at a time."""
        with self._writing:
            return Ingestor(self.store, self._manifest, (self._dense, self._lexical)).run(paths, progress)

    def remove(self, document: str) -> None:
        """Forget a document. Raises `UserError` when it is not here."""
        record = self._record(document)
        with self._writing:
            self.store.delete(Filter(documents=(record.name,)))
            self.store.flush()
            self._manifest.remove(record.name)

    def search(
        self,
        query: str,
        *,
        top: int = 8,
        documents: Sequence[str] = (),
        kinds: Sequence[Kind] = (),
        image: Path | None = None,
    ) -> list[Hit]:
        """See `Retriever.search`. A picture adds the words that can be read in it to the query.

        Raises `UserError` when there is nothing to search for, or for a document that is not in the corpus.
        """
        words = " ".join(part for part in (query.strip(), _words_in(image) if image else "") if part)
        if not words:
            raise UserError(
                "There is nothing to search for: the question is empty and no words can be read in the picture.",
                "Add a few words that say what to look for.",
            )
        names = [self._record(document).name for document in documents]
        return self.retriever.search(words, top=top, documents=names, kinds=kinds)

    def neighbours(self, element: Element, span: int = 1) -> list[Element]:
        return self.retriever.neighbours(element, span)

    def render(self, element: Element, width: int = 1000) -> "Image":
        """The page an element stands on, drawn from its file.

        Raises `BadDocument` when the file has gone or changed.
        """
        record = self._record(element.document)
        path = Path(record.path)
        if file_sha256(path) != element.sha256:
            raise BadDocument(f"{record.name} has changed since it was ingested.", "Ingest it again.")
        with open_document(path) as document:
            return document.render(element.page, width)

    def crop(self, element: Element, width: int = 1600) -> "Image":
        """The element's region, cut from its page drawn `width` pixels wide."""
        page = self.render(element, width)
        x, y = page.size
        margin = 0.005
        box = element.box
        return page.crop(
            (
                int(max(0.0, box.x0 - margin) * x),
                int(max(0.0, box.y0 - margin) * y),
                int(min(1.0, box.x1 + margin) * x),
                int(min(1.0, box.y1 + margin) * y),
            )
        )

    def close(self) -> None:
        with self._opening:
            if "_store" in self.__dict__:
                self._store.close()
        self._manifest.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _record(self, document: str) -> DocumentRecord:
        records = self.documents()
        found = [record for record in records if document in (record.name, Path(record.name).name)]
        if not found:
            names = ", ".join(record.name for record in records[:10]) or "nothing yet"
            raise UserError(f"There is no document {document!r} in corpus {self.name!r}.", f"It holds: {names}.")
        return found[0]


def _words_in(image: Path) -> str:
    from retrievers import ocr

    with open_document(image) as document:
        return " ".join(line.text for line in ocr.read(document.render(1, ocr.MAX_SIDE)))
