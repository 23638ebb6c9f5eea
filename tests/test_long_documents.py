"""A PDF of ten thousand pages is read page by page, in memory that does not grow with it."""

import subprocess
import sys

import pytest
from reportlab.pdfgen.canvas import Canvas

PAGES = 10_000
GROWTH = 40  # MB that reading nine thousand further pages may add

READ = """
import re, sys
from pathlib import Path
from retrievers.parsers import open_document

def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024

with open_document(Path(sys.argv[1])) as document:
    print(document.page_count)
    for number in range(1, document.page_count + 1):
        (block,) = document.page(number).blocks
        assert str(number * 7) in block.text, block
        if number in (1000, document.page_count):
            print(resident())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads its memory from /proc")
@pytest.mark.timeout(400)
def test_ten_thousand_pages_stream(tmp_path):
    path = tmp_path / "log.pdf"
    canvas = Canvas(str(path), pageCompression=0)
    for number in range(1, PAGES + 1):
        canvas.drawString(72, 700, f"Reading {number * 7} was taken at dawn by the keeper of the light.")
        canvas.showPage()
    canvas.save()
    run = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    pages, early, late = map(int, run.stdout.split())
    assert pages == PAGES
    assert late - early < GROWTH
