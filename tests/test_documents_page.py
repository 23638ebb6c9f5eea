"""Documents as things, on the page in a real browser: listed, found, opened, ticked, read again, dropped, dismissed."""

import base64
from pathlib import Path

import pytest
from talks import opened
from test_page import write_pdf
from web import CHROMIUM, violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]
DROP = """([files, where]) => {
    const data = new DataTransfer();
    const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    for (const [name, text] of files) data.items.add(new File([bytes(text)], name));
    const target = document.querySelector(where);
    for (const type of ["dragenter", "dragover", "drop"])
        target.dispatchEvent(new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: data}));
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("documents")


@pytest.fixture(scope="module")
def agent(folder):
    from agent import Agent

    sources = folder / "sources"
    sources.mkdir()
    harbour = [f"Chapter {number} of the harbour's chronicle." for number in range(1, 4)]
    harbour[2] += " The lock was opened in 1902 by Mara Quist."
    write_pdf(sources / "harbour.pdf", "The Harbour", *harbour)
    (sources / "dry dock.md").write_text("# Dock\n\nThe dry dock was opened in 1931 by Ole Brandt.\n")
    (sources / "torn.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    with Agent.from_corpus(sources, corpus="harbour", data_dir=folder / "data") as agent:
        yield agent


@pytest.fixture
def page(visitor, address):
    """A fresh visitor who looks at the documents."""
    page = opened(visitor, address)
    page.get_by_role("tab", name="Documents").click()
    page.locator("#documents li", has_text="harbour.pdf").wait_for()
    return page


def entry(page, name: str):
    return page.locator("#documents li", has_text=name)


def names(page) -> list[str]:
    return page.locator("#documents li b").all_inner_texts()


def drop(page, where: str, *paths: Path) -> None:
    files = [(path.name, base64.b64encode(path.read_bytes()).decode()) for path in paths]
    page.evaluate(DROP, [files, where])


def test_the_list_says_what_is_known_of_each_document(page):
    told = entry(page, "harbour.pdf").inner_text()
    assert "3 pages" in told and "regions" in told and "kB" in told
    assert "20" in told.partition("kB")[2], "the day on which it was read"
    assert "torn.pdf" in names(page) and "PDF" in entry(page, "torn.pdf").locator(".error").inner_text()


def test_documents_are_found_by_name_and_put_in_order(page):
    assert names(page) == ["dry dock.md", "harbour.pdf", "torn.pdf"]
    page.fill("#find input, #find textarea", "dock")
    entry(page, "harbour.pdf").wait_for(state="detached")
    assert names(page) == ["dry dock.md"]
    page.fill("#find input, #find textarea", "")
    entry(page, "harbour.pdf").wait_for()
    page.click("#order input")
    page.get_by_role("option", name="most pages first").click()
    page.wait_for_function("document.querySelector('#documents li b').innerText === 'harbour.pdf'")


def test_a_document_is_opened_and_its_pages_turned(page):
    entry(page, "harbour.pdf").get_by_role("button", name="Open").click()
    panel = page.locator("#side .evidence")
    panel.get_by_text("page 1 of 3").wait_for()
    seen = {shown(panel)}
    panel.get_by_title("Page 2").click()
    panel.get_by_text("page 2 of 3").wait_for()
    seen.add(shown(panel))
    panel.get_by_title("Page 3").click()
    panel.get_by_text("page 3 of 3").wait_for()
    seen.add(shown(panel))
    assert len(seen) == 3 and panel.get_by_title("Page 4").count() == 0
    width = panel.locator(".sheet img").bounding_box()["width"]
    panel.get_by_role("button", name="Larger").click()
    assert panel.locator(".sheet img").bounding_box()["width"] > 1.4 * width


def shown(panel) -> str:
    """The address of the page's picture, once it is there."""
    image = panel.locator(".sheet img")
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth > 0, () => false)")
    return image.get_attribute("src")


def test_only_the_ticked_documents_are_asked(page):
    entry(page, "dry dock.md").get_by_role("checkbox").click()
    page.locator("#only").get_by_text("dry dock.md").first.wait_for()
    page.fill("#ask textarea", "Who opened the lock in 1902?")
    page.press("#ask textarea", "Enter")
    page.wait_for_function("document.querySelector('#chat .answer') && !document.querySelector('#chat .waiting')")
    answer = page.locator("#chat .answer").inner_text()
    assert "dry dock.md" in answer and "Quist" not in answer and "harbour.pdf" not in answer
    entry(page, "dry dock.md").get_by_role("checkbox").click()
    page.locator("#only").wait_for(state="hidden")
    page.fill("#ask textarea", "Who opened the lock in 1902?")
    page.press("#ask textarea", "Enter")
    page.locator("#chat .answer").nth(1).get_by_text("Quist").first.wait_for()


def test_a_tick_outlasts_a_list_that_is_older(page):
    """As of two documents that are ticked one right after the other."""
    held, holding = [], True
    page.route("**/queue/join*", lambda call: held.append(call) if holding else call.continue_())
    entry(page, "dry dock.md").get_by_role("checkbox").click()
    until_held(page, held, 1)
    held.pop().continue_()
    until_held(page, held, 1)  # the list, with the first
    page.evaluate("document.querySelector('#documents ul').id = 'before'")
    entry(page, "harbour.pdf").get_by_role("checkbox").click()
    held.pop(0).continue_()
    page.locator("#before").wait_for(state="detached")
    for name in ("dry dock.md", "harbour.pdf"):
        assert entry(page, name).get_by_role("checkbox").get_attribute("aria-checked") == "true"
    holding = False
    for call in held:
        call.continue_()
    page.locator("#only").get_by_text("harbour.pdf").first.wait_for()
    assert page.locator("#only .token").count() == 2


def until_held(page, held: list, count: int) -> None:
    while len(held) < count:
        page.wait_for_timeout(20)


def test_a_file_dropped_anywhere_is_read_and_a_failed_one_says_why_until_dismissed(page, tmp_path):
    crane, broken = tmp_path / "crane.md", tmp_path / "broken.docx"
    crane.write_text("# Crane\n\nThe crane Ilse lifts 40 tonnes.\n")
    broken.write_bytes(b"PK\x03\x04 nothing")
    page.get_by_role("tab", name="Evidence").click()
    drop(page, "#chat", crane, broken)
    page.get_by_text("1 document ready").wait_for()
    entry(page, "crane.md").wait_for()
    failed = entry(page, "broken.docx")
    assert failed.locator(".error").inner_text()
    page.once("dialog", lambda dialog: dialog.accept())
    failed.get_by_role("button", name="Dismiss").click()
    failed.wait_for(state="detached")


def test_a_document_is_read_again(page, folder):
    path = folder / "sources" / "dry dock.md"
    path.write_text("# Dock\n\nThe dry dock was opened in 1931 by Ole Brandt.\n\nIt was closed in 1977 by Ida Holm.\n")
    entry(page, "dry dock.md").get_by_role("button", name="Read").click()
    page.get_by_text("1 document ready").wait_for()
    page.fill("#ask textarea", "Who closed the dry dock in 1977?")
    page.press("#ask textarea", "Enter")
    page.locator("#chat .answer").get_by_text("Ida Holm").first.wait_for()


@pytest.mark.parametrize("visitor", [{}, {"color_scheme": "dark"}], indirect=True, ids=["light", "dark"])
def test_nobody_is_kept_out_of_the_documents(page):
    assert violations(page, "#side") == []
    entry(page, "harbour.pdf").get_by_role("button", name="Open").click()
    page.locator("#side .evidence").get_by_text("page 1 of 3").wait_for()
    assert violations(page, "#side") == []


def test_the_address_of_a_page_names_no_folder_and_leads_nowhere_else(page, address):
    entry(page, "harbour.pdf").get_by_role("button", name="Open").click()
    image = page.locator("#side .sheet img")
    image.wait_for()
    assert str(Path.home()) not in image.get_attribute("src") and "/tmp" not in image.get_attribute("src")
    pages = f"{address}/{image.get_attribute('src').rpartition('/')[0]}"
    assert page.request.get(f"{pages}/3.png").headers["content-type"] == "image/png"
    for wrong in (f"{pages}/0.png", f"{pages}/4.png", f"{pages}/{10**30}.png", f"{address}/document-pages/no/x/1.png"):
        assert page.request.get(wrong).status == 404, wrong


def test_a_file_is_dropped_before_the_documents_were_looked_at(page, address, tmp_path):
    winch = tmp_path / "winch.md"
    winch.write_text("# Winch\n\nThe winch Olga pulls 9 tonnes.\n")
    page.goto(address)
    page.wait_for_selector("#ask textarea:enabled")
    assert not page.locator("#drop").count()
    drop(page, "#chat", winch)
    page.get_by_text("1 document ready").wait_for()
    entry(page, "winch.md").wait_for()
