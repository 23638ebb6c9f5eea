"""Everything that the ranking weighs decides between two pages that are alike in all else."""

from collections.abc import Iterable, Iterator

import pytest

from agent.tools.search import with_companions
from retrievers import embedders
from retrievers.elements import WHOLE_PAGE, Element, Hit, Kind
from retrievers.library import Corpus, Library
from retrievers.search.image_search import fuse, recognised, recognised_first
from retrievers.search.rerank import WEIGHTS, Candidate, Ranked, coverage, rerank
from retrievers.search.retriever import page_scores
from retrievers.stores.base import Match, Place
from retrievers.stores.fusion import RRF_K

QUESTION = "red lamps glow"
Scores = dict[str, float]
STEMS = embedders.load("bm25").stems


def match(kind: Kind, document: str, page: int, scores: Scores, text: str = "", title: str = "") -> Match:
    """An element that lists hold: `scores` by vector, whose first place it has."""
    element = Element(document, "0", page, kind, text, WHOLE_PAGE, page, title)
    return Match(element, 1.0, {vector: Place(1, score) for vector, score in scores.items()})


def page(
    number: int, text: str = "Nothing.", *, document: str = "a.pdf", title: str = "", **options: bool
) -> Candidate:
    """Found whole, with one likeness by words and one by meaning."""
    scores = {"lexical": 1.0, "text": 0.5}
    return Candidate(document, number, [match("page", document, number, scores, text, title)], **options)


def found(number: int, kind: Kind, scores: Scores, *, document: str = "a.pdf") -> Candidate:
    return Candidate(document, number, [match(kind, document, number, scores)])


# What is weighed -> a question, the page that is to come before the other, the other, and pages beside them
PAIRS: dict[str, tuple[str, Candidate, Candidate, list[Candidate]]] = {
    "words": (QUESTION, found(1, "page", {"lexical": 5}), found(2, "page", {"lexical": 4}), []),
    "figure_words": (QUESTION, found(1, "figure", {"lexical": 5}), found(2, "table", {"lexical": 4}), []),
    "meaning": (QUESTION, found(1, "text", {"text": 0.5}), found(2, "figure", {"text": 0.45}), []),
    "page_meaning": (QUESTION, found(1, "page", {"text": 0.5}), found(2, "page", {"text": 0.45}), []),
    "pairs": ("red lamps", page(1, "Old red lamps."), page(2, "Lamps, old, red."), []),
    "triples": (QUESTION, page(1, "The red lamps glow."), page(2, "Red lamps; the lamps glow."), []),
    "coverage": (QUESTION, page(1, "Lamps.", title="Lamps"), page(2, "Nothing.", title="Lamps"), []),
    "coverage_in_context": (QUESTION, page(1, title="Lamps", document="b.pdf"), page(2, document="c.pdf"), []),
    "reference": ("What is in Figure 3?", page(1, "Figure 3 of the sea."), page(2, "The sea of Figure 3."), []),
    "position": (QUESTION, page(1, placed=True), page(2), []),
    "document": (
        QUESTION,
        found(1, "page", {"lexical": 2}),
        found(1, "page", {"lexical": 2}, document="b.pdf"),
        [found(2, "page", {"lexical": 5}), found(2, "page", {"lexical": 3}, document="b.pdf")],
    ),
    "document_meaning": (
        QUESTION,
        found(1, "page", {"text": 0.4}),
        found(1, "page", {"text": 0.4}, document="b.pdf"),
        [found(2, "page", {"text": 0.5}), found(2, "page", {"text": 0.45}, document="b.pdf")],
    ),
    "identity": (QUESTION, page(1, document="lamps.pdf"), page(1, document="chairs.pdf"), []),
}
TOGETHER = {"coverage_in_context": {"identity"}}  # a title is context, and a name of its document


def ranks(question: str, candidates: list[Candidate]) -> list[Ranked]:
    return rerank(question, candidates, STEMS)


def test_every_weight_is_tested() -> None:
    assert PAIRS.keys() == WEIGHTS.keys()


@pytest.mark.parametrize("name", WEIGHTS)
@pytest.mark.parametrize("turned", [False, True], ids=["first", "last"])
def test_what_is_weighed_decides_between_pages_alike_in_all_else(name: str, turned: bool) -> None:
    question, better, worse, others = PAIRS[name]
    given = [better, worse, *others]
    ranked = ranks(question, given[::-1] if turned else given)
    first = next(one for one in ranked if one.candidate is better)
    second = next(one for one in ranked if one.candidate is worse)
    apart = {other for other, value in first.features.items() if value != second.features[other]}
    assert apart - TOGETHER.get(name, set()) == {name}
    assert first.features[name] > second.features[name]
    assert ranked.index(first) < ranked.index(second)
    assert first.score - second.score >= 1.0 * (first.features[name] - second.features[name])


def test_a_rare_word_says_more_than_a_common_one() -> None:
    common = [page(number, "The lamps of the town.") for number in range(1, 4)]
    rare = page(4, "A beacon of the town.")
    assert ranks("lamps beacon", [*common, rare])[0].candidate is rare
    shares = coverage({1, 2}, [{1}, {1}, {1}, {2}])
    assert shares[3] > 1.5 * shares[0]
    assert shares[0] == shares[1] > 0


def test_a_caption_says_more_of_a_figure_than_a_mention_and_another_figure_nothing() -> None:
    texts = ["Figure 30: Sales", "Figure 3.1: Sales", "Sales: see fig. 3 below.", "Sales.\nFigure 3: Sales by month"]
    ranked = ranks("What does Figure 3 show?", [page(number, text) for number, text in enumerate(texts)])
    assert ranked[0].candidate.text == texts[3]
    assert {one.candidate.text: one.features["reference"] for one in ranked} == dict(
        zip(texts, (0, 0, 1, 2), strict=True)
    )


def listed(rank: int, vector: str, kind: Kind, number: int) -> Match:
    element = Element("a.pdf", "0", number, kind, f"{kind} {rank}", WHOLE_PAGE, 10 * number + rank)
    return Match(element, 1.0, {vector: Place(rank, 1.0)})


def test_lists_are_fused_over_pages_each_with_its_weight() -> None:
    lists = [("lexical", "page"), ("lexical", "text"), ("text", "page"), ("text", "text")]
    scores = page_scores([listed(1, vector, kind, number) for number, (vector, kind) in enumerate(lists)])  # type: ignore[arg-type]
    weights = [2.0, 1.0, 0.5, 0.5]
    assert [scores["a.pdf", number] for number in range(4)] == pytest.approx([one / (RRF_K + 1) for one in weights])


def test_a_page_that_fills_a_list_pushes_no_other_down() -> None:
    many = [listed(rank, "lexical", "text", 1) for rank in range(1, 9)]
    scores = page_scores([listed(9, "lexical", "text", 2), *many])
    assert scores["a.pdf", 1] == pytest.approx(1 / (RRF_K + 1))
    assert scores["a.pdf", 2] == pytest.approx(1 / (RRF_K + 2))


@pytest.mark.parametrize(
    ("likeness", "count"),
    [
        ([0.66, 0.65], 1),  # alike enough
        ([0.62, 0.50], 1),  # not quite, but no other is
        ([0.62, 0.61], 0),
        ([0.58, 0.10], 0),  # a lead makes up for so much at most
        ([0.66, 0.658, 0.4], 2),  # two of the same picture, which are no rivals
        ([0.62], 1),
        ([], 0),
    ],
)
def test_a_picture_that_leads_by_far_may_lack_some_likeness(likeness: list[float], count: int) -> None:
    assert recognised(likeness, 0.65) == count


PARAGRAPHS = ["Herons fish at dawn.", "Otters dive all day.", "Newts rest in mud.", "Bats hunt midges at dusk."]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    folder = tmp_path_factory.mktemp("ranking")
    (folder / "in").mkdir()
    headed = "\n\n".join(f"## {text.split()[0]}\n\n{text}" for text in PARAGRAPHS)
    (folder / "in" / "marsh.md").write_text(f"# Marsh\n\n{headed}\n", encoding="utf-8")
    for number in range(1, 4):
        (folder / "in" / f"plan-{number}.md").write_text(f"# Plan\n\nFigure {number} is of the sluice.\n")
    library = Library(folder / "data")
    with library.open("ranking", create=True) as made:
        made.ingest([folder / "in"])
        yield made
    library.close()


def paragraph(corpus: Corpus, words: str) -> Element:
    return next(one for one in corpus.store.scroll() if words in one.text and one.kind == "text")


def told(elements: Iterable[Element]) -> list[str]:
    """Without the headings above them."""
    return [element.text.splitlines()[-1] for element in elements]


def test_neighbours_stand_before_and_after_in_reading_order(corpus: Corpus) -> None:
    otters = paragraph(corpus, PARAGRAPHS[1])
    assert told(corpus.neighbours(otters)) == [PARAGRAPHS[0], PARAGRAPHS[2]]
    assert told(corpus.neighbours(otters, 2)) == [PARAGRAPHS[0], PARAGRAPHS[2], PARAGRAPHS[3]]
    assert {one.document for one in corpus.neighbours(paragraph(corpus, "Figure 2"), 9)} <= {"plan-2.md"}


def test_beside_a_hit_stands_first_what_shares_most_words_then_what_is_nearest(corpus: Corpus) -> None:
    hit = next(one for one in corpus.search("Herons fish") if one.element.document == "marsh.md")
    assert told([hit.element]) == [PARAGRAPHS[0]]
    ((first, *beside),) = with_companions(corpus, "Which animals hunt midges?", [hit], 1)
    assert first == hit
    assert told(one.element for one in beside) == [PARAGRAPHS[3], PARAGRAPHS[1], PARAGRAPHS[2]]
    assert {one.beside for one in beside} == {hit.element.id}
    assert list(with_companions(corpus, "Which animals hunt midges?", [hit], 0)) == [[hit]]


def test_a_figure_that_is_named_is_looked_up_beside_what_is_alike(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrievers.search.retriever.CANDIDATES", 1)
    asked = "Which animals of the marsh hunt midges at dusk, beside Figure 2?"
    assert "plan-2.md" in {one.document for one in corpus.retriever.candidates(asked)}


def test_what_is_recognised_scores_above_all_else() -> None:
    hits = [Hit(match("page", "a.pdf", number, {}).element, 9.0 - number) for number in range(1, 4)]
    known = [match("figure", "a.pdf", number, {"outlines": 0.99}) for number in (7, 3)]
    first = recognised_first(known, hits, lambda _: ())
    assert [one.element.page for one in first] == [7, 3, 1, 2]
    assert [one.score for one in first] == sorted({one.score for one in first}, reverse=True)


def region(page: int, order: int, kind: Kind = "text") -> Element:
    return Element("a.pdf", "v1", page, kind, "", WHOLE_PAGE, order)


def test_sure_words_stay_first_and_unsure_ones_give_way() -> None:
    seen = [Match(region(3, 9, "figure"), 1.0, {"image": Place(1, 0.3)})]
    for relevance, first in ((0.9, 1), (0.1, 3)):
        by_words = [Hit(region(number, number), 0.0, {"text": number}, (), relevance) for number in (1, 2, 3)]
        fused = fuse(by_words, [seen], lambda _: ())
        assert fused[0].element.page == first
        assert len(fused) == 3
    assert fused[0].element.kind == "figure"  # what was seen is shown, with what the words knew of its page
    assert (fused[0].ranks, fused[0].relevance) == ({"text": 3, "image": 1}, 0.1)


def test_of_a_page_and_a_figure_on_it_that_are_both_seen_the_figure_is_shown() -> None:
    whole = [Match(region(3, 0, "page"), 1.0, {"page": Place(1, 0.9)})]
    figures = [
        Match(region(number, 9, "figure"), 1.0, {"image": Place(rank, 0.3)}) for rank, number in ((1, 5), (2, 3))
    ]
    shown = {hit.element.page: hit.element.kind for hit in fuse([], [whole, figures], lambda _: ())}
    assert shown == {3: "figure", 5: "figure"}
