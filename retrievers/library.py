"""All corpora below one data folder, and the store each is kept in."""

import re
import shutil
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from common.errors import UserError
from retrievers.corpus import Corpus
from retrievers.embedders.chosen import Chosen
from retrievers.stores import STORES
from retrievers.stores.base import VectorSpec, VectorStore

__all__ = ["Corpus", "Library"]

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class Library:
    """Corpora in `data_dir`, one folder each. `store` and `embedder` are registry names.

    `image_embedders` name embedders of pictures, with their checkpoints: `clip:google/siglip2-base-patch16-224`.
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
    ) -> None:
        self._root = Path(data_dir).expanduser() / "corpora"
        self._store = store
        self._chosen = Chosen(embedder, image_embedders)
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
                self._open[name] = Corpus(name, self._root / name, partial(self._make_store, name), self._chosen)
            return self._open[name]

    def delete(self, name: str) -> None:
        """Delete the corpus: its index and records, never the documents themselves."""
        corpus = self.open(name)
        corpus.destroy()
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

    def _make_store(self, name: str, specs: Mapping[str, VectorSpec]) -> VectorStore:
        make = STORES.get(self._store)
        if self._store == "edge":
            store: VectorStore = make(self._root / name / "store", specs)
        else:
            store = make(f"triptych_{name}", specs, *self._server)
        return store
