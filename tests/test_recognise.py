"""A picture that was sent is known again without a model: by its outlines, the words in it, and what its file says."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, PngImagePlugin
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from agent import Agent, Settings
from agent.tools import search as search_tool
from agent.tools.base import Scope
from retrievers.library import Corpus, Library
from retrievers.parsers.images import ImageDocument
from ui.cli import main

SHAPES = ("ring", "cross", "stairs", "wedge")  # one page of shapes.pdf each, in this order


def drawn(shape: str) -> Image.Image:
    image = Image.new("RGB", (400, 300), "white")
    pen = ImageDraw.Draw(image)
    if shape == "ring":
        pen.ellipse((90, 40, 310, 260), outline="darkred", width=30)
    elif shape == "cross":
        pen.line((40, 40, 360, 260), fill="navy", width=30)
        pen.line((360, 40, 40, 260), fill="navy", width=30)
    elif shape == "stairs":
        for step in range(4):
            pen.rectangle((40 + 80 * step, 240 - 60 * step, 120 + 80 * step, 280), fill="darkgreen")
    else:
        pen.polygon([(50, 50), (350, 150), (50, 250)], fill="orange")
    return image


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    folder = tmp_path_factory.mktemp("shapes")
    canvas = Canvas(str(folder / "shapes.pdf"), pagesize=(600, 800))
    for number, shape in enumerate(SHAPES, start=1):
        canvas.drawString(60, 740, f"Plate {number}, described at length in the accompanying catalogue of forms.")
        canvas.drawImage(ImageReader(drawn(shape)), 100, 300, 400, 300)
        canvas.showPage()
    canvas.save()
    (folder / "catalogue.md").write_text("The ring is forged of iron. The wedge is carved from oak.\n")
    library = Library(tmp_path_factory.mktemp("data"), image_embedders=Settings().image_embedders)
    made = library.open("shapes", create=True)
    made.ingest([folder])
    yield made
    library.close()


def sent(image: Image.Image, folder: Path, name: str = "sent.jpg", **options: object) -> Path:
    image.save(folder / name, **options)
    return folder / name


def _framed(image: Image.Image) -> Image.Image:
    frame = Image.new("RGB", (image.width + 40, image.height + 30), "white")
    frame.paste(image, (20, 15))
    return frame


ALTERED = {
    "smaller": lambda image: image.resize((130, 98)),
    "framed": _framed,
    "grey": lambda image: image.convert("L"),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("altered", ALTERED)
def test_a_figure_is_known_again(corpus: Corpus, tmp_path: Path, shape: str, altered: str) -> None:
    asked = sent(ALTERED[altered](drawn(shape)), tmp_path, quality=60)
    hit = corpus.search("", image=asked)[0]
    assert (hit.element.document, hit.element.page, hit.element.kind) == (
        "shapes.pdf",
        SHAPES.index(shape) + 1,
        "figure",
    )
    assert "outlines #1" in hit.why


def test_a_stranger_is_not_taken_for_a_figure(corpus: Corpus, tmp_path: Path) -> None:
    stranger = Image.radial_gradient("L").resize((400, 300))
    assert corpus.search("", image=sent(stranger, tmp_path)) == []


def test_words_are_looked_up_beside_the_picture(corpus: Corpus, tmp_path: Path) -> None:
    hits = corpus.search("carved from oak", image=sent(drawn("cross"), tmp_path))
    assert [(hit.element.document, hit.element.page) for hit in hits[:2]] == [("shapes.pdf", 2), ("catalogue.md", 1)]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({(hit.element.document, hit.element.page) for hit in hits}) == len(hits)


def test_of_two_pictures_each_is_known_however_the_other_ranks_its_page(corpus: Corpus, tmp_path: Path) -> None:
    pictures = tuple(sent(drawn(shape), tmp_path, f"{shape}.jpg") for shape in ("ring", "cross"))
    call = {"type": "tool_call", "id": "1", "name": "search", "args": {"query": "Which plate of the catalogue is it?"}}
    hits = search_tool.build(Scope(corpus, images=pictures)).invoke(call).artifact
    known = [hit.element.page for hit in hits if hit.ranks.get("outlines") == 1]
    assert known == [1, 2]


def test_kinds_and_documents_limit_what_is_recognised(corpus: Corpus, tmp_path: Path) -> None:
    asked = sent(drawn("ring"), tmp_path)
    assert corpus.search("", image=asked, documents=["catalogue.md"]) == []
    assert corpus.search("", image=asked, kinds=["table"]) == []


def test_what_the_file_says_of_its_picture_is_looked_up(corpus: Corpus, tmp_path: Path) -> None:
    said = PngImagePlugin.PngInfo()
    said.add_text("Description", "forged of iron")
    plain = Image.new("RGB", (200, 200), "white")
    hit = corpus.search("", image=sent(plain, tmp_path, "said.png", pnginfo=said))[0]
    assert hit.element.document == "catalogue.md"
    assert {"forged", "iron"} <= set(hit.terms)


def test_descriptions_of_every_kind_are_read(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "A heron\nin the marsh"
    exif[0x9C9B] = "Reiher\x00".encode("utf-16-le")
    with ImageDocument(sent(drawn("ring"), tmp_path, "a.jpg", exif=exif)) as picture:
        assert picture.description == "A heron in the marsh Reiher"
        assert picture.page(1).blocks[0].caption == "a. A heron in the marsh Reiher"
    with ImageDocument(sent(drawn("ring"), tmp_path, "b.png")) as picture:
        assert picture.description == ""


@pytest.fixture(scope="module")
def data(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that an agent with the settings of every user made."""
    folder = tmp_path_factory.mktemp("agent")
    source = next(record.path for record in corpus.documents() if record.name == "shapes.pdf")
    with Agent.from_corpus(source, corpus="shapes", data_dir=folder):
        return folder


def test_the_agent_cites_the_page_that_shows_the_picture(data: Path, tmp_path: Path) -> None:
    asked = sent(drawn("stairs").resize((200, 150)), tmp_path)
    with Agent(corpus="shapes", data_dir=data) as agent:
        answer = agent.ask("On which page is this picture?", images=[asked])
    assert answer.found
    assert answer.text.startswith("Your picture is")
    assert (answer.citations[0].hit.element.document, answer.citations[0].hit.element.page) == ("shapes.pdf", 3)


def test_the_command_line_looks_for_a_picture(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--corpus", "shapes", "--data-dir", str(data)]
    asked = sent(drawn("wedge"), tmp_path)
    assert main(["search", "--image", str(asked), "--json", *where]) == 0
    assert json.loads(capsys.readouterr().out)["hits"][0]["page"] == 4
    assert main(["search", "--image", str(tmp_path / "none.png"), *where]) == 2
    assert "none.png" in capsys.readouterr().err
    assert main(["search", *where]) == 2
    assert "--image" in capsys.readouterr().err
