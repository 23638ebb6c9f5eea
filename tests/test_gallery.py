"""Pictures ranked by another picture and a question, in the embedded store, by embedders that need no download."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from common.errors import BadDocument, CorpusLocked
from retrievers.elements import WHOLE_PAGE, Element
from retrievers.embedders.outlines import Outlines
from retrievers.library import Library
from retrievers.search.gallery import Gallery
from retrievers.search.image_search import recognise
from retrievers.stores import STORES
from retrievers.stores.base import Point


@dataclass(frozen=True)
class Kept:
    id: str
    image: Path
    question: str = ""


def drawn(kind: str, colour: str = "black", shift: int = 0) -> Image.Image:
    image = Image.new("RGB", (90, 70), "white")
    pen, box = ImageDraw.Draw(image), (20 + shift, 15, 70 + shift, 55)
    {"ring": pen.ellipse, "box": pen.rectangle}[kind](box, outline=colour, width=4)
    return image


@pytest.fixture
def pictures(tmp_path: Path) -> list[Kept]:
    kept = []
    for kind, question in (("ring", "Which flaw is this?"), ("box", "How old is the valve?")):
        drawn(kind).save(tmp_path / f"{kind}.png")
        kept.append(Kept(kind, tmp_path / f"{kind}.png", question))
    return kept


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    library = Library(tmp_path / "data")
    yield library.gallery
    library.close()


def best(scores: Sequence[float]) -> int:
    return int(np.argmax(scores))


@pytest.mark.parametrize("kind", ["ring", "box"])
def test_the_picture_that_looks_like_the_asked_one_ranks_first(gallery, pictures, kind):
    gallery.hold(pictures)
    scores = gallery.alike(drawn(kind, shift=3), "", pictures)
    assert pictures[best(scores)].id == kind
    same = gallery.alike(drawn(kind), "", pictures)
    assert max(same) == pytest.approx(1, abs=1e-4)
    assert same[::-1] == pytest.approx(gallery.alike(drawn(kind), "", pictures[::-1]))


def test_questions_are_compared_with_questions(gallery, pictures):
    alike = [Kept(f"{kept.id}, again", pictures[0].image, kept.question) for kept in pictures]
    gallery.hold(alike)
    assert best(gallery.alike(drawn("ring"), "What kind of defect do you see?", alike)) == 0
    assert best(gallery.alike(drawn("ring"), "What is the age of this valve?", alike)) == 1


def test_it_holds_what_it_was_told_last_also_after_a_restart(tmp_path, pictures):
    with pytest.raises(KeyError):
        ask_anew(tmp_path, pictures[:1], pictures)
    assert len(ask_anew(tmp_path, pictures, pictures)) == 2
    pictures[0].image.unlink()  # known by now: not read again
    assert len(ask_anew(tmp_path, pictures, pictures)) == 2
    ask_anew(tmp_path, pictures[1:], pictures[1:])
    with pytest.raises(BadDocument, match=r"ring\.png cannot be read"):
        ask_anew(tmp_path, pictures, pictures)


def ask_anew(tmp_path: Path, held: Sequence[Kept], asked: Sequence[Kept]) -> list[float]:
    library = Library(tmp_path / "data")
    try:
        library.gallery.hold(held)
        return library.gallery.alike(drawn("ring"), "", asked)
    finally:
        library.close()


def test_a_second_process_is_told_that_it_is_open(tmp_path, pictures):
    first, second = Library(tmp_path / "data"), Library(tmp_path / "data")
    first.gallery.hold(pictures)
    with pytest.raises(CorpusLocked):
        second.gallery.hold(pictures)
    first.close()
    second.gallery.hold(pictures)
    second.close()


def test_outlines_are_of_edges_and_colours_whichever_is_darker():
    embedder = Outlines()
    shapes = [drawn("ring"), drawn("box"), ImageOps.invert(drawn("ring")), drawn("ring", "red"), Image.new("L", (9, 9))]
    vectors = np.array(embedder.embed_images(shapes))
    assert vectors.shape == (5, embedder.info.spec.dim)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    ring, box, inverted, red, black = vectors @ vectors[0]
    assert ring > red > box > black
    assert inverted > box


def test_of_a_store_only_the_documents_and_kinds_asked_for_are_looked_at(tmp_path: Path) -> None:
    looking = Outlines()
    store = STORES.get("edge")(tmp_path / "store", {looking.info.vector: looking.info.spec})
    ring, box = looking.embed_images([drawn("ring"), drawn("box")])
    places = [("a.pdf", ring), ("b.pdf", box), ("c.pdf", ring)]
    store.upsert(
        [
            Point(Element(name, "0", 1, "figure", name, WHOLE_PAGE, order), {looking.info.vector: vector})
            for order, (name, vector) in enumerate(places)
        ]
    )

    def names(**only: Any) -> set[str]:
        return {match.element.document for match in recognise(store, looking, drawn("ring"), **only)}

    assert names() == {"a.pdf", "c.pdf"}
    assert names(documents=["c.pdf", "b.pdf"]) == {"c.pdf"}
    assert names(documents=["b.pdf"]) == set()
    assert names(kinds=["figure"]) == {"a.pdf", "c.pdf"}
    assert names(kinds=["text"]) == set()
    store.close()
