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
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from common.databases import telling
from common.errors import Damaged
from retrievers.ingestion.records import DocumentRecord, PageRecord, PageReport, Stage
from retrievers.stores.base import VectorSpec

__all__ = ["DocumentRecord", "Manifest", "PageReport"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    name TEXT PRIMARY KEY, path TEXT, sha256 TEXT, version INTEGER, title TEXT, pages INTEGER,
    status TEXT, error TEXT, next_page INTEGER, state TEXT);
CREATE TABLE IF NOT EXISTS pages (document TEXT, page INTEGER, report TEXT, PRIMARY KEY (document, page));
CREATE TABLE IF NOT EXISTS embedders (name TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS vectors (name TEXT PRIMARY KEY, form TEXT, dim INTEGER);
"""  # and columns that corpora made by older versions lack:
NUMBERS = {"lossy": "INTEGER", "size": "INTEGER", "regions": "INTEGER", "given_up": "REAL", "read_at": "REAL"}
ADDED = {
    "documents": {"archive": "TEXT DEFAULT ''"} | {name: f"{kind} DEFAULT 0" for name, kind in NUMBERS.items()},
    "pages": {"todo": "INTEGER DEFAULT 0", "elements": "INTEGER DEFAULT 0", "before": "TEXT DEFAULT '{}'"},
}
UNFINISHED = "CREATE INDEX IF NOT EXISTS unfinished ON pages (document) WHERE todo != 0"
LAST_PAGE = 2**31 - 1
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
            for table, columns in ADDED.items():
                present = {column[1] for column in self._all(f"PRAGMA table_info({table})")}
                for column in columns.keys() - present:
                    self._db.execute(f"ALTER TABLE {table} ADD COLUMN {column} {columns[column]}")
            self._db.execute(UNFINISHED)
        if self._copy.exists() and not self.embedders():
            self.close()
            raise Damaged(f"{path} is empty, its last copy is not.", self._cure)

    def documents(self) -> list[DocumentRecord]:
        return [self._record(row) for row in self._all(f"SELECT {', '.join(FIELDS)} FROM documents ORDER BY name")]

    def get(self, name: str) -> DocumentRecord | None:
        rows = self._all(f"SELECT {', '.join(FIELDS)} FROM documents WHERE name = ?", name)
        return self._record(rows[0]) if rows else None

    def put(
        self, record: DocumentRecord, pages: Sequence[PageRecord] = (), after: Mapping[str, Any] | None = None
    ) -> None:
        """Save `record` and the pages that it now counts, together; `after` is the assembler's state before the page
        that follows them, if that was there already."""
        values = asdict(record) | {"state": json.dumps(record.state), "path": _path_in(record.path)}
        marks = ", ".join(f":{key}" for key in values)
        with self._transaction():
            self._db.execute("BEGIN")
            self._db.execute(f"INSERT OR REPLACE INTO documents ({', '.join(values)}) VALUES ({marks})", values)
            if record.next_page == 1:
                self._db.execute("DELETE FROM pages WHERE document = ?", (record.name,))
            self._db.executemany(
                "INSERT OR REPLACE INTO pages (document, page, report, todo, elements, before)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [(record.name, *_page_row(page)) for page in pages],
            )
            if after is not None:
                following = pages[-1].report.page + 1
                self._db.execute(
                    "UPDATE pages SET before = ? WHERE document = ? AND page = ?",
                    (json.dumps(after), record.name, following),
                )

    def pages(self, name: str, first: int = 1, last: int = LAST_PAGE) -> dict[int, PageRecord]:
        """What is recorded of those pages of a document, by number."""
        query = "SELECT report, todo, elements, before FROM pages WHERE document = ? AND page BETWEEN ? AND ?"
        rows = self._all(f"{query} ORDER BY page", name, first, last)
        records = [PageRecord(_report(report), Stage(todo), count, json.loads(b)) for report, todo, count, b in rows]
        return {one.report.page: one for one in records}

    def unfinished(self) -> list[tuple[str, int, Stage]]:
        """Pages of which something is still to do: document, number, what."""
        rows = self._all("SELECT document, page, todo FROM pages WHERE todo != 0 ORDER BY document, page")
        return [(document, page, Stage(todo)) for document, page, todo in rows]

    def finish(self, stage: Stage, pages: Sequence[tuple[str, int]]) -> None:
        """`stage` of these pages, document and number, is done."""
        with self._transaction():
            self._db.execute("BEGIN")
            self._db.executemany(
                f"UPDATE pages SET todo = todo & ~{int(stage)} WHERE document = ? AND page = ?", list(pages)
            )

    def complete(self, now: float) -> None:
        """Documents of which nothing is left to do are done, at `now`."""
        with self._transaction():
            self._db.execute(
                "UPDATE documents SET status = 'done', read_at = ? WHERE status = 'partial' AND sha256 != ''"
                " AND next_page > pages AND name NOT IN (SELECT document FROM pages WHERE todo != 0)",
                (now,),
            )

    def reports(self, name: str) -> list[PageReport]:
        rows = self._all("SELECT report FROM pages WHERE document = ? ORDER BY page", name)
        return [_report(report) for (report,) in rows]

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

    def _all(self, query: str, *values: str | int) -> list[tuple[Any, ...]]:
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


def _report(stored: str) -> PageReport:
    values = json.loads(stored)
    return PageReport(**values | {"notes": tuple(values["notes"])})


def _page_row(page: PageRecord) -> tuple[int, str, int, int, str]:
    return page.report.page, json.dumps(asdict(page.report)), int(page.todo), page.elements, json.dumps(page.before)
