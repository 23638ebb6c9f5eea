"""The embedders of one corpus, by the names they were chosen by."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from common.errors import UserError
from retrievers import embedders
from retrievers.embedders.pictures import PictureEmbedder, Recogniser, SeesPictures
from retrievers.stores.base import VectorSpec


class Chosen:
    """One embedder of words, BM25, and any of pictures; each is made on first use, without its weights."""

    def __init__(self, words: str, pictures: Sequence[str] = ()) -> None:
        self.names = (words, "bm25", *pictures)

    @cached_property
    def words(self) -> Any:
        return embedders.load(self.names[0])

    @cached_property
    def lexical(self) -> Any:
        return embedders.load("bm25")

    @cached_property
    def sights(self) -> list[SeesPictures]:
        """All that look at pixels. Raises `UserError` for a name that is not of an embedder of pictures."""
        found = [embedders.load(name) for name in self.names[2:]]
        for name, embedder in zip(self.names[2:], found, strict=True):
            if embedder.info.modality != "image":
                cure = "Choose outlines, clip or colpali."
                raise UserError(f"The embedder {name!r} reads words, not pictures.", cure)
        return found

    @property
    def pictures(self) -> list[PictureEmbedder]:
        """Those that understand what they see."""
        return [embedder for embedder in self.sights if isinstance(embedder, PictureEmbedder)]

    @property
    def recognisers(self) -> list[Recogniser]:
        """Those that know a picture again."""
        return [embedder for embedder in self.sights if isinstance(embedder, Recogniser)]

    @property
    def specs(self) -> dict[str, VectorSpec]:
        """The vectors they fill. Raises `UserError` when two of them fill the same one."""
        infos = [embedder.info for embedder in (self.words, self.lexical, *self.sights)]
        vectors = [info.vector for info in infos]
        twice = {vector for vector in vectors if vectors.count(vector) > 1}
        if twice:
            rivals = ", ".join(name for name, info in zip(self.names, infos, strict=True) if info.vector in twice)
            raise UserError(f"The embedders {rivals} fill the same vector.", "Choose one of them.")
        return {info.vector: info.spec for info in infos}
