"""All corpora below one data folder, and the store each is kept in."""

import re
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from common.errors import Damaged, UserError
from common.threads import cores
from retrievers.corpus import Corpus
from retrievers.embedders.chosen import Chosen
from retrievers.embedders.outlines import Outlines
from retrievers.embedders.pictures import SeesPictures
from retrievers.ingestion.page_readers import Reading
from retrievers.manifests import Manifests
from retrievers.search.gallery import Gallery
from retrievers.stores import STORES
from retrievers.stores.base import VectorSpec, VectorStore
from retrievers.stores.copying import copied

__all__ = ["Corpus", "Library"]

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
COLLECTION = "collection"  # the file in a corpus' folder that says what a server calls it


class Library:
    """Corpora in `data_dir`, one folder each. `store` and `embedder` are registry names.

    `image_embedders` name embedders of pictures, with their checkpoints: `clip:google/siglip2-base-patch16-224`.
    `readers` programs read pages side by side (0: one per core), `pdf_parser` names who reads PDFs, and a page
    may take `page_timeout` seconds; see `Reading`. `ingest` says who does so: this process (`local`), or `ray`, the
    cluster at `ray_address` or one that is started on this machine, with `readers` actors (0: as many as fit).
    Nothing is written unless `min_free_mb` megabytes are free. Records are kept in the database of `database_url`.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        store: str = "edge",
        embedder: str = "minilm",
        image_embedders: Sequence[str] = (),
        qdrant_url: str = "",
        qdrant_api_key: str = "",
        readers: int = 0,
        pdf_parser: str = ".pdf",
        page_timeout: float = 120.0,
        min_free_mb: int = 0,
        qdrant_shards: int = 0,
        qdrant_replicas: int = 1,
        qdrant_write_consistency: int = 1,
        ingest: str = "local",
        ray_address: str = "",
        database_url: str = "",
    ) -> None:
        self._data_dir = Path(data_dir).expanduser()
        self._root = self._data_dir / "corpora"
        self._manifests = Manifests(self._root, database_url)
        self._store = store
        self._chosen = Chosen(embedder, image_embedders)
        self._server = (qdrant_url, qdrant_api_key, (qdrant_shards, qdrant_replicas, qdrant_write_consistency))
        logs = self._data_dir / "logs"
        self._reading = Reading(readers or cores(), pdf_parser, page_timeout, logs, ingest, ray_address, readers)
        self._min_free = min_free_mb * 1_000_000
        self._open: dict[str, Corpus] = {}
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        return self._manifests.names()

    def open(self, name: str, *, create: bool = False) -> "Corpus":
        """The corpus, one object per name. Raises `UserError` for a bad or unknown name."""
        check_name(name)
        with self._lock:
            if name not in self._open:
                known = self.names()
                if not create and name not in known:
                    raise self._unknown(name)
                cure = f"Mend it with: triptych corpus check {name} --repair"
                folder = self.folder(name)
                if name not in known:
                    self._name_collection(name, known)
                make_store = partial(self._make_store, folder / "store", self._collection(name), cure=cure)
                manifest = self._manifests.open(name)
                self._open[name] = Corpus(name, manifest, make_store, self._chosen, self._reading, self._min_free)
            return self._open[name]

    def folder(self, name: str) -> Path:
        """Where the corpus of that name is, or would be."""
        return self._root / name

    def uploads(self, name: str) -> Path:
        """Where copies of the files are that were given to the corpus, and not pointed at."""
        return self._data_dir / "uploads" / name

    def shut(self, name: str) -> None:
        """Close the corpus if it is open; the next `open` reads what is there then."""
        with self._lock:
            corpus = self._open.pop(name, None)
        if corpus:
            with suppress(Damaged):
                corpus.close()

    def rename(self, name: str, new: str) -> None:
        """Call a corpus `new`: index, records, and copies of files that were given to it go along.

        Raises `UserError` for a bad, unknown or taken name and while documents are read, `CorpusLocked` while another
        process has it open.
        """
        check_name(new)
        corpus = self.open(name)
        if new in self.names():
            raise UserError(f"There is a corpus {new!r} already.", "Choose another name.")
        with _unread(corpus):
            _ = corpus.store  # nobody else has it open
            self.shut(name)
            (self.folder(name) / COLLECTION).write_text(self._collection(name), encoding="utf-8")
            self._manifests.rename(name, new)
            moves = [(of(name), of(new)) for of in (self.folder, self.uploads) if of(name).exists()]
            for before, after in moves:
                shutil.rmtree(after, ignore_errors=True)  # left by a corpus that is no more
                before.rename(after)
            self.open(new).follow(moves)

    def move(self, name: str, to: str) -> int:
        """Copies the index of a corpus to another store, a registry name, from which it is opened once that is this
        library's; how many elements it has. What it was copied from stays.

        Raises `UserError` for an unknown name, the store that it is in, while documents are read, and unless the copy
        is whole.
        """
        if to == self._store:
            raise UserError(
                f"The store is {to!r} already.", command="Set TRIPTYCH_STORE to the one the corpus is in now."
            )
        corpus = self.open(name)
        with _unread(corpus):
            specs = self._chosen.specs
            held = corpus.store
            target = self._make_store(self.folder(name) / "store", self._collection(name), specs, store=to)
            try:
                return copied(held, target, list(specs))
            finally:
                target.close()

    def delete(self, name: str) -> None:
        """Delete the corpus: its index and records, and copies of files that were given to it. No other document is.

        Raises `UserError` for an unknown name and while documents are read.
        """
        corpus = self.open(name)
        with _unread(corpus):
            corpus.destroy()
            with self._lock:
                self._open.pop(name, None)  # closed meanwhile
            self._manifests.delete(name)
            shutil.rmtree(self.folder(name))
            if self.uploads(name).exists():
                shutil.rmtree(self.uploads(name))

    @cached_property
    def gallery(self) -> Gallery:
        """The user's labelled pictures. Made anew, beside the old one, when other embedders are chosen."""
        return self.gallery_in(self._data_dir, "triptych-demonstrations")

    def gallery_in(self, data_dir: Path, collection: str) -> Gallery:
        """That of the data folder; on a server its name begins with `collection`.

        Seen by the first embedder of pictures that keeps one vector a picture; without one, by their outlines.
        """
        dense = (embedder for embedder in self._chosen.pictures if embedder.info.spec.form == "dense")
        sight: SeesPictures = next(dense, None) or Outlines()
        words = self._chosen.words
        name = sha256(f"{words.info.source} {sight.info.source}".encode()).hexdigest()[:8]
        folder = data_dir / "demonstrations" / f"index-{name}"
        return Gallery(partial(self._make_store, folder, f"{collection}-{name}"), words, sight)

    def close(self) -> None:
        if "gallery" in self.__dict__:
            self.gallery.close()
        with self._lock:
            opened, self._open = list(self._open.values()), {}
        for corpus in opened:  # whoever deletes one holds it, and wants the lock
            corpus.close()

    def _unknown(self, name: str) -> UserError:
        there = ", ".join(self.names()) or "none yet"
        return UserError(
            f"There is no corpus {name!r} (there are: {there}).",
            "Adding documents to it makes it.",
            f"Make it with: triptych ingest <files or folders> --corpus {name}",
        )

    def _collection(self, name: str) -> str:
        """What a server calls the corpus, also once it is renamed."""
        written = self.folder(name) / COLLECTION
        return written.read_text(encoding="utf-8") if written.exists() else f"triptych_{name}"

    def _name_collection(self, name: str, others: Sequence[str]) -> None:
        """Of a new corpus: it is called like that of no other, one that was renamed included."""
        if self._collection(name) in map(self._collection, others):
            self.folder(name).mkdir(parents=True, exist_ok=True)
            (self.folder(name) / COLLECTION).write_text(f"triptych_{name}_{uuid4().hex}", encoding="utf-8")

    def _make_store(
        self,
        folder: Path,
        collection: str,
        specs: Mapping[str, VectorSpec],
        cure: str = "Delete that folder: it is made again.",
        store: str = "",
    ) -> VectorStore:
        name = store or self._store
        where = (folder, specs, cure) if name == "edge" else (collection, specs, *self._server)
        made: VectorStore = STORES.get(name)(*where)
        return made


def check_name(name: str) -> None:
    """Raises `UserError`."""
    if not NAME.fullmatch(name):
        raise UserError(f"{name!r} is not a corpus name.", "Use a-z, 0-9, - and _, at most 64, a letter first.")


@contextmanager
def _unread(corpus: Corpus) -> Iterator[None]:
    """Nothing is read into it meanwhile. Raises `UserError` when something is."""
    if not corpus.writing.acquire(blocking=False):
        raise UserError(f"Documents are being read into {corpus.name!r}.", "Wait until they are, then do it again.")
    try:
        yield
    finally:
        corpus.writing.release()
