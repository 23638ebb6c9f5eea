"""What has been ingested into a corpus, page by page: the record that makes ingestion resumable and accountable.

One SQLite file per corpus. A page is recorded only after its elements are durable in the store.
"""

import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from common.databases import telling
from common.errors import Damaged
from retrievers.parsers.accounting import LOSS
from retrievers.stores.base import VectorSpec

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    name TEXT PRIMARY KEY, path TEXT, sha256 TEXT, version INTEGER, title TEXT, pages INTEGER,
    status TEXT, error TEXT, next_page INTEGER, state TEXT);
CREATE TABLE IF NOT EXISTS pages (document TEXT, page INTEGER, report TEXT, PRIMARY KEY (document, page));
CREATE TABLE IF NOT EXISTS embedders (name TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS vectors (name TEXT PRIMARY KEY, form TEXT, dim INTEGER);
"""  # and columns of `documents` that corpora made by older versions lack:
NUMBERS = {"lossy": "INTEGER", "size": "INTEGER", "regions": "INTEGER", "given_up": "REAL", "read_at": "REAL"}
ADDED = {"archive": "TEXT DEFAULT ''"} | {name: f"{kind} DEFAULT 0" for name, kind in NUMBERS.items()}


@dataclass(frozen=True, slots=True)
class PageReport:
    """What became of one page: how many elements of each kind, whether it was OCRed, captions joined, and notes.

    `lost` is the share of its words that no element holds, 0..1, see `parsers.accounting`. A page that could not be
    `read` has lost all; the notes say why. One that was given up was `late`. `printed`: see `elements.Page`.
    """

    page: int
    elements: dict[str, int] = field(default_factory=dict)
    ocr: bool = False
    captions: int = 0
    notes: tuple[str, ...] = ()
    lost: float = 0.0
    read: bool = True
    late: bool = False
    printed: int | None = None

    @property
    def lossy(self) -> bool:
        """Whether more words are missing than hyphens and ligatures explain; the notes then name some."""
        return self.lost > LOSS

    @property
    def explained(self) -> bool:
        """Either something was extracted, or the notes say why nothing was."""
        return bool(self.elements) or bool(self.notes)


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """One file. `status` is `done`, `partial` (ingestion was interrupted) or `failed` (see `error`).

    `lossy` counts the pages that lost words, see `PageReport.lossy`. `archive` is the path of the ZIP that holds the
    file, of which `path` is then a copy in the corpus' own folder. `given_up` are the seconds after which a page was
    given up; 0 where none was. `size` are the file's bytes, `read_at` seconds since the epoch, `regions` the elements
    that are part of a page; 0 in corpora made before they were kept.
    """

    name: str
    path: str
    sha256: str
    version: int = 0
    title: str = ""
    pages: int = 0
    status: Literal["done", "partial", "failed"] = "partial"
    error: str = ""
    next_page: int = 1
    state: dict[str, Any] = field(default_factory=dict)
    lossy: int = 0
    archive: str = ""
    given_up: float = 0.0
    size: int = 0
    read_at: float = field(default=0.0, compare=False)
    regions: int = 0

    @property
    def origin(self) -> str:
        """The path of what the person keeps."""
        return self.archive or self.path

    @property
    def elements(self) -> int:
        """How many have been written: their order counts them."""
        count: int = self.state.get("order", 0)
        return count

    @property
    def warning(self) -> str:
        """What the person should know of a document that was read; empty when nothing was lost."""
        if not self.lossy:
            return ""
        words = f"words of {self.lossy} page{'' if self.lossy == 1 else 's'} could not be placed"
        if not self.given_up:
            return words
        return (
            f"{words}; those that took over {self.given_up:g} s are read again once TRIPTYCH_PAGE_TIMEOUT allows more"
        )


FIELDS = tuple(column.name for column in fields(DocumentRecord))


class Manifest:
    """Thread-safe; every method is one transaction, durable when it returns. Each raises like `databases.telling`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = threading.RLock()
        with self._telling():
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.executescript(SCHEMA)
            present = {column[1] for column in self._all("PRAGMA table_info(documents)")}
            for column in ADDED.keys() - present:
                self._db.execute(f"ALTER TABLE documents ADD COLUMN {column} {ADDED[column]}")
        if self._copy.exists() and not self.embedders():
            self.close()
            raise Damaged(f"{path} is empty, its last copy is not.", self._cure)

    def documents(self) -> list[DocumentRecord]:
        return [self._record(row) for row in self._all(f"SELECT {', '.join(FIELDS)} FROM documents ORDER BY name")]

    def get(self, name: str) -> DocumentRecord | None:
        rows = self._all(f"SELECT {', '.join(FIELDS)} FROM documents WHERE name = ?", name)
        return self._record(rows[0]) if rows else None

    def put(self, record: DocumentRecord, reports: Sequence[PageReport] = ()) -> None:
        """Save `record` and the reports of the pages it now counts as done, together."""
        values = asdict(record) | {"state": json.dumps(record.state), "path": _path_in(record.path)}
        marks = ", ".join(f":{key}" for key in values)
        with self._transaction():
            self._db.execute("BEGIN")
            self._db.execute(f"INSERT OR REPLACE INTO documents ({', '.join(values)}) VALUES ({marks})", values)
            if record.next_page == 1:
                self._db.execute("DELETE FROM pages WHERE document = ?", (record.name,))
            self._db.executemany(
                "INSERT OR REPLACE INTO pages VALUES (?, ?, ?)",
                [(record.name, report.page, json.dumps(asdict(report))) for report in reports],
            )

    def reports(self, name: str) -> list[PageReport]:
        rows = self._all("SELECT report FROM pages WHERE document = ? ORDER BY page", name)
        loaded = [json.loads(report) for (report,) in rows]
        return [PageReport(**values | {"notes": tuple(values["notes"])}) for values in loaded]

    def remove(self, name: str) -> None:
        with self._transaction():
            self._db.execute("BEGIN")
            self._db.execute("DELETE FROM documents WHERE name = ?", (name,))
            self._db.execute("DELETE FROM pages WHERE document = ?", (name,))

    def embedders(self) -> set[str]:
        """Names of the embedders that the corpus was made with; empty before anything was written."""
        return {name for (name,) in self._all("SELECT name FROM embedders")}

    def vectors(self) -> dict[str, VectorSpec]:
        """What those embedders fill."""
        return {name: VectorSpec(form, dim) for name, form, dim in self._all("SELECT * FROM vectors")}

    def put_embedders(self, names: Sequence[str], vectors: Mapping[str, VectorSpec]) -> None:
        with self._transaction():
            self._db.execute("BEGIN")
            self._db.executemany("INSERT OR IGNORE INTO embedders VALUES (?)", [(name,) for name in names])
            self._db.executemany(
                "INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)",
                [(name, spec.form, spec.dim) for name, spec in vectors.items()],
            )

    def elements(self) -> int:
        """How many the store must hold at least."""
        return sum(record.elements for record in self.documents())

    def forget_pages(self, record: DocumentRecord) -> None:
        """All of the document is to be read again."""
        self.put(replace(record, sha256="", status="partial", next_page=1, state={}, lossy=0, given_up=0.0, regions=0))

    def check(self) -> None:
        """Raises `Damaged` when a page of the file is."""
        answer = self._all("PRAGMA quick_check(1)")[0][0]
        if answer != "ok":
            raise Damaged(f"{self.path} is damaged ({answer}).", self._cure)

    def keep_copy(self) -> None:
        """Beside it, for `restore`: whole or not at all."""
        aside = self.path.with_suffix(".new")
        with self._transaction(), closing(sqlite3.connect(aside)) as copy:
            self._db.backup(copy)
        aside.replace(self._copy)

    @classmethod
    def restore(cls, path: Path) -> bool:
        """Puts the last copy in the place of a damaged manifest, which is kept aside. Whether there was a copy."""
        for suffix in ("", "-wal", "-shm"):
            damaged = path.with_name(path.name + suffix)
            if damaged.exists():
                damaged.replace(path.with_name(f"damaged-{path.name}{suffix}"))
        copy = path.with_suffix(".copy")
        if copy.exists():
            shutil.copyfile(copy, path)
        return copy.exists()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @property
    def _copy(self) -> Path:
        return self.path.with_suffix(".copy")

    @property
    def _cure(self) -> str:
        return f"Mend it with: triptych corpus check {self.path.parent.name} --repair"

    def _telling(self) -> AbstractContextManager[None]:
        return telling(self.path, self._cure)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._telling(), self._lock, self._db:
            yield

    def _all(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        with self._telling(), self._lock:
            return self._db.execute(query, values).fetchall()

    @staticmethod
    def _record(row: tuple[Any, ...]) -> DocumentRecord:
        values = dict(zip(FIELDS, row, strict=True))
        return DocumentRecord(**values | {"state": json.loads(values["state"]), "path": os.fsdecode(values["path"])})


def _path_in(path: str) -> str | bytes:
    """A file may be called by any bytes: as they are where they are no text."""
    data = os.fsencode(path)
    return path if data.decode("utf-8", "replace") == path else data
