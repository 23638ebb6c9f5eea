"""Files on the page, in Chromium: addressed by what is in them, wherever the data folder lies, then and later."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from talks import answers, ask, opened, serving
from web import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]
ADDRESSES = """() => [...document.querySelectorAll(":is(#chat, #side, #voice) :is([src], [href])")]
    .flatMap((one) => [one.getAttribute("src"), one.getAttribute("href")]).filter(Boolean)"""


def shown(page: Any, part: str) -> bool:
    picture = page.locator(part).first
    picture.wait_for()
    return bool(picture.evaluate("image => image.decode().then(() => image.naturalWidth > 0, () => false)"))


def test_addresses_name_no_folder_and_outlast_that_it_moves(tmp_path: Path, visitor: Any) -> None:
    picture = tmp_path / "tall ship.png"
    Image.new("RGB", (60, 240), "teal").save(picture)
    with serving(tmp_path / "one") as (agent, address):
        data, port = agent.settings.data_dir, int(address.rpartition(":")[2])
        page = opened(visitor, address)
        ask(page, 'Draw a bar chart: north: 3, south: 5 and say "the south has more" aloud.')
        page.locator("#chat .answer:not(:has(.waiting)) audio").wait_for()
        page.set_input_files("#ask input[type=file]", picture)
        page.locator("#ask .thumbnail-item, #ask [aria-label='Remove file']").first.wait_for()
        ask(page, "How much does the pump weigh?")
        answers(page, 1)
        page.locator("#side .evidence .sheet img").wait_for()
        page.locator("#chat .row").nth(1).get_by_role("button", name="Read aloud").click()
        page.locator("#voice audio").wait_for(state="attached")
        assert shown(page, "#chat figure.artifact img") and shown(page, "#chat .asked img")
        addresses = page.evaluate(ADDRESSES)
        link = page.url
        page.close()
    assert len(addresses) > 10
    assert not [one for one in addresses if any(folder in one for folder in (tmp_path.name, "artifacts", "gradio"))]
    (tmp_path / "two").mkdir()
    data.rename(tmp_path / "two/data")
    with serving(tmp_path / "two", port):
        page = opened(visitor, link)
        assert shown(page, "#chat figure.artifact img") and shown(page, "#chat .asked img")
        assert page.locator("#chat .asked img").get_attribute("alt") == "tall ship.png"
        page.locator("#chat a.cite").last.click()
        assert shown(page, "#side .evidence .sheet img")
