"""Embedders of pictures in a real corpus: what is found by pixels, and where on the page, with small trained models."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tiny_pages
import tiny_vision
from PIL import Image
from reportlab.pdfgen.canvas import Canvas
from tiny_pages import CELL, CELLS, PAGE
from tiny_vision import draw

from agent import Agent
from agent.events import Citation
from common.errors import UserError
from retrievers.elements import Hit
from retrievers.embedders.page_map import COLOUR
from retrievers.library import Corpus, Library
from ui.documents import evidence

SHOWN = {"a": "blue frame", "b": "blue stripes", "c": "red square", "d": "green stripes"}  # names say nothing
PLACES = {"red": (0, 2), "green": (3, 1), "blue": (1, 0), "yellow": (2, 3)}  # one page each: row, column of its cell


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"clip:{tiny_vision.trained(tmp_path_factory, 'clip')}"


@pytest.fixture(scope="module")
def colpali(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"colpali:{tiny_pages.trained(tmp_path_factory)}"


def save(picture: Image.Image, path: Path) -> Path:
    picture.resize((320, 320), Image.Resampling.NEAREST).save(path)
    return path


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("album")
    for name, caption in SHOWN.items():
        save(draw(caption), folder / f"{name}.png")
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def pictures(album: Path, data: Path, clip: str) -> Iterator[Corpus]:
    library = Library(data, image_embedders=[clip])
    corpus = library.open("album", create=True)
    corpus.ingest([album])
    yield corpus
    library.close()


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PDF without a word, a page for each colour."""
    path = tmp_path_factory.mktemp("atlas") / "atlas.pdf"
    canvas = Canvas(str(path), pagesize=(PAGE, PAGE))
    for colour, (row, column) in PLACES.items():
        canvas.setFillColor(colour)
        canvas.rect(column * CELL, PAGE - (row + 1) * CELL, CELL, CELL, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
    return path


@pytest.fixture(scope="module")
def pages(atlas: Path, tmp_path_factory: pytest.TempPathFactory, colpali: str) -> Iterator[Agent]:
    settings = {"image_embedders": colpali, "data_dir": tmp_path_factory.mktemp("pages")}
    with Agent.from_corpus(atlas, corpus="atlas", **settings) as agent:
        yield agent


def shown(hit: Hit) -> str:
    return SHOWN[Path(hit.element.document).stem]


@pytest.mark.parametrize("caption", SHOWN.values())
def test_words_find_the_picture(pictures: Corpus, caption: str) -> None:
    hit = pictures.search(caption)[0]
    assert (shown(hit), hit.element.kind) == (caption, "figure")
    assert "image #1" in hit.why


@pytest.mark.parametrize("caption", SHOWN.values())
def test_a_picture_finds_its_like_without_a_word(pictures: Corpus, tmp_path: Path, caption: str) -> None:
    asked = save(draw(caption, size=20, x=3, y=9), tmp_path / "asked.png")
    hit = pictures.search("", image=asked)[0]
    assert shown(hit) == caption
    assert hit.why == "image #1; no query word in common"


def test_a_picture_and_words_find_what_either_asks_for(pictures: Corpus, tmp_path: Path) -> None:
    asked = save(draw("red square", size=20, x=3, y=9), tmp_path / "asked.png")

    def found(image_share: float) -> list[str]:
        return [shown(hit) for hit in pictures.search("blue frame", image=asked, image_share=image_share)]

    assert found(0.0)[0] == "blue frame"
    assert found(1.0)[0] == "red square"
    assert set(found(0.5)[:2]) == {"blue frame", "red square"}


def test_kinds_and_documents_limit_what_is_looked_at(pictures: Corpus) -> None:
    assert pictures.search("red square", kinds=["table"]) == []
    assert {shown(hit) for hit in pictures.search("red square", documents=["a.png"])} == {"blue frame"}


@pytest.mark.parametrize("colour", PLACES)
def test_words_find_the_page(pages: Agent, colour: str) -> None:
    hit = pages.library.open("atlas").search(colour)[0]
    assert hit.element.page == list(PLACES).index(colour) + 1
    assert "page #1" in hit.why


@pytest.mark.parametrize(("colour", "place"), PLACES.items())
def test_the_map_shows_where_on_the_page(pages: Agent, colour: str, place: tuple[int, int]) -> None:
    corpus = pages.library.open("atlas")
    element = corpus.search(colour)[0].element
    painted = corpus.page_map(element, colour, PAGE)
    assert painted is not None
    strength = opacity(corpus.render(element, PAGE), painted)
    cells = strength.reshape(CELLS, CELL, CELLS, CELL).mean((1, 3))
    assert divmod(int(cells.argmax()), CELLS) == place


def test_the_evidence_panel_shows_the_map(pages: Agent) -> None:
    citation = Citation(1, pages.library.open("atlas").search("blue")[0])
    drawn = pages.map_image(citation, "blue")
    assert drawn is not None and drawn.exists()
    assert drawn == pages.map_image(citation, "blue") != pages.map_image(citation, "red")
    element = citation.hit.element
    page = evidence.DocumentPage("atlas", element.document, element.sha256, element.page, 1)
    source = evidence.Source(citation, [citation], 0)
    assert drawn.name in evidence.panel(page, source, drawn)
    assert "Where the page" not in evidence.panel(page, source)


def opacity(page: Image.Image, painted: Image.Image) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    """How much of the map's colour each place took, 0..1, by the channel in which it would change most."""
    before, after = np.asarray(page, dtype=float), np.asarray(painted, dtype=float)
    room = np.array(COLOUR) - before
    channel = np.abs(room).argmax(-1)[..., None]
    return (np.take_along_axis(after - before, channel, -1) / np.take_along_axis(room, channel, -1))[..., 0]


def test_without_an_embedder_of_pages_there_is_no_map(pictures: Corpus) -> None:
    assert pictures.page_map(pictures.search("red square")[0].element, "red square", PAGE) is None


def test_a_corpus_keeps_to_its_embedders_until_it_is_made_again(data: Path, album: Path, clip: str) -> None:
    seen = Library(data, image_embedders=[clip])
    seen.open("kept", create=True).ingest([album / "a.png"])
    seen.close()
    blind = Library(data)
    corpus = blind.open("kept")
    for act in (lambda: corpus.search("blue frame"), lambda: corpus.ingest([album])):
        with pytest.raises(
            UserError, match=r"made with the embedders bm25, clip:\S+, minilm, not bm25, minilm.*delete"
        ):
            act()
    blind.delete("kept")
    blind.open("kept", create=True).ingest([album / "a.png"])
    assert "image" not in blind.open("kept").search("blue frame")[0].ranks
    blind.close()


@pytest.mark.parametrize(("names", "reason"), [(["bm25"], "reads words"), (["clip", "clip"], "same vector")])
def test_embedders_that_cannot_be_are_refused(tmp_path: Path, names: list[str], reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        Library(tmp_path, image_embedders=names).open("new", create=True).search("anything")
