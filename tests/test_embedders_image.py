"""Embedders of pictures, with small models of the real classes that the tests make, train and load from a folder."""

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny_pages
import tiny_vision
from PIL import Image
from tiny_pages import CELL, CELLS, PAGE, draw_page
from tiny_vision import CAPTIONS, COLOURS, draw

from common.errors import UserError
from retrievers import embedders
from retrievers.elements import WHOLE_PAGE, Element
from retrievers.embedders import clip, colpali
from retrievers.embedders.clip import Clip
from retrievers.embedders.colpali import ColPali
from retrievers.embedders.page_map import paint, similarity_map
from retrievers.embedders.pictures import compose
from retrievers.stores import STORES
from retrievers.stores.base import Dense, Point, Prefetch, VectorSpec

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module", params=["clip", "siglip", "siglip2"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained dual encoder."""
    return tiny_vision.trained(tmp_path_factory, request.param)


@pytest.fixture(scope="module")
def encoder(folder: Path) -> Clip:
    return Clip(str(folder))


def pictures(seed: int) -> list[Image.Image]:
    """One of each caption, where training has not put them."""
    chance = random.Random(seed)
    return [draw(caption, **tiny_vision.anywhere(chance)) for caption in CAPTIONS]


def right(queries: list[Dense], documents: list[Dense]) -> float:
    """Share of queries whose own document ranks first."""
    first = (np.array(queries) @ np.array(documents).T).argmax(1)
    return float((first == np.arange(len(queries))).mean())


def test_words_find_the_picture(encoder: Clip) -> None:
    queries = [encoder.embed_query(caption) for caption in CAPTIONS]
    shares = [right(queries, encoder.embed_images(pictures(seed))) for seed in (101, 102)]
    assert np.mean(shares) >= 0.9


def test_a_picture_finds_its_like_elsewhere_in_the_frame(encoder: Clip) -> None:
    queries = [encoder.embed_image_query(picture) for picture in pictures(103)]
    assert right(queries, encoder.embed_images(pictures(104))) >= 0.9


@pytest.mark.parametrize(("shown", "said"), [("red frame", "blue frame"), ("green stripes", "yellow stripes")])
def test_a_composed_query_finds_what_either_half_asks_for(encoder: Clip, shown: str, said: str) -> None:
    documents = np.array(encoder.embed_images(pictures(105)))
    picture = draw(shown, **tiny_vision.anywhere(random.Random(7)))

    def ranked(image_share: float) -> list[str]:
        order = (documents @ encoder.embed_composed_query(said, picture, image_share)).argsort()[::-1]
        return [CAPTIONS[number] for number in order]

    assert ranked(1.0)[0] == shown
    assert ranked(0.0)[0] == said
    assert {shown, said} <= set(ranked(0.5)[:5])
    assert ranked(0.5).index(said) <= ranked(1.0).index(said)
    assert ranked(0.5).index(shown) <= ranked(0.0).index(shown)


def test_vectors_have_unit_length_and_the_stated_dimension(encoder: Clip) -> None:
    both = [*encoder.embed_images(pictures(1)), *encoder.embed_texts(CAPTIONS)]
    assert {len(vector) for vector in both} == {encoder.info.spec.dim}
    assert np.allclose(np.linalg.norm(both, axis=1), 1.0, atol=1e-5)
    assert encoder.embed_images([]) == []


def test_many_pictures_are_embedded_as_each_alone(encoder: Clip) -> None:
    many = [*pictures(1), *pictures(2)]
    assert len(many) > clip.BATCH
    alone = [encoder.embed_images([picture])[0] for picture in many]
    assert np.allclose(encoder.embed_images(many), alone, atol=1e-5)


def test_the_instruction_goes_before_the_query_only(folder: Path, encoder: Clip) -> None:
    told = Clip(str(folder), instruction="red ")
    assert np.allclose(told.embed_query("square"), encoder.embed_query("red square"), atol=1e-6)
    assert np.allclose(told.embed_texts(["square"]), encoder.embed_texts(["square"]), atol=1e-6)


def test_siglip_reads_capitals_as_it_was_trained(encoder: Clip, folder: Path) -> None:
    if encoder.tokens(["red"]).get("attention_mask") is None:  # the SigLIP families see their padding
        assert encoder.embed_query("RED Square") == encoder.embed_query("red square")
        assert encoder.tokens(["red"])["input_ids"].shape == (1, tiny_vision.TEXT)
    assert len(encoder.embed_query("red " * 100)) == encoder.info.spec.dim  # cut, not refused


def test_a_transparent_picture_stands_on_white(encoder: Clip) -> None:
    solid = draw("red frame")
    clear = solid.convert("RGBA")
    clear.putalpha(Image.fromarray(np.where(np.array(solid.convert("L")) == 255, 0, 255).astype(np.uint8)))
    assert np.allclose(encoder.embed_images([clear]), encoder.embed_images([solid]), atol=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (200, 2), (3, 90)])
def test_slivers_are_pictures_too(encoder: Clip, size: tuple[int, int]) -> None:
    assert np.isfinite(encoder.embed_images([Image.new("RGB", size, "blue")])).all()


def test_compose_refuses_more_than_the_whole() -> None:
    with pytest.raises(ValueError, match="share"):
        compose([1.0, 0.0], [0.0, 1.0], 1.5)


WRITERS = {
    "colpali": tiny_pages.write_colpali,
    "colqwen2": tiny_pages.write_colqwen2,
    "colmodernvbert": tiny_pages.write_colmodernvbert,
}


@pytest.fixture(scope="module", params=WRITERS)
def pager(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ColPali:
    """A page embedder that has learned nothing."""
    return ColPali(str(WRITERS[request.param](tmp_path_factory.mktemp(request.param))))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> ColPali:
    """A ColPali that knows the colours."""
    return ColPali(str(tiny_pages.trained(tmp_path_factory)))


def cell_of(similarity: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]") -> tuple[int, int]:
    """The cell of the page in which a map [rows, cols] peaks."""
    rows, cols = similarity.shape
    row, col = divmod(int(similarity.argmax()), cols)
    return row * CELLS // rows, col * CELLS // cols


def search(tmp_path: Path, embedder: ColPali, pages: list[Image.Image], queries: list[list[list[float]]]) -> list[int]:
    """For each query the number (from 1) of the page that the real store ranks first."""
    store = STORES.get("edge")(tmp_path / "store", {"page": embedder.info.spec})
    store.upsert(
        [
            Point(Element("a.pdf", "v1", number, "page", "", WHOLE_PAGE, number), {"page": vectors})
            for number, vectors in enumerate(embedder.embed_images(pages), start=1)
        ]
    )
    found = [store.search([Prefetch("page", query)], 1)[0].element.page for query in queries]
    [element] = [element for element in store.scroll() if element.page == 1]
    stored = np.array(store.vectors([element.id], "page")[element.id])
    assert np.allclose(stored, embedder.embed_images(pages[:1])[0], atol=1e-4)  # in order: patches still come first
    store.close()
    return found


def coloured(seed: int) -> dict[str, tuple[int, int]]:
    """A cell for each colour."""
    chance = random.Random(seed)
    return {colour: tiny_pages.anywhere(chance) for colour in COLOURS}


def test_patches_come_row_by_row(pager: ColPali) -> None:
    """Each patch answers for its own place: colour one cell, and it is there that the vectors change most."""
    blank = pager.embed_pages([draw_page({})])[0]
    for place in ((0, 0), (0, 3), (1, 2), (2, 1), (3, 0), (3, 3)):
        page = pager.embed_pages([draw_page({place: "red"})])[0]
        change = np.linalg.norm(page.patches - blank.patches, axis=1)
        assert cell_of(change.reshape(page.rows, page.cols)) == place


def test_a_page_is_first_for_its_own_patches(pager: ColPali, tmp_path: Path) -> None:
    pages = [draw_page({place: colour}) for colour, place in coloured(1).items()]
    queries = [pager.embed_image_query(page) for page in pages]
    assert search(tmp_path, pager, pages, queries) == [1, 2, 3, 4]


def test_pages_of_different_shapes_share_a_batch(pager: ColPali) -> None:
    shapes = [Image.new("RGB", size, "green") for size in ((PAGE, PAGE), (PAGE, PAGE // 2), (30, 60))]
    together = pager.embed_pages(shapes)
    for shape, page in zip(shapes, together, strict=True):
        [alone] = pager.embed_pages([shape])
        assert (page.rows, page.cols) == pager.grid(shape) == (alone.rows, alone.cols)
        assert np.allclose(page.vectors, alone.vectors, atol=1e-4)
        assert len(page.patches) == page.rows * page.cols < len(page.vectors)
        assert page.vectors.shape[1] == pager.info.spec.dim
        assert np.allclose(np.linalg.norm(page.vectors, axis=1), 1.0, atol=1e-4)


def test_the_instruction_is_no_part_of_what_was_asked(pager: ColPali) -> None:
    told = ColPali(pager.info.source, instruction="Describe the image red ")
    question = told.embed_question("green blue")
    assert question.tokens[question.asked] == ("green", "blue")
    assert len(question.vectors) == len(question.tokens) > len(pager.embed_query("green blue"))


def test_words_find_the_page(trained: ColPali, tmp_path: Path) -> None:
    pages = [draw_page({place: colour}) for colour, place in coloured(2).items()]
    queries = [trained.embed_query(colour) for colour in COLOURS]
    assert search(tmp_path, trained, pages, queries) == [1, 2, 3, 4]


def test_the_map_peaks_where_the_answer_is(trained: ColPali) -> None:
    for colour, place in coloured(3).items():
        [page] = trained.embed_pages([draw_page({place: colour})])
        question = trained.embed_question(colour)
        similarity = similarity_map(question.vectors[question.asked], page.patches, page.rows, page.cols)
        assert similarity.shape == (1, CELLS, CELLS)
        assert cell_of(similarity[0]) == place


def test_a_page_lights_up_where_a_patch_of_it_is_sought(pager: ColPali) -> None:
    [page] = pager.embed_pages([draw_page({(2, 1): "red", (0, 3): "blue"})])
    similarity = similarity_map(page.patches, page.patches, page.rows, page.cols)
    assert np.allclose([patch.flat[number] for number, patch in enumerate(similarity)], 1.0, atol=1e-4)
    assert np.allclose(similarity.max((1, 2)), 1.0, atol=1e-4)


def test_the_painted_page_is_coloured_where_the_map_peaks() -> None:
    similarity = np.zeros((2, CELLS, CELLS), dtype=np.float32)
    similarity[1, 2, 1] = 0.5
    page = Image.new("RGB", (PAGE, PAGE), "white")
    painted = np.array(paint(page, similarity))[:, :, 2]  # the less blue, the hotter
    assert painted[2 * CELL + CELL // 2, CELL + CELL // 2] < 120
    assert painted[0, -1] == 255
    assert np.array_equal(np.array(paint(page, np.ones((3, 2), dtype=np.float32))), np.array(page))


def test_a_map_of_the_wrong_grid_is_refused() -> None:
    with pytest.raises(ValueError, match="5 patches are not 2 rows of 2"):
        similarity_map(np.ones((1, 3)), np.ones((5, 3)), 2, 2)


def test_records_are_listed_without_weights_or_torch() -> None:
    lines = (
        "import sys; from retrievers.embedders import EMBEDDERS, clip, colpali",
        "infos = [EMBEDDERS.get(name).info for name in EMBEDDERS.names()]",
        "infos += [*clip.MODELS.values(), *colpali.MODELS.values()]",
        "assert all(info.licence and info.source and info.modality for info in infos)",
        "assert not {'torch', 'transformers'} & set(sys.modules)",
    )
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True)
    assert {embedders.EMBEDDERS.get(name).info.vector for name in ("clip", "colpali")} == {"image", "page"}


def test_the_record_of_a_folder_is_read_from_its_configuration(pager: ColPali, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((Path(pager.info.source) / "config.json").read_bytes())
    assert ColPali(str(tmp_path)).info.spec == VectorSpec("multi", tiny_pages.DIM)


def test_a_checkpoint_is_named_after_its_embedder(folder: Path) -> None:
    loaded = embedders.load(f"clip:{folder}")
    assert isinstance(loaded, Clip)
    assert loaded.info.source == str(folder)
    assert loaded is embedders.load(f"clip:{folder}")
    assert isinstance(embedders.load("retrievers.embedders.bm25:BM25"), embedders.EMBEDDERS.get("bm25"))
    with pytest.raises(UserError, match="its own model"):
        embedders.load("minilm:elsewhere")


def test_what_is_no_model_of_pictures_is_refused_with_the_cure(tmp_path: Path) -> None:
    from transformers import BertConfig

    with pytest.raises(UserError, match="hf download"):
        Clip(str(tmp_path / "nothing"))
    BertConfig().save_pretrained(tmp_path)
    for make, families in ((Clip, clip.FAMILIES), (ColPali, colpali.FAMILIES)):
        with pytest.raises(UserError, match=f"'bert'.*{min(families)}"):
            make(str(tmp_path))


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    made = tiny_vision.write_dual_encoder(tmp_path, "siglip")
    (made / "model.safetensors").rename(made / "pytorch_model.bin")
    with pytest.raises(UserError, match="safetensors"):
        Clip(str(made)).embed_query("red square")
