"""One pile of documents: everything one can do with it. Wires store, manifest, embedders and retriever together."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from common.errors import UserError
from retrievers import drawing
from retrievers.corpus_ingestion import Ingestion
from retrievers.elements import Element, Hit, Kind
from retrievers.embedders.chosen import Chosen
from retrievers.ingestion.ingest import VERSION, IngestReport, Progress, ignore
from retrievers.ingestion.manifest import DocumentRecord, Manifest, PageReport
from retrievers.ingestion.page_readers import Reading
from retrievers.ingestion.reports import printed_numbers
from retrievers.ingestion.sources import follow
from retrievers.ingestion.stages.readiness import Readiness, readiness
from retrievers.parsers.rendering import WIDTH, region
from retrievers.search.corpus_search import Asked, search
from retrievers.search.retriever import Retriever
from retrievers.stores.base import VectorSpec, VectorStore

if TYPE_CHECKING:
    from PIL.Image import Image

LOG = logging.getLogger(__name__)
MakeStore = Callable[[Mapping[str, VectorSpec]], VectorStore]


class Corpus:
    """One pile of documents. Opens its store on first use, so listing what it holds needs no lock."""

    def __init__(
        self, name: str, manifest: Manifest, make_store: MakeStore, chosen: Chosen, reading: Reading, min_free: int = 0
    ) -> None:
        self.name = name
        self.folder = manifest.path.parent
        self._make_store = make_store
        self._chosen = chosen
        self._manifest = manifest
        self._ingestion = Ingestion(lambda: self.store, manifest, self.folder, chosen, reading, min_free)
        self.writing = self._ingestion.lock
        self._opening = threading.Lock()

    @property
    def store(self) -> VectorStore:
        """Raises `CorpusLocked` while another process has it open, `UserError` when other embedders made it."""
        with self._opening:
            return self._store

    @cached_property
    def _store(self) -> VectorStore:
        made, chosen = sorted(self._manifest.embedders()), sorted(self._chosen.names)
        if made and made != chosen:
            raise UserError(
                f"The corpus {self.name!r} was made with the embedders {', '.join(made)}, not {', '.join(chosen)}.",
                command="Set TRIPTYCH_EMBEDDER and TRIPTYCH_IMAGE_EMBEDDERS as they were, or make it again: "
                f"triptych corpus delete {self.name}, then triptych ingest <files or folders> --corpus {self.name}",
            )
        specs = self._chosen.specs
        store = self._make_store(specs)
        self._manifest.put_embedders(chosen, specs)
        held, expected = store.count(), self._manifest.elements()
        if held < expected:
            cure = f"Mend it with: triptych corpus check {self.name} --repair"
            LOG.warning("The corpus %r holds %d of its %d elements. %s", self.name, held, expected, cure)
        old = sum(record.status == "done" and record.version < VERSION for record in self.documents())
        if old:
            cure = f"Read them anew with: triptych ingest <files or folders> --corpus {self.name}"
            LOG.warning("The corpus %r holds %d documents as an older version read them. %s", self.name, old, cure)
        return store

    @property
    def embedders(self) -> tuple[str, ...]:
        """Those it is searched with, by name."""
        return self._chosen.names

    @property
    def retriever(self) -> Retriever:
        return self._retriever(self._chosen.words)

    def retriever_of(self, documents: Sequence[str] = ()) -> Retriever:
        """By words alone while some of these documents, or of all, has no vectors of meaning."""
        return self.retriever if self.readiness(documents).meant else self.retriever_by_words

    @property
    def retriever_by_words(self) -> Retriever:
        return self._retriever(None)

    def _retriever(self, dense: Any) -> Retriever:
        return Retriever(self.store, dense, self._chosen.lexical, self._lengths, self._printed)

    def readiness(self, documents: Sequence[str] = ()) -> Readiness:
        """What can be searched of these documents, or of all."""
        return readiness(self.name, self._manifest, documents, self.progress)

    @property
    def reading(self) -> bool:
        """Whether documents are being read into it."""
        return self._ingestion.going

    @property
    def progress(self) -> Progress | None:
        """How far the ingestion is that is going on, once it has come to a page."""
        return self._ingestion.progress

    def _lengths(self) -> dict[str, int]:
        """The pages of each document."""
        return {record.name: record.pages for record in self.documents()}

    def _printed(self, document: str) -> dict[int, int]:
        """The number that stands on a page -> the page's own."""
        return printed_numbers(self.page_reports(document))

    def documents(self) -> list[DocumentRecord]:
        return self._manifest.documents()

    def state(self) -> tuple[float, ...]:
        """Another once a document is there, gone, or has been read further."""
        return self._manifest.state()

    def page_reports(self, document: str) -> list[PageReport]:
        return self._manifest.reports(document)

    def ingest(
        self,
        paths: Sequence[Path],
        progress: Callable[[Progress], None] = ignore,
        *,
        prune: bool = False,
        words_only: bool = False,
    ) -> IngestReport:
        """Read files and folders; see `Ingestor.run`. One ingestion at a time. Raises `BrokenOff` when it is closed."""
        return self._ingestion.run(paths, progress, prune=prune, words_only=words_only)

    def complete(self, progress: Callable[[Progress], None] = ignore) -> None:
        """Do what ingestions before this have left to do. Raises `BrokenOff` like `ingest`."""
        self._ingestion.complete(progress)

    def follow(self, moves: Sequence[tuple[Path, Path]]) -> None:
        """Of folders that were moved: documents below the old one are below the new one now."""
        follow(self._manifest, moves)

    def check_manifest(self) -> None:
        """Raises `Damaged` when what is recorded of the documents cannot be read."""
        self._manifest.check()

    def forget_pages(self, record: DocumentRecord) -> None:
        """The next ingestion reads all of the document again."""
        self._manifest.forget_pages(record)

    def has_vectors(self, ids: Sequence[UUID]) -> bool:
        """Whether any of these elements can be found by the vector that all of them have by now."""
        embedder = self._chosen.words if self.readiness().meant else self._chosen.lexical
        return bool(self.store.vectors(ids, embedder.info.vector))

    def remove(self, document: str) -> DocumentRecord:
        """Forget a document, whose file stays; what it was. Raises `UserError` when it is not here."""
        record = self.document(document)
        self._ingestion.forget(record.name)
        return record

    def read_again(self, document: str, progress: Callable[[Progress], None] = ignore) -> IngestReport:
        """Read a document anew; until then it can be asked about as it was. Raises `UserError` without its file."""
        record = self.document(document)
        if not Path(record.path).exists():
            raise UserError(f"The file of {record.name} is gone: {record.path}", "Add it again, or remove it here.")
        with self.writing:
            self._manifest.forget_pages(record)
            return self._ingestion.run([], progress)

    def search(
        self,
        query: str,
        *,
        top: int = 8,
        documents: Sequence[str] = (),
        kinds: Sequence[Kind] = (),
        image: Path | None = None,
        image_share: float = 0.5,
    ) -> list[Hit]:
        """See `corpus_search.search`. While some of it has no vectors of meaning words alone decide, see `readiness`.

        Raises `UserError` when there is nothing to search for, for a question that is no text, and for a document that
        is not in the corpus.
        """
        names = [self.document(document).name for document in documents]
        asked = Asked(query, top, tuple(names), tuple(kinds), image, image_share)
        found = search(self.retriever_of(names), self.store, self._chosen, asked)
        self._ingestion.prefer([*names, *(hit.element.document for hit in found)])
        return found

    def neighbours(self, element: Element, span: int = 1) -> list[Element]:
        return self.retriever.neighbours(element, span)

    def render(self, element: Element, width: int = 1000) -> "Image":
        """The page an element stands on, from its file. Raises `BadDocument` when that has gone or changed."""
        return drawing.page(self.document(element.document), element.sha256, element.page, width)

    def render_page(self, document: str, number: int, width: int = 1000) -> "Image":
        """A page of a document, from 1. Raises `UserError` where there is none, and like `render`."""
        record = self.document(document)
        if not 1 <= number <= record.pages:
            raise UserError(f"{record.name} has no page {number}.", f"It has {record.pages}.")
        return drawing.page(record, record.sha256, number, width)

    def crop(self, element: Element, width: int = WIDTH) -> "Image":
        """The element's region, cut from its page drawn `width` pixels wide."""
        return region(self.render(element, width), element.box)

    def page_map(self, element: Element, question: str, width: int) -> "Image | None":
        """The element's page, coloured where it is like the question; see `drawing.page_map`."""
        draw = partial(self.render, element)
        return drawing.page_map(self.store, self._chosen.pictures, element, question, draw, width)

    def destroy(self) -> None:
        """Delete the index, whichever embedders made it, and close."""
        with self._opening:
            store = self.__dict__.get("_store") or self._make_store(self._manifest.vectors() or self._chosen.specs)
            store.destroy()
        self.close()

    def close(self) -> None:
        """Ends an ingestion that is going on, too; the next goes on where it was."""
        self._ingestion.stop()
        with self._opening:
            if "_store" in self.__dict__:
                self._store.close()
        self._manifest.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def document(self, document: str) -> DocumentRecord:
        """The one of that name, or of that file name. Raises `UserError` when it is not here."""
        records = self.documents()
        found = [record for record in records if record.name == document]
        found = found or [record for record in records if Path(record.name).name == document]
        if not found:
            names = ", ".join(record.name for record in records[:10]) or "nothing yet"
            raise UserError(f"There is no document {document!r} in corpus {self.name!r}.", f"It holds: {names}.")
        return found[0]
