"""A question, a picture or both -> hits: the pages found by words, joined with those found by what embedders see."""

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.errors import UserError
from common.untrusted import whole
from retrievers.elements import Element, Hit, Kind
from retrievers.embedders.chosen import Chosen
from retrievers.parsers import open_document
from retrievers.parsers.images import words_in
from retrievers.parsers.rendering import WIDTH
from retrievers.search.image_search import fuse, look, recognise, recognised_first
from retrievers.search.long_questions import shortened
from retrievers.search.retriever import RERANKED, Retriever
from retrievers.stores.base import Match, VectorStore


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched for, `top` hits at most, in these documents and kinds, or in all. Of words and an `image`
    together the picture counts `image_share` (0: words alone, 1: picture alone)."""

    query: str
    top: int = 8
    documents: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    image: Path | None = None
    image_share: float = 0.5


def search(retriever: Retriever, store: VectorStore, chosen: Chosen, asked: Asked) -> list[Hit]:
    """See `Retriever.search`. A picture adds the words that can be read in it, and those it is described by, to the
    query; pages that show the very same picture come first, see `image_search.recognised_first`.

    Embedders that understand pictures look for query and picture as well, mixed where they can, and their lists are
    fused with the one found by words; see `image_search.fuse`. Of what is found, what its document hides comes last. Of
    a long question its asking sentences are searched for, see `long_questions`.
    Raises `UserError` when there is nothing to search for, and for a question that is no text.
    """
    query, looking = shortened(whole(asked.query, "The question").strip()), chosen.pictures
    with open_document(asked.image) if asked.image else nullcontext() as shown:
        words = " ".join(part for part in (query, words_in(shown) if shown else "") if part)
        picture = shown.render(1, WIDTH) if shown and chosen.sights else None
    if not words and not picture:
        raise UserError(
            "There is nothing to search for: the question is empty and no words can be read in the picture.",
            "Add a few words that say what to look for.",
        )
    within: dict[str, Any] = {"documents": asked.documents, "kinds": asked.kinds}

    def terms(element: Element) -> tuple[str, ...]:
        shared: tuple[str, ...] = chosen.lexical.shared_terms(words, element.indexed_text)
        return shared

    known: list[Match] = []
    if picture:
        for one in chosen.recognisers:
            known += recognise(store, one, picture, **within)

    hits = retriever.search(words, top=RERANKED if looking else asked.top, **within) if words else []
    if looking:
        share = asked.image_share
        lists = [look(store, one, query, picture, image_share=share, **within) for one in looking]
        hits = fuse(hits, lists, terms, 1 - share if query and picture else 1.0)
    found = recognised_first(known, hits, terms)[: asked.top]
    return sorted(found, key=lambda hit: hit.element.hidden)
