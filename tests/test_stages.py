"""Ingestion by stages: searchable by words at once, and in the end exactly what one pass over every page would give."""

import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from docx import Document
from staged import Found, assert_same, held, picture, write

from agent import Agent
from common.errors import UserError
from retrievers.embedders import load
from retrievers.ingestion.assemble import Assembler
from retrievers.ingestion.ingest import Progress
from retrievers.ingestion.records import Stage
from retrievers.ingestion.reports import page_report
from retrievers.ingestion.stages import meaning
from retrievers.library import Corpus, Library
from retrievers.packing import pack
from retrievers.parsers import open_document
from retrievers.parsers.rendering import WIDTH, region

STAGES = ("words", "scans", "meaning", "figures", "sights")
PICTURES = ("outlines",)


@pytest.fixture(scope="module")
def pile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stages") / "pile"
    folder.mkdir()
    write(folder / "book.pdf", "ttf", seed=1)
    write(folder / "mixed.pdf", "tsft", seed=2)
    write(folder / "sheet.pdf", "s", seed=3)
    picture("CLOSED ON", "SUNDAYS").save(folder / "sign.png")
    picture("SLACK WATER", "AT NOON").save(folder.parent / "tide.png")
    document = Document()
    document.add_heading("Tide tables", 1)
    document.add_paragraph("When the ferry may leave the harbour.")
    document.add_picture(str(folder.parent / "tide.png"))
    document.save(str(folder / "tides.docx"))
    (folder / "notes.md").write_text("# Notes\n\nThe lantern is lit at dusk.\n")
    return folder


def one_pass(path: Path) -> tuple[Found, list[Any]]:
    """What ingestion is to give of a file, by a plain loop over its pages: elements with vectors, page reports."""
    from retrievers.ingestion.sources import file_sha256

    words, lexical, looking = load("minilm"), load("bm25"), load("outlines")
    found: Found = {}
    reports = []
    with open_document(path) as document:
        assembler = Assembler(path.name, file_sha256(path), document.title)
        for number in range(1, document.page_count + 1):
            page = document.page(number)
            elements = [
                replace(one, stems=pack(lexical.page_stems(one.text))) if one.kind == "page" else one
                for one in assembler.place(page)
            ]
            reports.append(page_report(page, elements))
            named: dict[UUID, dict[str, Any]] = defaultdict(dict)
            for one, vector in zip(elements, lexical.embed_documents(elements), strict=True):
                named[one.id]["lexical"] = dict(zip(*vector, strict=True))
            regions = [one for one in elements if one.kind != "page"]
            for one, row in zip(regions, words.embed_documents(regions), strict=True):
                named[one.id]["text"] = row
            for one in elements:
                if one.kind == "page" and regions:
                    mean = np.mean([named[region_.id]["text"] for region_ in regions], axis=0)
                    named[one.id]["text"] = mean / np.linalg.norm(mean)
                if one.kind in looking.kinds:
                    crop = region(document.render(number, WIDTH), one.box)
                    named[one.id]["outlines"] = looking.embed_images([crop])[0]
            found |= {one.id: (one, named[one.id]) for one in elements}
    return found, reports


@pytest.fixture(scope="module")
def expected(pile: Path) -> tuple[Found, dict[str, list[Any]]]:
    found: Found = {}
    reports = {}
    for path in sorted(pile.iterdir()):
        of_file, reports[path.name] = one_pass(path)
        found |= of_file
    return found, reports


def opened(data: Path) -> Library:
    return Library(data, image_embedders=PICTURES, readers=1)


def test_all_stages_together_give_what_one_pass_gives(
    pile: Path, expected: tuple[Found, dict[str, list[Any]]], tmp_path: Path
) -> None:
    with closing(opened(tmp_path)) as library:
        corpus = library.open("c", create=True)
        report = corpus.ingest([pile])
        assert_same(held(corpus), expected[0])
        assert {record.name: corpus.page_reports(record.name) for record in corpus.documents()} == expected[1]
        assert {record.status for record in corpus.documents()} == {"done"}
        assert report.elements == corpus.store.count() == sum(record.elements for record in corpus.documents())
        assert report.pages == sum(map(len, expected[1].values()))
        assert sum(record.regions for record in corpus.documents()) == sum(
            one.kind != "page" for one, _ in expected[0].values()
        )
        again = corpus.ingest([pile])
        assert (again.pages, again.elements, again.unchanged) == (0, 0, len(expected[1]))


class Stop(Exception):
    """The ingestion is broken off from its own progress, as a crash would."""


def stopping(stage: str, pages: int = 0) -> Callable[[Progress], None]:
    """Breaks off when that many pages of a stage are done."""

    def tell(now: Progress) -> None:
        if now.stage == stage and now.pages_done > pages:
            raise Stop

    return tell


@pytest.fixture
def words_only(pile: Path, tmp_path: Path) -> Iterator[Corpus]:
    with closing(opened(tmp_path)) as library:
        corpus = library.open("c", create=True)
        with pytest.raises(Stop):
            corpus.ingest([pile], stopping("scans"))
        yield corpus


def test_words_are_found_before_anything_is_embedded(words_only: Corpus) -> None:
    assert not any("text" in vectors for _, vectors in held(words_only).values())
    hits = words_only.search("Which chapter of book is the third?")
    assert hits and hits[0].element.document == "book.pdf"
    hits = words_only.search("When is the lantern lit?", documents=["notes.md"])
    assert "dusk" in hits[0].element.text
    assert words_only.search("page 3 of book", documents=["book.pdf"])[0].element.page == 3
    todo = words_only._manifest.unfinished()
    assert ("mixed.pdf", 2, Stage.SCANS) in todo
    assert ("book.pdf", 3, Stage.MEANING | Stage.FIGURES | Stage.SIGHTS) in todo


@pytest.mark.parametrize("stage", STAGES)
def test_broken_off_in_any_stage_it_goes_on_there(
    stage: str, pile: Path, expected: tuple[Found, dict[str, list[Any]]], tmp_path: Path
) -> None:
    with closing(opened(tmp_path)) as library:
        corpus = library.open("c", create=True)
        with pytest.raises(Stop):
            corpus.ingest([pile], stopping(stage, 1))
        seen: list[str] = []
        corpus.ingest([pile], lambda now: seen.append(now.stage))
        assert set(seen) <= set(STAGES[STAGES.index(stage) :])
        assert_same(held(corpus), expected[0])
        assert {record.name: corpus.page_reports(record.name) for record in corpus.documents()} == expected[1]


@pytest.mark.parametrize("broken", ["scans", "figures"])
def test_a_file_changed_between_stages_leaves_nothing_of_its_old_self(broken: str, tmp_path: Path) -> None:
    path = tmp_path / "mixed.pdf"
    write(path, "tsf", seed=5)
    with closing(opened(tmp_path / "data")) as library:
        corpus = library.open("c", create=True)
        with pytest.raises(Stop):
            corpus.ingest([path], stopping(broken))
        write(path, "fst", seed=6)
        corpus.ingest([])  # of anything: what is unfinished is looked at
        found, reports = one_pass(path)
        assert_same(held(corpus), found)
        assert corpus.page_reports("mixed.pdf") == reports


def test_documents_asked_about_are_completed_first(tmp_path: Path) -> None:
    for name in "abcdef":
        (tmp_path / f"{name}.md").write_text(f"# Paper {name}\n\nOn the keel of boat {name}.\n")
    told: list[tuple[str, str]] = []
    with closing(opened(tmp_path / "data")) as library:
        corpus = library.open("c", create=True)

        def tell(now: Progress) -> None:
            told.append((now.stage, now.document))
            if len(told) == 6:  # the words of all are there
                assert corpus.search("keel of boat", documents=["e.md"])

        corpus.ingest([tmp_path / f"{name}.md" for name in "abcdef"], tell)
    meant = [document for stage, document in told if stage == "meaning"]
    assert meant[0] == "e.md" and sorted(meant) == [f"{name}.md" for name in "abcdef"]


def test_it_is_asked_while_it_reads_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the agent, from another thread: from what is there, with a word about it."""
    monkeypatch.setattr(meaning, "BATCH", 20)
    write(tmp_path / "log.pdf", "t" * 40, seed=8)
    (tmp_path / "harbour.md").write_text("# Harbour\n\nThe lighthouse of Skagen was built in 1858.\n")
    question, reached, asked = "When was the lighthouse of Skagen built?", threading.Event(), threading.Event()

    def tell(now: Progress) -> None:
        if now.stage == "meaning" and now.pages_done > 20:
            reached.set()
            assert asked.wait(60)

    with Agent(corpus="logs", data_dir=tmp_path / "data") as agent, ThreadPoolExecutor(1) as pool:
        files = [tmp_path / "log.pdf", tmp_path / "harbour.md"]
        ingestion = pool.submit(agent.ingest, files, progress=tell)
        assert reached.wait(120)
        try:
            early = agent.ask(question)
            alone = agent.ask("What is written about the keel?", documents=["log.pdf"])
        finally:
            asked.set()
        ingestion.result()
        late = agent.ask(question)
    assert "1858" in early.text and "1858" in late.text
    (told,) = [notice for notice in early.notices if "dense vectors" in notice]
    assert re.fullmatch(r'Of "logs" \d\d % has dense vectors.*: answers may improve\.', told)
    assert any("dense vectors" in notice for notice in alone.notices)
    assert not any("dense vectors" in notice for notice in late.notices)


def test_what_is_left_is_done_later_and_broken_off_with_the_corpus(tmp_path: Path) -> None:
    write(tmp_path / "log.pdf", "t" * 30 + "fs", seed=9)
    data = tmp_path / "data"
    with closing(opened(data)) as library:
        corpus = library.open("c", create=True)
        assert corpus.ingest([tmp_path / "log.pdf"], words_only=True).pages == 32
        assert corpus.search("What is written on page 7?")[0].element.page == 7
        begun = threading.Event()

        def slowly(now: Progress) -> None:
            begun.set()
            time.sleep(0.1)

        with ThreadPoolExecutor(1) as pool:
            completing = pool.submit(corpus.complete, slowly)
            assert begun.wait(60)
            library.close()
            with pytest.raises(UserError, match="closed while it was read"):
                completing.result()
    with closing(opened(data)) as library:
        corpus = library.open("c")
        assert corpus.readiness().notice
        corpus.complete()
        assert not corpus.readiness().notice
        assert_same(held(corpus), one_pass(tmp_path / "log.pdf")[0])
