"""Corpora on the page, in a real browser: made from three files in three clicks, renamed, deleted."""

from pathlib import Path

import pytest
from talks import opened
from web import CHROMIUM, violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]


@pytest.fixture(scope="module")
def agent(tmp_path_factory):
    from agent import Agent

    folder = tmp_path_factory.mktemp("corpora")
    dock = folder / "dry dock.md"
    dock.write_text("# Dock\n\nThe dry dock was opened in 1931 by Ole Brandt.\n")
    with Agent.from_corpus(dock, corpus="harbour", data_dir=folder / "data") as agent:
        yield agent


@pytest.fixture
def page(visitor, address):
    page = opened(visitor, address)
    page.get_by_role("tab", name="Documents").click()
    page.locator("#documents ul, #documents .hint").first.wait_for()
    return page


def says(page, does: str, words: str | None = None) -> None:
    """Clicks, and answers what the browser then asks."""
    page.once("dialog", lambda dialog: dialog.accept(words) if words is not None else dialog.accept())
    page.locator("#corpora").get_by_role("button", name=does).click()


def chosen(page, name: str) -> None:
    page.wait_for_function("name => document.querySelector('#corpus input')?.value === name", arg=name)


def test_a_corpus_of_three_files_in_three_clicks(page, agent, tmp_path):
    files = {"crane.md": "The crane Ilse lifts 40 tonnes.", "tug.md": "The tug Bruno pulls 60 tonnes."}
    files["quay.md"] = "The quay is 800 metres long."
    for name, text in files.items():
        (tmp_path / name).write_text(f"# {name}\n\n{text}\n")
    says(page, "New corpus", "Harbour Cranes")
    chosen(page, "harbour-cranes")
    page.locator("#documents").get_by_text("No documents yet").wait_for()
    with page.expect_file_chooser() as chooser:
        page.locator("#drop").get_by_role("button").first.click()
    chooser.value.set_files([tmp_path / name for name in files])
    page.locator("#documents li", has_text="quay.md").wait_for()
    assert page.locator("#documents li").count() == 3
    page.fill("#ask textarea", "How much does the crane Ilse lift?")
    page.press("#ask textarea", "Enter")
    page.locator("#chat .answer").get_by_text("40").first.wait_for()
    assert {Path(record.name).name for record in agent.library.open("harbour-cranes").documents()} == files.keys()


def test_a_corpus_is_renamed_and_what_was_said_of_it_still_shows_its_page(page, agent):
    page.fill("#ask textarea", "Who opened the dry dock?")
    page.press("#ask textarea", "Enter")
    page.locator("#chat .answer a.cite").first.wait_for()
    page.get_by_role("tab", name="Documents").click()
    says(page, "Rename", "Old Harbour")
    chosen(page, "old-harbour")
    page.locator("#documents li", has_text="dry dock.md").wait_for()
    assert "harbour" not in agent.corpora.names()
    page.locator("#chat .answer a.cite").first.click()
    page.locator("#side .evidence .sheet img").wait_for()
    page.reload()
    chosen(page, "old-harbour")
    says_taken = "There is a corpus"
    page.get_by_role("tab", name="Documents").click()
    agent.corpora.create("taken")
    says(page, "Rename", "taken")
    page.locator("#side .problem").get_by_text(says_taken).wait_for()
    says(page, "Rename", "???")
    page.locator("#side .problem").get_by_text("name").wait_for()
    assert "old-harbour" in agent.corpora.names()


def test_a_corpus_is_deleted_after_a_question_and_another_is_shown(page, agent):
    says(page, "New corpus", "for a moment")
    chosen(page, "for-a-moment")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.locator("#corpora").get_by_role("button", name="Delete").click()
    assert "for-a-moment" in agent.corpora.names()
    says(page, "Delete")
    page.wait_for_function("document.querySelector('#corpus input').value !== 'for-a-moment'")
    assert "for-a-moment" not in agent.corpora.names()
    page.reload()
    page.wait_for_selector("#ask textarea:enabled")
    assert page.locator("#corpus input").input_value() in agent.corpora.names()


@pytest.mark.parametrize("visitor", [{}, {"color_scheme": "dark"}], indirect=True, ids=["light", "dark"])
def test_nobody_is_kept_out_of_an_empty_corpus(page):
    says(page, "New corpus", "nothing here")
    page.locator("#documents").get_by_text("No documents yet").wait_for()
    assert violations(page, "#side") == []
    says(page, "Delete")
