"""A question asked on the page while a folder of 500 pages is being read, in a real browser over the real store."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from staged import write
from talks import WHOLE
from web import CHROMIUM, served

from agent import Agent
from retrievers.ingestion.ingest import Progress
from ui.app import application

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]
PAGES = 250  # of each of two books


def test_what_is_there_answers_and_says_that_more_will_come(chromium, tmp_path):
    pile = tmp_path / "pile"
    pile.mkdir()
    for name in ("north", "south"):
        write(pile / f"{name}.pdf", "t" * PAGES, seed=len(name))
    (pile / "skagen.md").write_text("# Skagen\n\nThe grey lighthouse of Skagen was lit in 1858.\n")
    reached, asked = Event(), Event()

    def tell(now: Progress) -> None:
        if now.stage == "meaning" and now.pages_done > 100:
            reached.set()
            assert asked.wait(120)

    with (
        Agent(corpus="coast", data_dir=tmp_path / "data") as agent,
        served(application(agent)) as url,
        ThreadPoolExecutor(1) as pool,
    ):
        reading = pool.submit(agent.ingest, [pile], progress=tell)
        try:
            assert reached.wait(240)
            page = chromium.new_page()
            page.set_default_timeout(60_000)
            page.goto(url)
            page.fill("#ask textarea", "When was the grey lighthouse of Skagen lit?")
            page.press("#ask textarea", "Enter")
            answer = page.locator(WHOLE)
            answer.wait_for()
            said = answer.inner_text()
            assert "1858" in said and "skagen.md" in said
            assert re.search(r'Of "coast" \d\d % has dense vectors.*: answers may improve\.', said)
            page.close()
        finally:
            asked.set()
        assert reading.result().pages == 2 * PAGES + 1
        assert not agent.library.open("coast").readiness().notice
