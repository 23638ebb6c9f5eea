"""How long a person waits for the page, in Chromium over the sample corpus.

    python benchmarks/page_speed.py [--questions 30]

Serves the sample corpus in a process of its own, opens the page five times, and asks in one of them, each question in a
new conversation. Prints the first paint (the browser's own) and when the box can be written in, from the beginning of
the navigation; then, from Enter, when one's own words stand in the chat, which the page sees to itself, when the
server's first event is there, the first words of the answer, and all of it with its sources; and the CPU seconds of the
server for each answer, beside those of the same one without a page. What the page shows is seen in the page itself, as
it is drawn.
"""

import argparse
import json
from statistics import quantiles
from typing import Any
from uuid import uuid4

import httpx
import psutil
from page_load import CORPUS, ROOT, ask, function_of, ready, serving, spent
from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
SHOWN = {
    "own": "one's own words in the chat",
    "taken": "the server's first event",
    "words": "the answer's first words",
    "whole": "the whole answer",
}
USABLE = """() => new Promise((done) => {
    const usable = () => document.querySelector("#ask textarea:enabled");
    const look = () => (usable() ? done(performance.now()) : requestAnimationFrame(look));
    look();
})"""
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
WATCH = """() => {
    const chat = document.querySelector("#chat");
    const seen = (window.seen = {});
    document.querySelector("#ask textarea").addEventListener("keydown", (event) => {
        if (event.key === "Enter") seen.enter = performance.now();
    }, { capture: true, once: true });
    const note = (name, is) => { if (is && !(name in seen)) seen[name] = performance.now(); };
    const look = () => {
        note("own", chat.querySelector(".asked"));
        note("taken", chat.querySelector(".answer:not(.echo)"));
        note("words", chat.querySelector(".answer p:not(.waiting):not(.notice)"));
        note("whole", chat.querySelector(".answer ul.sources, .answer.unfound"));
        if (!("whole" in seen)) requestAnimationFrame(look);
    };
    look();
}"""


def shown(name: str, seconds: list[float]) -> None:
    middle = quantiles(seconds, n=20)
    print(f"{name}: p50 {middle[9] * 1000:.0f} ms, p95 {middle[18] * 1000:.0f} ms")


def opening(browser: Any, address: str) -> tuple[float, float]:
    """Seconds to the first paint and to the box, for one who was never here."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(address)
    usable = page.evaluate(USABLE)
    painted = page.evaluate(PAINTED)
    context.close()
    return painted / 1000, usable / 1000


def asking(page: Any, question: str) -> dict[str, float]:
    """Seconds from Enter."""
    page.click("#new")
    page.locator("#chat .asked").wait_for(state="detached")
    page.wait_for_selector("#ask textarea:enabled")
    page.evaluate(WATCH)
    page.fill("#ask textarea", question)
    page.press("#ask textarea", "Enter")
    page.wait_for_function("'whole' in window.seen", timeout=120_000)
    page.locator("#chat .row").wait_for()
    seen = page.evaluate("window.seen")
    return {name: (seen[name] - seen["enter"]) / 1000 for name in SHOWN if name in seen}


def main(count: int) -> None:
    given = json.loads((ROOT / "examples/questions.json").read_text(encoding="utf-8"))
    questions = [given[number % len(given)]["question"] for number in range(count)]
    with serving() as (address, process), sync_playwright() as playwright:
        with httpx.Client(base_url=address, timeout=300) as client:
            ready(client)
            function = function_of(client)
            ask(client, function, questions[0], uuid4().hex)  # the first waits for the models
            before = spent(process)
            for question in questions:
                ask(client, function, question, uuid4().hex)
            alone = (spent(process) - before) / count
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        opened = [opening(browser, address) for _ in range(5)]
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.wait_for_selector("#ask textarea:enabled")
        asking(page, questions[0])
        before = spent(process)
        asked = [asking(page, question) for question in questions]
        used = (spent(process) - before) / count
        browser.close()
    print(f"{count} questions over {CORPUS!r}, load {psutil.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores")
    shown("first paint", [painted for painted, _ in opened])
    shown("box can be written in", [usable for _, usable in opened])
    for name, words in SHOWN.items():
        shown(f"Enter to {words}", [one[name] for one in asked if name in one])
    print(f"CPU seconds of the server an answer: {used:.2f} on the page, {alone:.2f} by its API")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=30)
    main(parser.parse_args().questions)
