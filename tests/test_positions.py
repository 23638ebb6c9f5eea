"""What a question names by its place in a document is looked up there: pages, slides, figures, tables, sections."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

from retrievers.library import Corpus, Library
from retrievers.search.query_references import Position, Reference, positions, references

SUBJECTS = ("herons", "otters", "newts", "bats", "moles", "hares")
# Tables without captions: "table 2" is the second.
PRICES = "# Fees\n\n| boat | fee |\n|---|---|\n| punt | 3 |\n| barge | 9 |\n\nPaid at the gate.\n\n"
CREWS = "| boat | crew |\n|---|---|\n| punt | 1 |\n| barge | 4 |\n\n"
RULES = {"1 Boats": "Tar the punts in May.", "2.1 Bells": "Wait for the bell.", "2.11 Nets": "Mend them by noon."}


def draw(path: Path, pages: int) -> None:
    canvas = Canvas(str(path), pagesize=A5)
    for number in range(pages):
        canvas.drawString(60, 500, f"All about the {SUBJECTS[number]} of the marsh, seen at dawn by the wardens.")
        canvas.showPage()
    canvas.save()


def draw_with_blanks(path: Path) -> None:
    """A cover, its empty back, two pages and an empty last one."""
    canvas = Canvas(str(path), pagesize=A5)
    for said in ("A ledger of the marsh.", "", "Tolls of the year 1931.", "Wages of the year 1932.", ""):
        canvas.drawString(60, 500, said)
        canvas.showPage()
    canvas.save()


def draw_numbered(path: Path, first: int, form: str) -> None:
    """A cover without a number, then pages that bear theirs from `first` on."""
    canvas = Canvas(str(path), pagesize=A5)
    canvas.drawString(60, 500, "A handbook of the marsh for wardens, with all its animals.")
    canvas.showPage()
    for number, subject in enumerate(SUBJECTS, start=first):
        canvas.drawString(60, 500, f"All about the {subject} of the marsh, seen at dawn by the wardens.")
        canvas.drawString(200, 20, form.format(number))
        canvas.showPage()
    canvas.save()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    folder = tmp_path_factory.mktemp("positions")
    (folder / "in").mkdir()
    draw(folder / "in" / "marsh.pdf", 6)
    draw(folder / "in" / "brook.pdf", 4)
    draw_with_blanks(folder / "in" / "ledger.pdf")
    draw_numbered(folder / "in" / "handbook.pdf", 1, "{}")
    draw_numbered(folder / "in" / "journal.pdf", 6985, "Marsh Letters {} of 7100")
    (folder / "in" / "boats.md").write_text(PRICES + CREWS, encoding="utf-8")
    rules = "\n\n".join(f"# {name}\n\n" + f"{rule}\n\n" * 40 for name, rule in RULES.items())
    (folder / "in" / "rules.md").write_text(rules, encoding="utf-8")
    library = Library(folder / "data")
    with library.open("places", create=True) as made:
        made.ingest([folder / "in"])
        yield made
    library.close()


@pytest.mark.parametrize(
    ("question", "page"),
    [
        ("What animals are described on page 4?", 4),
        ("Which animal is on the last page?", 6),
        ("What is said on the second to last slide?", 5),
        ("Which animals does the third page describe?", 3),
        ("Welches Tier steht auf der letzten Seite?", 6),
        ("Was steht auf der zweiten Seite?", 2),
        ("¿Qué animal aparece en la última página?", 6),
        ("Quel animal est sur la deuxième page ?", 2),
        ("Are all the otters of the marsh seen at dawn by the wardens on page 5?", 5),  # whose words are on page 2
        ("All about the herons of the marsh, seen at dawn by the wardens: what does the last page say?", 6),
    ],
)
def test_the_page_at_that_place_comes_first(corpus: Corpus, question: str, page: int) -> None:
    first = corpus.search(question, documents=["marsh.pdf"])[0]
    assert first.element.page == page


@pytest.mark.parametrize(("place", "page"), [("second", 3), ("last", 4)])
def test_a_blank_page_is_not_counted(corpus: Corpus, place: str, page: int) -> None:
    first = corpus.search(f"Which year is named on the {place} page?", documents=["ledger.pdf"])[0]
    assert (first.placed, first.element.page) == (True, page)


def test_a_blank_page_that_is_called_by_its_number_is_no_other(corpus: Corpus) -> None:
    assert not any(hit.placed for hit in corpus.search("Which year is named on page 2?", documents=["ledger.pdf"]))


def test_the_last_page_of_each_document_is_its_own(corpus: Corpus) -> None:
    hits = corpus.search("Which animal of the marsh is on the last page?", documents=["marsh.pdf", "brook.pdf"])
    assert {(hit.element.document, hit.element.page) for hit in hits[:2]} == {("marsh.pdf", 6), ("brook.pdf", 4)}


@pytest.mark.parametrize("question", ["What does the second table say?", "What is in table 2?", "And the last table?"])
def test_a_table_is_counted_where_it_has_no_number(corpus: Corpus, question: str) -> None:
    first = corpus.search(question, documents=["boats.md"])[0].element
    assert (first.kind, first.rows[0]) == ("table", ("boat", "crew"))


def test_a_section_is_found_by_its_number(corpus: Corpus) -> None:
    for number, rule in (("2.1", "bell"), ("2.11", "noon"), ("1", "May")):
        first = corpus.search(f"What is the rule of section {number}?", documents=["rules.md"])[0].element
        assert rule in first.text, number


def test_the_first_table_is_not_the_last(corpus: Corpus) -> None:
    assert corpus.search("What does the first table say?", documents=["boats.md"])[0].element.rows[0] == ("boat", "fee")


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("What is on slide twelve?", [("page", 12)]),
        ("What do the last two pages say?", [("page", -1), ("page", -2)]),
        ("Name the animals of the first three slides.", [("page", 1), ("page", 2), ("page", 3)]),
        ("What is the second figure on page 5?", [("page", 5), ("figure", 2)]),
        ("Was zeigt das dritte Bild?", [("figure", 3)]),
        ("What does the final bar chart show?", [("figure", -1)]),
        ("Who came second in 2019? Page through the report.", []),
        ("How many seconds does a page take?", []),
        ("Which of the two tables is longer?", []),
    ],
)
def test_places_that_a_question_names(question: str, found: list[tuple[str, int]]) -> None:
    assert positions(question) == tuple(Position(kind, number) for kind, number in found)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("What does Figure 3 show?", [("figure", "3")]),
        ("What does fig. 3 show?", [("figure", "3")]),
        ("Was zeigt Abbildung 2.1?", [("figure", "2.1")]),
        ("¿Qué muestra la tabla 4?", [("table", "4")]),
        ("Che cosa mostra la tabella 4?", [("table", "4")]),
        ("O que mostra o quadro 2?", [("table", "2")]),
        ("Wat toont grafiek 3?", [("chart", "3")]),
        ("How many figures are on pages 5-7?", [("page", "5"), ("page", "6"), ("page", "7")]),
        ("What does the second figure show?", [("figure", "2")]),
        ("Who sells lamps?", []),
    ],
)
def test_what_a_question_names_by_number(question: str, found: list[tuple[str, str]]) -> None:
    assert references(question) == tuple(Reference(*one) for one in found)


@pytest.mark.parametrize(("document", "page"), [("brook", 3), ("marsh", 5)])
def test_a_document_that_is_named_is_the_one_that_is_counted_in(corpus: Corpus, document: str, page: int) -> None:
    first = corpus.search(f"What stands on page {page} of the {document}?")[0].element
    assert (first.document, first.page) == (f"{document}.pdf", page)


def test_a_place_is_looked_up_among_one_kind_of_region_too(corpus: Corpus) -> None:
    first = corpus.search("Show the second table of the boats", kinds=["table"])[0].element
    assert first.rows[0] == ("boat", "crew")


@pytest.mark.parametrize(
    ("document", "question", "pages"),
    [
        ("handbook.pdf", "Which animals does page 4 tell of?", {4, 5}),  # the fourth, and the one that bears a 4
        ("journal.pdf", "What is said of the newts on page 6987?", {4}),
        ("journal.pdf", "What is said on page 6985?", {2}),
        ("handbook.pdf", "Which animals does the fourth page tell of?", {4}),
    ],
)
def test_a_page_is_also_meant_by_the_number_on_it(
    corpus: Corpus, document: str, question: str, pages: set[int]
) -> None:
    hits = corpus.search(question, documents=[document])
    assert {hit.element.page for hit in hits if hit.placed} == pages
    assert all(hit.placed for hit in hits[: len(pages)])
