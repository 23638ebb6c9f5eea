"""A corpus moves from this process to a server, and back, without being read again."""

from contextlib import closing
from pathlib import Path

import pytest
from qdrant_double import Fault, qdrant_double
from staged import assert_same, held, write

from common.errors import UserError
from retrievers.library import Library
from retrievers.stores import server_errors
from retrievers.stores.base import Filter
from ui import cli


def test_a_corpus_moves_to_a_server_and_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "book.pdf", "tft")
    data, pictures = tmp_path / "data", ("outlines",)
    monkeypatch.setenv("TRIPTYCH_DATA_DIR", str(data))
    monkeypatch.setattr(server_errors.time, "sleep", lambda seconds: None)
    with qdrant_double() as double:
        monkeypatch.setenv("TRIPTYCH_QDRANT_URL", double.url)
        with closing(Library(data, image_embedders=pictures)) as library:
            corpus = library.open("c", create=True)
            corpus.ingest([tmp_path / "book.pdf"])
            expected = held(corpus)

        double.faults.append(Fault("/points", 503, "", times=2, applied=True))
        assert cli.main(["corpus", "move", "c", "--to", "server"]) == 0
        assert f"{len(expected):,} elements, all there" in capsys.readouterr().out

        monkeypatch.setenv("TRIPTYCH_STORE", "server")
        with closing(Library(data, image_embedders=pictures, store="server", qdrant_url=double.url)) as library:
            corpus = library.open("c")
            assert_same(held(corpus), expected)
            assert corpus.ingest([tmp_path / "book.pdf"]).unchanged == 1
            assert corpus.search("Which chapter lifts nine tons?")[0].element.page == 2

            assert library.move("c", "edge") == len(expected)  # what is there already is no hindrance
            gone = min(expected.values(), key=lambda one: one[0].order)[0]
            corpus.store.delete(Filter(orders=(gone.order, gone.order)))
            with pytest.raises(UserError, match="0 are not there, and 1 others are"):
                library.move("c", "edge")
            with pytest.raises(UserError, match="already"):
                library.move("c", "server")
