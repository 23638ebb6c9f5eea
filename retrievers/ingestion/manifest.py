"""What has been ingested into a corpus, page by page: the record that makes ingestion resumable and accountable.

One SQLite file per corpus, or one schema of a Postgres database. A page is recorded only after its elements are durable
in the store.
"""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.database import Database
from common.errors import Damaged
from common.postgres import Lease
from retrievers.ingestion.records import DocumentRecord, PageRecord, PageReport, Stage
from retrievers.stores.base import VectorSpec
from retrievers.stores.lock import Lock

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

__all__ = ["DocumentRecord", "Manifest", "PageReport"]

TABLES = (
    """CREATE TABLE IF NOT EXISTS documents (
        name TEXT PRIMARY KEY, path TEXT, sha256 TEXT, version INTEGER, title TEXT, pages INTEGER,
        status TEXT, error TEXT, next_page INTEGER, state TEXT)""",
    "CREATE TABLE IF NOT EXISTS pages (document TEXT, page INTEGER, report TEXT, PRIMARY KEY (document, page))",
    "CREATE TABLE IF NOT EXISTS embedders (name TEXT PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS vectors (name TEXT PRIMARY KEY, form TEXT, dim INTEGER)",
)  # and columns that corpora made by older versions lack:
REAL = "DOUBLE PRECISION"
NUMBERS = {"lossy": "INTEGER", "size": "BIGINT", "regions": "INTEGER", "given_up": REAL, "read_at": REAL}
ADDED = {
    "documents": {"archive": "TEXT DEFAULT ''"} | {name: f"{kind} DEFAULT 0" for name, kind in NUMBERS.items()},
    "pages": {"todo": "INTEGER DEFAULT 0", "elements": "INTEGER DEFAULT 0", "before": "TEXT DEFAULT '{}'"},
}
UNFINISHED = "CREATE INDEX IF NOT EXISTS unfinished ON pages (document) WHERE todo != 0"
LAST_PAGE = 2**31 - 1
FIELDS = tuple(column.name for column in fields(DocumentRecord))
LISTED = f"SELECT {', '.join(FIELDS)} FROM documents"
PUT = f"""
    INSERT INTO documents ({", ".join(FIELDS)}) VALUES ({", ".join(f":{name}" for name in FIELDS)})
    ON CONFLICT (name) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in FIELDS[1:])}
"""
PUT_PAGE = """
    INSERT INTO pages (document, page, report, todo, elements, before)
    VALUES (:document, :page, :report, :todo, :elements, :before)
    ON CONFLICT (document, page) DO UPDATE SET report = excluded.report, todo = excluded.todo,
    elements = excluded.elements, before = excluded.before
"""
STATE = """
    SELECT COUNT(*) AS documents, COALESCE(MAX(read_at), 0) AS read_at, COALESCE(SUM(next_page), 0) AS next_page,
    COALESCE(SUM(size), 0) AS size FROM documents
"""
SPACE = "corpus "  # begins the name of a corpus' schema
RAW = "bytes:"  # before the digits of a path that is no text


class Manifest:
    """In a file, or in the database of a `url`. Thread-safe; every method is one transaction, durable when it returns.
    Each raises like `Database`."""

    def __init__(self, path: Path, url: str = "") -> None:
        self.path, self._url = path, url
        if url and path.exists():
            Manifest(path).close()  # which an earlier version may have written
        self._db = Database(
            path,
            TABLES,
            url=url,
            space=SPACE + path.parent.name,
            added=ADDED,
            indexes=(UNFINISHED,),
            cure=self._cure,
            wal=True,
        )
        if not url and self._copy.exists() and not self.embedders():
            self.close()
            raise Damaged(f"{path} is empty, its last copy is not.", self._cure)

    def documents(self) -> list[DocumentRecord]:
        return [_record(row) for row in self._db.rows(f"{LISTED} ORDER BY name")]

    def get(self, name: str) -> DocumentRecord | None:
        rows = self._db.rows(f"{LISTED} WHERE name = :name", name=name)
        return _record(rows[0]) if rows else None

    def put(
        self, record: DocumentRecord, pages: Sequence[PageRecord] = (), after: Mapping[str, Any] | None = None
    ) -> None:
        """Save `record` and the pages that it now counts, together; `after` is the assembler's state before the page
        that follows them, if that was there already."""
        values = asdict(record) | {"state": json.dumps(record.state), "path": _path_in(record.path)}
        with self._db.transaction() as transaction:
            transaction.run(PUT, **values)
            if record.next_page == 1:
                transaction.run("DELETE FROM pages WHERE document = :name", name=record.name)
            transaction.each(PUT_PAGE, [_page_row(record.name, page) for page in pages])
            if after is not None:
                transaction.run(
                    "UPDATE pages SET before = :before WHERE document = :name AND page = :page",
                    before=json.dumps(after),
                    name=record.name,
                    page=pages[-1].report.page + 1,
                )

    def pages(self, name: str, first: int = 1, last: int = LAST_PAGE) -> dict[int, PageRecord]:
        """What is recorded of those pages of a document, by number."""
        query = "SELECT * FROM pages WHERE document = :name AND page BETWEEN :first AND :last ORDER BY page"
        records = map(_page, self._db.rows(query, name=name, first=first, last=last))
        return {one.report.page: one for one in records}

    def unfinished(self) -> list[tuple[str, int, Stage]]:
        """Pages of which something is still to do: document, number, what."""
        rows = self._db.rows("SELECT document, page, todo FROM pages WHERE todo != 0 ORDER BY document, page")
        return [(row["document"], row["page"], Stage(row["todo"])) for row in rows]

    def finish(self, stage: Stage, pages: Sequence[tuple[str, int]]) -> None:
        """`stage` of these pages, document and number, is done."""
        command = f"UPDATE pages SET todo = todo & ~{int(stage)} WHERE document = :document AND page = :page"
        with self._db.transaction() as transaction:
            transaction.each(command, [{"document": document, "page": page} for document, page in pages])

    def complete(self, now: float) -> None:
        """Documents of which nothing is left to do are done, at `now`."""
        self._db.run(
            "UPDATE documents SET status = 'done', read_at = :now WHERE status = 'partial' AND sha256 != ''"
            " AND next_page > pages AND name NOT IN (SELECT document FROM pages WHERE todo != 0)",
            now=now,
        )

    def reports(self, name: str) -> list[PageReport]:
        rows = self._db.rows("SELECT report FROM pages WHERE document = :name ORDER BY page", name=name)
        return [_report(row["report"]) for row in rows]

    def remove(self, name: str) -> None:
        with self._db.transaction() as transaction:
            transaction.run("DELETE FROM documents WHERE name = :name", name=name)
            transaction.run("DELETE FROM pages WHERE document = :name", name=name)

    def state(self) -> tuple[float, ...]:
        """Another once a document is there, gone, or has been read further."""
        (row,) = self._db.rows(STATE)
        return tuple(float(one) for one in row.values())

    def embedders(self) -> set[str]:
        """Names of the embedders that the corpus was made with; empty before anything was written."""
        return {row["name"] for row in self._db.rows("SELECT name FROM embedders")}

    def vectors(self) -> dict[str, VectorSpec]:
        """What those embedders fill."""
        return {row["name"]: VectorSpec(row["form"], row["dim"]) for row in self._db.rows("SELECT * FROM vectors")}

    def put_embedders(self, names: Sequence[str], vectors: Mapping[str, VectorSpec]) -> None:
        filled = [{"name": name, "form": spec.form, "dim": spec.dim} for name, spec in vectors.items()]
        with self._db.transaction() as transaction:
            command = "INSERT INTO embedders VALUES (:name) ON CONFLICT DO NOTHING"
            transaction.each(command, [{"name": name} for name in names])
            transaction.each("INSERT INTO vectors VALUES (:name, :form, :dim) ON CONFLICT DO NOTHING", filled)

    def elements(self) -> int:
        """How many the store must hold at least."""
        return sum(record.elements for record in self.documents())

    def forget_pages(self, record: DocumentRecord) -> None:
        """All of the document is to be read again."""
        self.put(replace(record, sha256="", status="partial", next_page=1, state={}, lossy=0, given_up=0.0, regions=0))

    def alone(self, taken: str, cure: str) -> Lease | Lock:
        """Held by whoever changes what the corpus holds: one process at a time, on any machine. Raises `CorpusLocked`
        with what is `taken`, by which one, and the `cure`."""
        if self._url:
            return Lease(self._url, self._db.space, taken, cure)
        return Lock(self.path.absolute().with_name("reading"), taken, cure)

    def check(self) -> None:
        """Raises `Damaged` when a page of the file is."""
        if self._url:
            return
        answer = self._db.rows("PRAGMA quick_check(1)")[0]["quick_check"]
        if answer != "ok":
            raise Damaged(f"{self.path} is damaged ({answer}).", self._cure)

    def keep_copy(self) -> None:
        """Beside the file, for `restore`: whole or not at all. Copies of a database are its server's to keep."""
        if not self._url:
            aside = self.path.with_suffix(".new")
            self._db.copy(aside)
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
        self._db.close()

    @property
    def _copy(self) -> Path:
        return self.path.with_suffix(".copy")

    @property
    def _cure(self) -> str:
        return f"Mend it with: triptych corpus check {self.path.parent.name} --repair"


def _record(row: "RowMapping") -> DocumentRecord:
    path = row["path"]
    if isinstance(path, str) and path.startswith(RAW):
        path = bytes.fromhex(path.removeprefix(RAW))
    return DocumentRecord(**{**row, "state": json.loads(row["state"]), "path": os.fsdecode(path)})


def _path_in(path: str) -> str:
    """A file may be called by any bytes: as digits where they are no text."""
    data = os.fsencode(path)
    return path if data.decode("utf-8", "replace") == path else RAW + data.hex()


def _report(stored: str) -> PageReport:
    values = json.loads(stored)
    return PageReport(**values | {"notes": tuple(values["notes"])})


def _page(row: "RowMapping") -> PageRecord:
    return PageRecord(_report(row["report"]), Stage(row["todo"]), row["elements"], json.loads(row["before"]))


def _page_row(document: str, page: PageRecord) -> dict[str, Any]:
    return {
        "document": document,
        "page": page.report.page,
        "report": json.dumps(asdict(page.report)),
        "todo": int(page.todo),
        "elements": page.elements,
        "before": json.dumps(page.before),
    }
