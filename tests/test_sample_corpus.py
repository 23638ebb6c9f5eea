"""The sample corpus is what its script makes, and every file says what the one module of facts says."""

import csv
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from converter_checks import charts_show_the_numbers_of
from pptx import Presentation

EXAMPLES = Path(__file__).parent.parent / "examples"
CORPUS = EXAMPLES / "corpus"
sys.path.insert(0, str(EXAMPLES))

from corpus_source import facts, papers, scan  # noqa: E402
from corpus_source.facts import number  # noqa: E402

from generators.tables.columns import table_of  # noqa: E402
from retrievers.elements import Element  # noqa: E402
from retrievers.ingestion.assemble import Assembler  # noqa: E402
from retrievers.parsers import open_document  # noqa: E402

MANIFEST = json.loads((EXAMPLES / "corpus_manifest.json").read_text())
QUESTIONS = json.loads((EXAMPLES / "questions.json").read_text())
WORDS_ALONE = {  # tables without a column of numbers
    "Table 4: What the atmospheres are made of.",
    "Table 1: Milestones of planetary exploration (dates in UTC).",
}


@pytest.fixture(scope="module")
def remade(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    one_thread = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    subprocess.run([sys.executable, EXAMPLES / "make_corpus.py", folder], check=True, env=one_thread)
    return folder


def page_texts(path: Path) -> list[str]:
    """The words of each page, whitespace folded; the scan's are those it was typed from."""
    if path.name == scan.NAME:
        pages = ["\n".join(lines) for lines in scan.sheets()]
    elif path.suffix == ".pdf":
        with pdfium.PdfDocument(path) as document:
            pages = [page.get_textpage().get_text_bounded() for page in document]
    elif path.suffix == ".pptx":
        pages = [slide_text(slide) for slide in Presentation(str(path)).slides]
    else:
        pages = [path.read_text(encoding="utf-8")]
    return [" ".join(page.split()) for page in pages]


def slide_text(slide) -> str:
    cells = [c.text for s in slide.shapes if s.has_table for row in s.table.rows for c in row.cells]
    return "\n".join([shape.text_frame.text for shape in slide.shapes if shape.has_text_frame] + cells)


def test_the_script_remakes_every_committed_file(remade):
    def names(folder):
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())

    assert names(remade / "corpus") == names(CORPUS)
    for name in ("corpus_manifest.json", "questions.json"):
        assert (remade / name).read_text() == (EXAMPLES / name).read_text()
    for path in CORPUS.iterdir():
        if path.suffix in {".pdf", ".pptx", ".html", ".md", ".csv"}:
            assert page_texts(remade / "corpus" / path.name) == page_texts(path), path.name


def test_the_corpus_is_small():
    assert sum(path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()) < 4_000_000


def test_the_report_prints_every_planet_fact():
    pages = page_texts(CORPUS / "planets-report.pdf")
    for p in facts.PLANETS:
        row = f"{p.name} {number(p.diameter)} {number(p.mass)} {number(p.distance)} {p.au:.2f} {number(p.year)}"
        assert f"{row} {p.moons} {p.temperature}" in pages[1]
        assert f"{p.name} {number(p.day)} {number(p.tilt)} {number(p.gravity)} {number(p.escape)}" in pages[4]


def test_csv_and_slides_agree_with_the_facts():
    with (CORPUS / "planets.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["name"], float(row["mass"]), int(row["moons"])) for row in rows] == [
        (p.name, p.mass, p.moons) for p in facts.PLANETS
    ]
    slides = Presentation(str(CORPUS / "moons-slides.pptx")).slides
    (chart,) = [shape.chart for slide in slides for shape in slide.shapes if shape.has_chart]
    assert list(chart.plots[0].series[0].values) == [planet.moons for planet in facts.PLANETS]
    assert all(slide.has_notes_slide for slide in slides)


def test_the_scan_is_pictures_only():
    with pdfium.PdfDocument(CORPUS / scan.NAME) as document:
        assert len(document) == len(scan.sheets())
        assert all(page.get_textpage().count_chars() == 0 for page in document)


def test_samples_add_up():
    assert sum(landing.samples for landing in facts.LANDINGS) == pytest.approx(facts.SAMPLES_TOTAL)


def test_every_manifest_entry_stands_on_its_page():
    pages = {entry["document"]: entry["pages"] for entry in MANIFEST["documents"]}
    assert set(pages) == {path.name for path in CORPUS.iterdir() if path.is_file()}
    for entry in MANIFEST["entries"]:
        path = CORPUS / entry["document"]
        assert 1 <= entry["page"] <= pages[entry["document"]]
        if entry["caption"]:
            assert entry["caption"] in page_texts(path)[entry["page"] - 1]
    assert len([e for e in MANIFEST["entries"] if e["document"] == "planets-report.pdf"]) == 11


def test_pages_of_the_manifest_are_counted_right():
    for entry in MANIFEST["documents"]:
        path = CORPUS / entry["document"]
        if path.suffix in {".pdf", ".pptx"}:
            assert len(page_texts(path)) == entry["pages"]


@cache
def elements_of(name):
    with open_document(CORPUS / name) as document:
        assembler = Assembler(name, "", document.title)
        return [e for page in range(1, document.page_count + 1) for e in assembler.place(document.page(page))]


@pytest.mark.parametrize("name", [entry["document"] for entry in MANIFEST["documents"]])
def test_ingestion_finds_every_figure_and_table_and_no_other(name):
    elements = elements_of(name)
    made = [entry for entry in MANIFEST["entries"] if entry["document"] == name]
    for kind in ("figure", "table"):
        found = [e for e in elements if e.kind == kind and not is_chart_data(e, elements)]
        captions = dict.fromkeys(e.caption or f"on page {e.page}" for e in found)  # a long table comes in pieces
        expected = [entry["caption"] for entry in made if entry["kind"] == kind]
        assert len(captions) == len(expected), f"{kind}s: {list(captions)}"
        for caption in filter(None, expected):
            assert any(caption in one for one in captions), f"{caption} not in {list(captions)}"
        if Path(name).suffix in {".pdf", ".pptx"}:
            assert sorted(e.page for e in found) == [entry["page"] for entry in made if entry["kind"] == kind]


def test_pages_that_are_hard_to_read_are_read_whole():
    with open_document(CORPUS / papers.NAME) as document:
        turned, form, hebrew, two_rows = pages = [document.page(number) for number in range(1, 5)]
    assert [page.lost for page in pages] == [0.0] * 4
    (table,) = [block for block in turned.blocks if block.kind == "table"]
    assert table.rows[0] == ("Planet", "Rotation (hours)", "Axial tilt (degrees)", "Eccentricity")
    assert [row[:2] for row in table.rows[1:]] == [(p.name, number(p.day)) for p in facts.PLANETS]
    said = " ".join(block.text for block in form.blocks)
    assert all(label in said and value in said for label, value in papers.FORM)
    assert [block.text for block in hebrew.blocks][1:] == list(papers.HEBREW)
    (table,) = [block for block in two_rows.blocks if block.kind == "table"]
    assert [row[0] for row in table.rows[-8:]] == [p.name for p in facts.PLANETS]
    heads = [" ".join(column) for column in zip(*table.rows[:-8], strict=True)]
    assert "Matter" in heads[1] and "Mass" in heads[1] and "Escape velocity" in heads[4]


def is_chart_data(element: Element, elements: list[Element]) -> bool:
    """The numbers behind a chart of a slide, which stand as a table at the chart's own place."""
    charts = [(e.page, e.box) for e in elements if e.kind == "figure"]
    return element.kind == "table" and (element.page, element.box) in charts


@pytest.mark.parametrize("name", dict.fromkeys(e["document"] for e in MANIFEST["entries"] if e["kind"] == "table"))
def test_charts_show_the_numbers_of_every_table(name):
    tables = [table_of(e.rows, e.caption, f"{name}, page {e.page}") for e in elements_of(name) if e.kind == "table"]
    refused = [table for table in tables if not charts_show_the_numbers_of(table)]
    assert {table.title for table in refused} <= WORDS_ALONE


@pytest.mark.parametrize("row", QUESTIONS, ids=lambda row: row["kind"])
def test_each_answer_stands_where_the_question_says(row):
    if row["kind"] == "unanswerable":
        assert not row["document"] and not row["pages"] and not row["answer"]
    elif row["kind"] == "picture":
        assert int(row["answer"]) in dict(facts.MARS_TEMPERATURES).values()
        assert (CORPUS / row["document"]).exists()
    else:
        texts = page_texts(CORPUS / row["document"])
        assert any(row["answer"] in texts[page - 1] for page in row["pages"])


def test_the_questions_cover_every_kind():
    kinds = {"text", "table", "figure", "scan", "slide", "html", "markdown", "picture", "unanswerable"}
    assert {row["kind"] for row in QUESTIONS} == kinds
