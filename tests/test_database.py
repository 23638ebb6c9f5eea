"""What is kept in a Postgres database in place of SQLite files, and that it is taken over from them."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import staged
from agent_corpus import FILES, agent_over, write
from qdrant_double import qdrant_double
from sqlalchemy import text
from web import until

from agent import Agent
from common import postgres
from common.database import Database
from common.errors import CorpusLocked, UserError
from retrievers.ingestion.records import DocumentRecord, PageRecord, PageReport, Stage
from retrievers.library import Corpus, Library
from retrievers.manifests import Manifests
from ui.gate.sessions import Sessions
from ui.users.accounts import FILE, Accounts

PUMP = "How much does the pump weigh?"


def schemas(url: str) -> set[str]:
    return {name for name in postgres.schemas(url, "") if name.startswith("co")}


def test_a_corpus_is_read_renamed_and_deleted_with_its_records_there(database: str, tmp_path: Path) -> None:
    documents = write(tmp_path / "documents", FILES)
    with (
        closing(Library(tmp_path / "files")) as files,
        closing(Library(tmp_path / "data", database_url=database)) as data,
    ):
        expected = files.open("a", create=True)
        expected.ingest([documents])
        corpus = data.open("a", create=True)
        assert len(corpus.ingest([documents]).documents) == len(FILES)
        assert corpus.ingest([documents]).unchanged == len(FILES)
        assert corpus.documents() == expected.documents()
        assert corpus.page_reports("moons.md") == expected.page_reports("moons.md")
        before = corpus.state()
        corpus.remove("moons.md")
        assert corpus.state() != before
        data.rename("a", "b")
        assert data.names() == ["b"]
        assert [one.name for one in data.open("b").documents()] == ["planets.md", "pump.txt"]
        assert data.open("b").search(PUMP)[0].element.document == "pump.txt"
        with pytest.raises(UserError, match=r"too long for Postgres\. Use at most 56"):
            data.open("x" * 57, create=True)
        data.delete("b")
        assert data.names() == []
    assert not list((tmp_path / "data").rglob("*.sqlite*"))


def test_any_page_and_path_is_recorded(database: str, tmp_path: Path) -> None:
    """Paths that are no text, large files, and characters that Postgres does not take."""
    for url in ("", database):
        manifest = Manifests(tmp_path / "corpora", url).open("c")
        path = os.fsdecode(b"/tmp/\xff\xfe.txt")
        record = DocumentRecord(
            "a.txt", path, "0" * 64, pages=2, next_page=3, size=5_000_000_000, state={"order": 3, "title": "\0"}
        )
        pages = [PageRecord(PageReport(number), Stage.MEANING, 3, {"word": "\0"}) for number in (1, 2)]
        manifest.put(record, pages)
        manifest.put(record, pages[:1], after={"order": 9})
        assert manifest.get("a.txt") == record
        assert [one.before for one in manifest.pages("a.txt").values()] == [{"word": "\0"}, {"order": 9}]
        manifest.finish(Stage.MEANING, [("a.txt", 1)])
        assert manifest.unfinished() == [("a.txt", 2, Stage.MEANING)]
        manifest.close()
    with closing(Database(tmp_path / "x", ["CREATE TABLE IF NOT EXISTS x (word TEXT)"], url=database)) as there:
        there.run("INSERT INTO x VALUES (:word)", word="a\0b")
        assert [row["word"] for row in there.rows("SELECT word FROM x")] == ["a\ufffdb"]


def test_what_files_hold_is_taken_over(database: str, tmp_path: Path) -> None:
    """A laptop's data folder with a database: all is there, and goes on; once."""
    data = tmp_path / "data"
    with agent_over(tmp_path) as agent:
        agent.ask(PUMP, conversation="c")
        (turn,) = agent.conversations.turns("c")
        agent.conversations.rate(turn.id, True, "right")
        records = agent.library.open("test").documents()
    accounts = Accounts(data / FILE)
    ada, key = accounts.add("ada", "correct horse"), accounts.add_key("ada", "laptop")
    accounts.close()
    token = Sessions(data / "sessions.sqlite", "x").start("ada")
    assert Sessions(data / "sessions.sqlite", "x", database).user(token) == "ada"
    there = Accounts(data / FILE, database)
    assert there.of_key(key) == ada
    there.add("bob", None)
    for _ in range(2):
        with Agent(data_dir=data, corpus="test", database_url=database) as agent:
            assert agent.library.open("test").documents() == records
            first, *others = agent.conversations.turns("c")
            assert first == agent.conversations.turns("c")[0]
            assert first.said and first.feedback and first.feedback.word == "right"
            assert len(agent.conversations.newest(search="38 KG")) == 1
            agent.ask(PUMP, conversation="c")
            assert len(agent.conversations.turns("c")) == len(others) + 2
    assert len(Accounts(data / FILE, database).all()) == 2
    assert schemas(database) == {"conversations", "corpus test"}
    with closing(sqlite3.connect(data / "conversations.sqlite")) as file:
        assert file.execute("SELECT COUNT(*) FROM turn").fetchone() == (1,), "the file stays as it was"


def test_everybodys_conversations_are_apart(database: str, tmp_path: Path) -> None:
    from household import living

    with living(tmp_path, database_url=database) as home:
        for name in ("ada", "bob"):
            with home.browser(name) as browser:
                assert browser.get("/config").status_code == 200
        ids = {home.accounts.named(name).id for name in ("ada", "bob")}
    assert {f"conversations {id}" for id in ids} <= schemas(database)


def test_a_lease_that_was_lost_is_told(database: str, tmp_path: Path) -> None:
    manifests = Manifests(tmp_path, database)
    with (
        closing(manifests.open("c")) as one,
        closing(manifests.open("c")) as other,
        closing(manifests.open("d")) as third,
    ):
        lease = one.alone("It is read", "Wait.")
        third.alone("Another is read", "Wait.").release()
        with pytest.raises(CorpusLocked, match=rf"It is read in another process: triptych on .* \(pid {os.getpid()}\)"):
            other.alone("It is read", "Wait.")
        lease.check()
        with psycopg.connect(database, autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        with pytest.raises(UserError, match="cannot be reached"):
            lease.check()
        other.alone("It is read", "Wait.").release()
        lease.release()


def test_a_reading_whose_lease_is_lost_ends(database: str, tmp_path: Path) -> None:
    """It writes no more, and the next one completes it."""
    documents = write(tmp_path / "documents", FILES)
    with closing(Library(tmp_path / "data", database_url=database)) as library:
        corpus = library.open("c", create=True)

        def lose(_: object) -> None:
            with postgres.engine(database).connect() as admin:
                kill = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                admin.execute(text(kill))

        with pytest.raises(UserError, match="cannot be reached"):
            corpus.ingest([documents], lose)
        assert [one.status for one in corpus.documents()] != ["done"] * len(FILES)
        assert not corpus.ingest([documents]).failed
        assert [one.status for one in corpus.documents()] == ["done"] * len(FILES)


DRIVER = """
import sys
from pathlib import Path
from retrievers.library import Corpus, Library

def tell(now):
    print("page", flush=True)
    sys.stdin.readline()

with Library(Path(sys.argv[1]), readers=1, store="server", qdrant_url=sys.argv[2], database_url=sys.argv[3]).open(
    "c", create=True
) as corpus:
    corpus.ingest([Path(sys.argv[4])], tell)
"""


@pytest.mark.parametrize("pages", [3, 9])
def test_who_reads_keeps_others_out_until_killed_and_all_is_completed(
    pages: int, database: str, tmp_path: Path
) -> None:
    pile = tmp_path / "pile"
    pile.mkdir()
    staged.write(pile / "book.pdf", "ttt", seed=3)
    staged.write(pile / "mixed.pdf", "tft", seed=4)
    with closing(Library(tmp_path / "expected")) as library:
        expected = library.open("c", create=True)
        expected.ingest([pile])
        wanted, records = staged.held(expected), expected.documents()
    with qdrant_double() as double:  # the other has nothing of the first but this and the database
        where = {"store": "server", "qdrant_url": double.url, "database_url": database}
        command = [sys.executable, "-c", DRIVER, str(tmp_path / "data"), double.url, database, str(pile)]
        paths = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        with (
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=paths) as driver,
            closing(Library(tmp_path / "other", **where)) as library,
        ):
            assert driver.stdin and driver.stdout
            try:
                for _ in range(pages):
                    assert driver.stdout.readline() == "page\n"
                    print(file=driver.stdin, flush=True)
                corpus = library.open("c")
                with pytest.raises(CorpusLocked, match=rf"\(pid {driver.pid}\)"):
                    corpus.ingest([pile])
            finally:
                driver.kill()
            driver.wait()
            until(lambda: _is_free(corpus))
            corpus.ingest([pile])
            staged.assert_same(staged.held(corpus), wanted)
            assert corpus.documents() == records


def _is_free(corpus: Corpus) -> bool:
    """The server notices a moment later that a connection is gone."""
    try:
        corpus._manifest.alone("It is read", "Wait.").release()
    except CorpusLocked:
        return False
    return True
