"""Takes the pictures of the page, from a page that is being served.

triptych serve --corpus-from examples/corpus --corpus sample --no-browser
python docs/screenshot.py docs/images/page.png
python docs/screenshot.py phone.png --width 390 --height 844 --dark
"""

import argparse

from playwright.sync_api import sync_playwright


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output")
    parser.add_argument("--address", default="http://127.0.0.1:7860")
    parser.add_argument("--question", default="Show the cut through the rings of Saturn.")
    parser.add_argument("--width", type=int, default=1440)
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    arguments = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=arguments.chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(
            viewport={"width": arguments.width, "height": arguments.height},
            color_scheme="dark" if arguments.dark else "light",
        )
        page.set_default_timeout(120_000)
        page.goto(arguments.address)
        page.wait_for_selector("#ask textarea:enabled")
        page.fill("#ask textarea", arguments.question)
        page.press("#ask textarea", "Enter")
        page.locator("#side .sheet img").evaluate("image => image.decode()")
        page.screenshot(path=arguments.output)
        browser.close()


if __name__ == "__main__":
    main()
