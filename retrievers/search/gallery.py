"""Pictures and the questions asked of them, kept in a vector store to be ranked against another picture and question.

Nearest by image and text, as ModICT (arXiv 2402.11574) picks demonstrations. What is said of a picture is not compared:
it is the answer that is looked for.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from common.errors import BadDocument
from retrievers.elements import WHOLE_PAGE, Element
from retrievers.embedders.base import Embedder
from retrievers.embedders.pictures import SeesPictures
from retrievers.stores.base import Filter, Point, Prefetch, Vector, VectorSpec, VectorStore

if TYPE_CHECKING:
    from PIL.Image import Image

HELD = 32  # pictures in memory at once


class Picture(Protocol):
    """`id`: changes with the picture and its question; `image`: its file."""

    @property
    def id(self) -> str: ...
    @property
    def image(self) -> Path: ...
    @property
    def question(self) -> str: ...


class Gallery:
    """`make_store` is called on first use with the vectors that `words` and `sight`, one vector a picture, fill."""

    def __init__(
        self, make_store: Callable[[Mapping[str, VectorSpec]], VectorStore], words: Embedder, sight: SeesPictures
    ) -> None:
        self._make_store, self._words, self._sight = make_store, words, sight
        self._lock = threading.Lock()

    @cached_property
    def _store(self) -> VectorStore:
        return self._make_store({embedder.info.vector: embedder.info.spec for embedder in (self._words, self._sight)})

    def hold(self, pictures: Sequence[Picture]) -> None:
        """Make these its pictures: new ones are embedded, others forgotten. Raises `CorpusLocked`, `BadDocument`."""
        wanted = {picture.id: picture for picture in pictures}
        with self._lock:
            held = {element.document for element in self._store.scroll()}
            if gone := held - wanted.keys():
                self._store.delete(Filter(documents=tuple(gone)))
            new = [picture for id_, picture in wanted.items() if id_ not in held]
            for start in range(0, len(new), HELD):
                self._store.upsert(self._points(new[start : start + HELD]))
            self._store.flush()

    def alike(self, image: "Image", question: str, pictures: Sequence[Picture]) -> list[float]:
        """How like `image` each picture is, by cosine; with a question, plus how like that its own question is.

        They must be held.
        """
        only = Filter(documents=tuple(picture.id for picture in pictures))
        asked = [Prefetch(self._sight.info.vector, self._sight.embed_image_query(image), len(pictures), filter=only)]
        if question.strip():
            vector = self._words.embed_query(question)
            asked.append(Prefetch(self._words.info.vector, vector, len(pictures), filter=only))
        with self._lock:
            found = self._store.search(asked, len(pictures)) if pictures else []
        scores = {match.element.document: sum(place.score for place in match.places.values()) for match in found}
        return [scores[picture.id] for picture in pictures]

    def close(self) -> None:
        with self._lock:
            if "_store" in self.__dict__:
                self._store.close()
                del self._store

    def _points(self, pictures: Sequence[Picture]) -> list[Point]:
        elements = [_element(picture) for picture in pictures]
        seen = self._sight.embed_images([_open(picture.image) for picture in pictures])
        asked = [element for element in elements if element.text]
        read = dict(zip((element.id for element in asked), self._words.embed_documents(asked), strict=True))
        points = []
        for element, vector in zip(elements, seen, strict=True):
            vectors: dict[str, Vector] = {self._sight.info.vector: vector}
            if element.id in read:
                vectors[self._words.info.vector] = read[element.id]
            points.append(Point(element, vectors))
        return points


def _element(picture: Picture) -> Element:
    """A store holds elements: a picture is a document of one."""
    question = picture.question.strip()
    return Element(picture.id, picture.id, page=1, kind="figure", text=question, box=WHOLE_PAGE, order=0)


def _open(path: Path) -> "Image":
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except (OSError, UnidentifiedImageError) as error:
        raise BadDocument(f"The picture {path} cannot be read: {error}.", "Take it out of its set.") from error
