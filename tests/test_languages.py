"""A sentence is found in its own language: as it stands, by other forms of its words, and without spaces in it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from retrievers import embedders
from retrievers.elements import WHOLE_PAGE, Element
from retrievers.embedders.languages import language_of, spaced
from retrievers.stores import STORES
from retrievers.stores.base import Point, Prefetch

# By language: sentences of one page each, and a question by other forms of the words of the second.
SENTENCES = {
    "german": (
        "Die Schleuse wurde im Frühjahr von den Fischern geöffnet.",
        "In den alten Häusern am Hafen wohnten früher die Lotsen.",
        "Der Leuchtturm steht seit hundert Jahren auf der Klippe.",
        "Wer wohnte in dem alten Haus?",
    ),
    "spanish": (
        "La esclusa fue abierta por los pescadores en primavera.",
        "Las antiguas casas del puerto eran habitadas por los pilotos.",
        "El faro está sobre el acantilado desde hace cien años.",
        "¿Quién habitaba la casa antigua?",
    ),
    "french": (
        "Les pêcheurs ont ouvert l'écluse au printemps.",
        "Les anciennes maisons du port étaient habitées par les pilotes.",
        "Le phare se dresse sur la falaise depuis cent ans.",
        "Qui habitait la maison ancienne ?",
    ),
    "russian": (
        "Рыбаки открыли шлюз ранней весной.",
        "В старых домах у гавани когда-то жили лоцманы.",
        "Маяк стоит на скале уже сто лет.",
        "Кто жил в старом доме?",
    ),
    "arabic": (
        "فتح الصيادون بوابة القناة في الربيع.",
        "كان المرشدون يسكنون في البيوت القديمة قرب الميناء.",
        "تقف المنارة على الجرف منذ مئة عام.",
        "من سكن في البيت القديم؟",
    ),
    "chinese": (
        "渔民们在春天打开了船闸。",
        "从前领航员住在港口旁边的老房子里。",
        "灯塔在悬崖上已经站了一百年。",
        "谁住过老房子？",
    ),
    "japanese": (
        "漁師たちは春に水門を開けた。",
        "昔は港のそばの古い家に水先案内人が住んでいた。",
        "灯台は百年前から崖の上に立っている。",
        "古い家には誰が住んでいましたか。",
    ),
}


Best = Callable[[str], int | None]


@contextmanager
def index(folder: Path, texts: Sequence[str]) -> Iterator[Best]:
    """Gives the place of the text that BM25 finds first."""
    bm25 = embedders.load("bm25")
    store = STORES.get("edge")(folder / "store", {"lexical": bm25.info.spec})
    elements = [Element("d", "0", n, "text", text, WHOLE_PAGE, n) for n, text in enumerate(texts)]
    vectors = bm25.embed_documents(elements)
    store.upsert([Point(one, {"lexical": vector}) for one, vector in zip(elements, vectors, strict=True)])

    def best(question: str) -> int | None:
        found = store.search([Prefetch("lexical", bm25.embed_query(question))], 1)
        return found[0].element.page if found else None

    try:
        yield best
    finally:
        store.close()


@pytest.mark.parametrize("language", SENTENCES)
def test_a_page_is_found_by_its_sentence_and_by_a_question(language: str, tmp_path: Path) -> None:
    *texts, question = SENTENCES[language]
    with index(tmp_path, texts) as best:
        assert [best(text) for text in texts] == [0, 1, 2]
        assert best(question) == 1


def test_part_of_a_sentence_finds_it_among_other_languages(tmp_path: Path) -> None:
    everything = [text for *texts, _ in SENTENCES.values() for text in texts]
    with index(tmp_path, everything) as best:
        assert [best(text[len(text) // 3 :]) for text in everything] == list(range(len(everything)))


@pytest.mark.parametrize("language", sorted(set(SENTENCES) - {"chinese", "japanese"}))
def test_a_paragraph_tells_its_language(language: str) -> None:
    assert language_of(" ".join(SENTENCES[language][:3])) == language


@pytest.mark.parametrize("text", ["", "12 % 4.5", "What is the height of the dam?", "Net sales 2019", "XJ-90"])
def test_what_tells_no_language_counts_as_english(text: str) -> None:
    assert language_of(text) == "english"


def test_letters_without_spaces_are_read_in_pairs() -> None:
    assert spaced("東京 2024年").split() == ["東京", "2024", "年"]
    assert spaced("水先案内").split() == ["水先", "先案", "案内"]
    assert spaced("Plain words, 12") == "Plain words, 12"


def test_a_name_is_found_by_a_question_in_another_language(tmp_path: Path) -> None:
    texts = ("Die Firma Acrux baut Pumpen in Bremen.", "Die Firma Dorval baut Ventile in Lyon.")
    with index(tmp_path, texts) as best:
        assert best("What does Dorval make?") == 1


def test_terms_in_common_are_told_in_their_own_language() -> None:
    bm25 = embedders.load("bm25")
    assert bm25.shared_terms("Wer wohnte in dem alten Haus?", SENTENCES["german"][1]) == ("wohnte", "alten", "Haus")
    assert "房子" in bm25.shared_terms("老房子", SENTENCES["chinese"][1])
