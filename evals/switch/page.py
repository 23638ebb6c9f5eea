"""Compound requests in the chat page itself, in a real browser: what is made must be there, open, and cite its source.

    triptych serve --corpus-from examples/corpus --corpus sample
    python -m evals.switch.page [--address URL] [--shots FOLDER]

Asks every line of `page_requests.jsonl` in a conversation of its own, then changes what was made ("again"). Prints a
table, and exits with 1 if anything is wrong. Needs Chromium and the extra `dev`.
"""

import argparse
import io
import json
import sys
import wave
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin
from xml.etree import ElementTree

from common import jsonl

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

REQUESTS = Path(__file__).with_name("page_requests.jsonl")
SPEC = "Vega-Lite"
SECONDS = """async (sound) => {
    if (!(sound.duration > 0)) await new Promise((done) => { sound.onloadedmetadata = done; sound.load(); });
    sound.muted = true;
    await sound.play();
    return sound.duration;
}"""


@dataclass(frozen=True)
class Thing:
    """One artifact of an answer: `kind` as in the requests, its files by type, and the sources it names."""

    kind: str
    title: str
    files: Mapping[str, bytes]
    cites: frozenset[str]

    @property
    def numbers(self) -> dict[str, float]:
        """What a chart draws: label -> number."""
        (values,) = json.loads(self.files[SPEC])["datasets"].values()
        return {value["label"]: value["value"] for value in values}


def main() -> int:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="http://127.0.0.1:7860")
    parser.add_argument("--shots", type=Path, metavar="FOLDER", help="where to put a picture of every answer")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    arguments = parser.parse_args()
    wrong = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=arguments.chromium, args=["--no-sandbox", "--disable-gpu"])
        for number, line in jsonl.lines(REQUESTS):
            page = browser.new_page(viewport={"width": 1440, "height": 1500})
            page.set_default_timeout(120_000)
            page.goto(arguments.address)
            page.wait_for_selector("#ask textarea:enabled")
            asked = json.loads(line)
            for part, check in (("asked", _first), ("again", _again)):
                problems = check(page, asked)
                print(f"{number:2} {part}: {'; '.join(problems) or 'as it should be'}", flush=True)
                wrong += bool(problems)
                if arguments.shots:
                    arguments.shots.mkdir(parents=True, exist_ok=True)
                    page.screenshot(path=arguments.shots / f"{number:02}-{part}.png")
            page.close()
        browser.close()
    return int(bool(wrong))


def _first(page: "Page", asked: Mapping[str, Any]) -> list[str]:
    things = _ask(page, asked["request"])
    problems = list(_unlike(things, asked["makes"]))
    cited = frozenset().union(*(thing.cites for thing in things))
    if bool(asked["cites"]) != bool(cited & {*asked["cites"]}) or (not asked["cites"] and cited):
        problems.append(f"cites {sorted(cited)}")
    charts = [thing.numbers for thing in things if SPEC in thing.files]
    if page.locator("#chat .answer.unfound").count():
        problems.append("finds nothing")
    if not any(asked.get("shows", {}).items() <= numbers.items() for numbers in charts or [{}]):
        problems.append(f"draws {charts}")
    return problems


def _again(page: "Page", asked: Mapping[str, Any]) -> list[str]:
    """What was made before must come back changed, and alone."""
    kind = "audio" if asked["again"].startswith("Make it") else "chart"
    before = next((thing for thing in _things(page, 0) if thing.kind == kind), None)
    things = _ask(page, asked["again"])
    problems = list(_unlike(things, [kind]))
    if before is not None and things and things[0].files == before.files:
        problems.append("nothing changed")
    if before is not None and kind == "chart" and things and SPEC in things[0].files:
        problems += ["other numbers"] * (sorted(things[0].numbers.items()) != sorted(before.numbers.items()))
    return problems


def _ask(page: "Page", words: str) -> list[Thing]:
    """The artifacts of the answer, all of which open; raises if one does not."""
    before = page.locator("#chat .answer").count()
    page.fill("#ask textarea", words)
    page.press("#ask textarea", "Enter")
    page.wait_for_function(f"document.querySelectorAll('#chat .answer').length > {before}")
    page.wait_for_function("!document.querySelector('#chat .waiting')")
    page.wait_for_selector("#ask textarea:enabled")
    return _things(page, before)


def _things(page: "Page", answer: int) -> list[Thing]:
    figures = page.locator("#chat .answer").nth(answer).locator("figure.artifact")
    return [_thing(page, figures.nth(place)) for place in range(figures.count())]


def _thing(page: "Page", figure: "Locator") -> Thing:
    files = {}
    for link in figure.locator(".made a").all():
        files[link.inner_text()] = page.request.get(_absolute(page, link.get_attribute("href"))).body()
    shown = figure.locator("img")
    if shown.count() and not files:
        files["PNG"] = page.request.get(_absolute(page, shown.get_attribute("src"))).body()
    for name, data in files.items():
        _open(name, data)
    if figure.locator("audio").count():
        assert figure.locator("audio").evaluate(SECONDS) > 0.5
    kind = _kind(figure, files)
    cites = (
        title.partition(": ")[2] for link in figure.locator("a.cite").all() if (title := link.get_attribute("title"))
    )
    return Thing(kind, figure.locator("figcaption").inner_text(), files, frozenset(cites))


def _kind(figure: "Locator", files: Mapping[str, bytes]) -> str:
    """A kind of `makes`; what is shown as it stands in a document is "shown"."""
    if not figure.locator(".made").count():
        return "shown"
    if figure.locator("audio").count():
        return "audio"
    if not figure.locator("img").count():
        return "document"
    return "chart" if SPEC in files else "diagram" if "Mermaid" in files else "picture"


def _absolute(page: "Page", address: str | None) -> str:
    assert address
    return urljoin(page.url, address)


def _open(name: str, data: bytes) -> None:
    """Raises if a file is not of the type its link names, or holds nothing."""
    match name:
        case "PNG":
            from PIL import Image

            picture = Image.open(io.BytesIO(data)).convert("RGB")
            assert len(picture.getcolors(1 << 24) or ()) > 1, "a blank picture"
        case "SVG":
            assert ElementTree.fromstring(data).tag.endswith("svg")
        case "WAV":
            with wave.open(io.BytesIO(data)) as sound:
                assert sound.getsampwidth() == 2
                assert any(sound.readframes(sound.getnframes())), "a silent sound"
        case "PDF":
            import pypdfium2 as pdfium

            with pdfium.PdfDocument(data) as document:
                assert document[0].get_textpage().count_chars()
        case "HTML":
            from lxml import html

            assert html.document_fromstring(data).text_content().strip()
        case _:
            assert data.decode()


def _unlike(things: Sequence[Thing], wanted: Sequence[str]) -> Iterator[str]:
    """What is missing or too much; a table or figure that the answer leans on may always be shown."""
    kinds = {thing.kind for thing in things}
    if kinds | {"shown"} != {*wanted, "shown"} or not kinds >= {*wanted}:
        yield f"makes {sorted(kinds)}, not {sorted(wanted)}"


if __name__ == "__main__":
    sys.exit(main())
