"""The page before there is anything to ask, in a real browser: it invites, shows what is being read, and tells no
visitor to type a command."""

import threading

import pytest
from test_documents_page import drop
from test_page import write_pdf
from web import CHROMIUM, served, violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]


@pytest.fixture
def agent(tmp_path):
    from agent import Agent

    with Agent(data_dir=tmp_path / "data", corpus="papers") as agent:
        yield agent


@pytest.fixture
def page(chromium, agent, request):
    from ui.app import application

    with served(application(agent)) as url:
        context = chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, **getattr(request, "param", {})})
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(url)
        page.wait_for_selector("#ask textarea:enabled")
        yield page
        context.close()


def ask(page, question: str) -> None:
    page.fill("#ask textarea", question)
    page.press("#ask textarea", "Enter")


@pytest.mark.parametrize("page", [{}, {"color_scheme": "dark"}], indirect=True, ids=["light", "dark"])
def test_nothing_yet_invites_and_names_no_command(page, agent, tmp_path):
    invitation = page.locator("#chat").get_by_text("Drop your documents here")
    invitation.wait_for()
    assert violations(page, "#panels") == []
    page.get_by_role("button", name="New conversation").click()
    dock = tmp_path / "dock.md"
    dock.write_text("# Dock\n\nThe dry dock was opened in 1931 by Ole Brandt.\n")
    drop(page, "#chat", dock)
    page.locator("#documents li", has_text="dock.md").wait_for()
    page.locator("#chat").get_by_text("Ask your documents").wait_for()
    assert invitation.count() == 0


@pytest.mark.parametrize("made", [False, True], ids=["no corpus", "an empty corpus"])
def test_who_asks_of_nothing_is_told_what_helps_here(page, agent, made):
    if made:
        agent.corpora.create("papers")
    ask(page, "Who opened the dock?")
    problem = page.locator("#chat .problem")
    problem.wait_for()
    assert "papers" in problem.inner_text() and "triptych" not in problem.inner_text()
    assert "documents" in problem.inner_text(), "what helps"
    page.reload()
    problem.wait_for()
    assert "triptych" not in problem.inner_text()


def test_what_is_read_beside_the_page_is_shown_and_may_be_asked_meanwhile(page, agent, tmp_path):
    lines = [f"Chapter {number} of the chronicle." for number in range(1, 5)]
    lines[1] += " The lock was opened in 1902 by Mara Quist."
    paths = [write_pdf(tmp_path / f"{name}.pdf", "The Harbour", *lines) for name in ("first", "second")]
    begun, goes_on = threading.Event(), threading.Event()

    def told(progress) -> None:
        if progress.document == "second.pdf" and progress.page == 2:
            begun.set()
            goes_on.wait(120)

    reading = threading.Thread(target=agent.ingest, args=(paths, None, told))
    reading.start()
    try:
        assert begun.wait(60)
        page.locator("#chat").get_by_text("Reading your documents").wait_for()
        page.locator("#chat").get_by_text("pages/s").wait_for()
        page.get_by_role("tab", name="Documents").click()
        page.locator("#corpora").get_by_text("pages/s").wait_for()
        page.locator("#documents li", has_text="second.pdf").get_by_text("being read").wait_for()
        ask(page, "Who opened the lock in 1902?")
        page.locator("#chat .answer").get_by_text("Mara Quist").first.wait_for()
    finally:
        goes_on.set()
        reading.join()
    page.locator("#corpora").get_by_text("2 documents").wait_for()
    page.wait_for_function("!document.querySelector('#corpora').innerText.includes('pages/s')")


def test_the_first_question_says_that_it_waits_for_the_models(page, agent, tmp_path, monkeypatch):
    from retrievers.corpus import Corpus

    dock = tmp_path / "dock.md"
    dock.write_text("# Dock\n\nThe dry dock was opened in 1931 by Ole Brandt.\n")
    agent.ingest([dock])
    goes_on, real = threading.Event(), Corpus.search

    def search(self, *words, **named):
        goes_on.wait(120)
        return real(self, *words, **named)

    monkeypatch.setattr(Corpus, "search", search)  # as slow as the first one is
    warming = threading.Thread(target=agent.warm_up)
    warming.start()
    try:
        ask(page, "Who opened the dry dock?")
        page.locator("#chat .waiting").get_by_text("models are still being loaded").wait_for()
    finally:
        goes_on.set()
        warming.join()
    page.locator("#chat .answer").get_by_text("Ole Brandt").first.wait_for()


@pytest.mark.parametrize("page", [{}, {"color_scheme": "dark"}], indirect=True, ids=["light", "dark"])
def test_what_is_inside_is_told_after_reading_and_its_questions_are_answered(page, tmp_path):
    fleet = tmp_path / "flotte.md"
    fleet.write_text(
        "# Die Flotte\n\n## Leuchtturm\n\nDer Leuchtturm wurde 1887 von Ada Thorne aus Basalt gebaut. Sein Licht ist "
        "in klaren Nächten 31 Kilometer weit zu sehen, und niemand wohnt mehr darin.\n"
    )
    drop(page, "#chat", fleet)
    offered = page.locator("#progress .inside button", has_text="Was steht hier über Leuchtturm?")
    offered.wait_for()
    page.locator("#progress .inside").get_by_text("Ada Thorne").wait_for()
    page.locator("#chat").get_by_role("button", name="Was steht hier über Leuchtturm?").wait_for()
    page.locator("#chat .inside").get_by_text("Ada Thorne").wait_for()
    assert violations(page, "#panels") == []
    page.locator("#documents").get_by_role("button", name="Open flotte.md").click()
    page.locator("#side .evidence .inside").get_by_text("Ada Thorne").wait_for()
    page.locator("#side .evidence .inside button", has_text="Was steht hier über Leuchtturm?").click()
    page.locator("#chat .answer").get_by_text("Ada Thorne").first.wait_for()
