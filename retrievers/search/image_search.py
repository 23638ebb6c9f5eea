"""Search by pixels: what embedders of pictures see of a corpus, and how their lists join the pages found by words.

Knows nothing of words' own ranking (`retriever`): it takes that list as it comes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING
from uuid import UUID

from retrievers.elements import Element, Hit, Kind
from retrievers.embedders.page_map import similarity_map
from retrievers.embedders.pictures import ComposingEmbedder, PageEmbedder, PictureEmbedder, Recogniser, SeesPictures
from retrievers.parsers.rendering import region
from retrievers.stores.base import Filter, Match, Multi, Prefetch, Vector, VectorStore
from retrievers.stores.fusion import share

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

CANDIDATES = 100  # per list
HELD = 8  # pictures in memory at once, while ingesting
SAME = 0.005  # cosine below the best likeness at which another picture is the one, too
LEAD = 0.05  # cosine by which a picture at most makes up for what it lacks in likeness: its lead over the next one

PageKey = tuple[str, int]  # document, page
Terms = Callable[[Element], tuple[str, ...]]


def see(
    embedder: SeesPictures, elements: Sequence[Element], draw: "Callable[[int], Image | None]"
) -> dict[UUID, Vector]:
    """Vectors by element id, for the elements of the embedder's kinds. `draw` gives a page by its number, or None."""
    page = lru_cache(maxsize=1)(draw)  # elements come in reading order: each page is drawn once
    chosen = [element for element in elements if element.kind in embedder.kinds]
    vectors: dict[UUID, Vector] = {}
    for start in range(0, len(chosen), HELD):
        drawn = [
            (one.id, region(picture, one.box)) for one in chosen[start : start + HELD] if (picture := page(one.page))
        ]
        ids, images = [id_ for id_, _ in drawn], [image for _, image in drawn]
        vectors |= zip(ids, embedder.embed_images(images), strict=True) if images else ()
    return vectors


def look(
    store: VectorStore,
    embedder: PictureEmbedder,
    words: str,
    picture: "Image | None",
    *,
    documents: Sequence[str] = (),
    kinds: Sequence[Kind] = (),
    image_share: float = 0.5,
) -> list[Match]:
    """What looks most like the question, best first."""
    return _nearest(store, embedder, _queries(embedder, words, picture, image_share), documents, kinds)


def recognise(
    store: VectorStore,
    embedder: Recogniser,
    picture: "Image",
    *,
    documents: Sequence[str] = (),
    kinds: Sequence[Kind] = (),
) -> list[Match]:
    """The figures that are `picture`, in another size or quality perhaps, most alike first; mostly none."""
    found = _nearest(store, embedder, [embedder.embed_image_query(picture)], documents, kinds)
    return found[: recognised([match.places[embedder.info.vector].score for match in found], embedder.least)]


def recognised(likeness: Sequence[float], least: float) -> int:
    """How many of these pictures are the one asked about; `likeness` are cosines, the highest first."""
    best = max(likeness, default=0.0)
    same = sum(like >= best - SAME for like in likeness)
    rival = likeness[same] if same < len(likeness) else 0.0
    return same if best + min(best - rival, LEAD) >= least else 0


def _nearest(
    store: VectorStore,
    embedder: SeesPictures,
    queries: Sequence[Vector],
    documents: Sequence[str],
    kinds: Sequence[Kind],
) -> list[Match]:
    """`[]` when `kinds` leaves the embedder nothing to look at."""
    looked_at = tuple(kind for kind in embedder.kinds if not kinds or kind in kinds)
    if not looked_at:
        return []
    where = Filter(documents=tuple(documents), kinds=looked_at)
    prefetches = [Prefetch(embedder.info.vector, query, CANDIDATES, 1.0, where) for query in queries]
    return store.search(prefetches, CANDIDATES)


def _queries(embedder: PictureEmbedder, words: str, picture: "Image | None", image_share: float) -> list[Vector]:
    """One vector; of an embedder that cannot mix words and a picture in one, both, whose lists are fused by rank."""
    if picture is None:
        return [embedder.embed_query(words)]
    if not words:
        return [embedder.embed_image_query(picture)]
    if isinstance(embedder, ComposingEmbedder):
        return [embedder.embed_composed_query(words, picture, image_share)]
    return [embedder.embed_query(words), embedder.embed_image_query(picture)]


def fuse(hits: Sequence[Hit], lists: Sequence[Sequence[Match]], terms: Terms, said: float = 1.0) -> list[Hit]:
    """Pages found by words (one hit each, best first) and by pixels, one hit a page, by weighted reciprocal ranks.

    Words weigh as much as their best page is likely to answer, p, and pixels 1 - p: what the text tells for sure stays
    first, and where it tells nothing the pictures decide. Beside a picture that was sent along, words are only a share
    of what was asked, `said`, and weigh that much less. A page that a list does not hold stands right behind its
    last, or a short list (a corpus with few figures) would lift whatever it holds. `terms` gives the words that an
    element shares with the question.
    """
    sure = said * max((hit.relevance for hit in hits if hit.relevance is not None), default=0.0)
    by_words = {(hit.element.document, hit.element.page): hit for hit in hits}
    by_sight = [_best_of_pages(matches) for matches in lists]
    places = [_places(by_words), *map(_places, by_sight)]
    weights = [sure, *(1 - sure for _ in by_sight)]

    def score(page: PageKey) -> float:
        ranks = (place.get(page, len(place) + 1) for place in places)
        return sum(map(share, ranks, weights))

    return [
        _hit(
            by_words.get(page),
            places[0].get(page),
            [(place[page], pages[page]) for place, pages in zip(places[1:], by_sight, strict=True) if page in place],
            score(page),
            terms,
        )
        for page in sorted(dict.fromkeys(chain(*places)), key=score, reverse=True)
    ]


def recognised_first(known: Sequence[Match], hits: Sequence[Hit], terms: Terms) -> list[Hit]:
    """One hit a page: those that show the very picture that was sent, then the rest of `hits`, all as they were.

    No fusion: that a picture is the same says more than any rank.
    """
    by_page = {(hit.element.document, hit.element.page): hit for hit in hits}
    pages = _best_of_pages(known)
    top = max((hit.score for hit in hits), default=0.0) + len(pages)
    first = []
    for place, (page, match) in enumerate(pages.items()):
        hit = by_page.get(page, Hit(match.element, 0.0))
        ranks, score = match.ranks | hit.ranks, top - place
        first.append(replace(hit, element=match.element, score=score, ranks=ranks, terms=terms(match.element)))
    return [*first, *(hit for page, hit in by_page.items() if page not in pages)]


def _best_of_pages(matches: Sequence[Match]) -> dict[PageKey, Match]:
    """Each page's best match, in the order of the list."""
    best: dict[PageKey, Match] = {}
    for match in matches:
        best.setdefault((match.element.document, match.element.page), match)
    return best


def _places(pages: Iterable[PageKey]) -> dict[PageKey, int]:
    return {page: rank for rank, page in enumerate(pages, start=1)}


def _hit(by_words: Hit | None, rank: int | None, seen: Sequence[tuple[int, Match]], score: float, terms: Terms) -> Hit:
    """One page. Its region is the one that ranks higher, that of the words or a seen figure; a page has no region."""
    looked = {name: place for _, match in seen for name, place in match.ranks.items()}
    best_rank, best = min(seen, key=lambda one: (one[1].element.kind == "page", one[0]), default=(0, None))
    if by_words is None or rank is None:
        assert best is not None
        return Hit(best.element, score, looked, terms(best.element))
    shown = by_words
    if best is not None and best.element.kind != "page" and best_rank < rank:
        shown = replace(by_words, element=best.element, terms=terms(best.element))
    return replace(shown, score=score, ranks=by_words.ranks | looked)


def question_map(embedder: PageEmbedder, page: "Image", stored: Multi, question: str) -> "NDArray[np.float32]":
    """How like each patch of the page each token of the question is, [q, rows, cols]; see `similarity_map`.

    `stored` are the vectors of the page drawn as `page`, [n, d], patches first.
    """
    rows, cols = embedder.grid(page)
    asked = embedder.embed_question(question)
    return similarity_map(asked.vectors[asked.asked], stored[: rows * cols], rows, cols)
