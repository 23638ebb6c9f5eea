"""How wide must the picture of a short line be for the recogniser of words, and what does a line cost?

    python benchmarks/labels.py --pdfs FOLDER [--letters 12]

Cuts short lines out of drawn pages whose text layer says what they are, and reads each padded to different widths.
Prints milliseconds of CPU a line, the share that is read right, and how many come right or wrong against the first.
"""

import argparse
import random
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2

from retrievers.parsers import ocr
from retrievers.parsers.pdf.text import read_text

WIDTHS = (320, 224, 160, 96, 64)  # pixels; the first is RapidOCR's own
DRAWN = 2000  # pixels across a page, as figures are read
DOCUMENTS, PAGES, LINES = 25, 5, 9  # of the folder, of each document, of each page
ROOM = 0.12  # of its height, around a line


def lines(pdfs: Path, letters: int) -> Iterator[tuple[str, np.ndarray]]:
    """What is written, and its picture."""
    chance = random.Random(0)
    files = sorted(pdfs.glob("*.pdf"))
    for file in chance.sample(files, min(DOCUMENTS, len(files))):
        pdf = pypdfium2.PdfDocument(file)
        for number in chance.sample(range(len(pdf)), min(PAGES, len(pdf))):
            page = pdf[number]
            short = [line for line in read_text(page).lines if not line.turn and len(line.text) <= letters]
            short = [line for line in short if line.text.isascii()]
            picture = page.render(scale=DRAWN / page.get_size()[0]).to_pil().convert("RGB")
            width, height = picture.size
            for line in chance.sample(short, min(LINES, len(short))):
                box, room = line.box, ROOM * (line.box.y1 - line.box.y0) * height
                cut = (box.x0 * width - room, box.y0 * height - room, box.x1 * width + room, box.y1 * height + room)
                yield line.text, np.asarray(picture.crop(tuple(map(int, cut))))[:, :, ::-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pdfs", type=Path, required=True)
    parser.add_argument("--letters", type=int, default=12)
    options = parser.parse_args()
    engine = ocr._engine()
    known = [(text, picture) for text, picture in lines(options.pdfs, options.letters) if min(picture.shape[:2]) > 6]
    engine(known[0][1], use_det=False)
    print(f"{len(known)} lines")
    first: list[bool] = []
    for width in WIDTHS:
        engine.text_rec.rec_image_shape = [3, 48, width]
        start = time.process_time()
        read = [engine(picture, use_det=False).txts for _, picture in known]
        took = 1000 * (time.process_time() - start) / len(known)
        right = [
            "".join((found or ("",))[0].split()) == "".join(text.split())
            for found, (text, _) in zip(read, known, strict=True)
        ]
        first = first or right
        won, lost = (sum(a and not b for a, b in zip(*pair, strict=True)) for pair in ((right, first), (first, right)))
        print(f"{width:4} pixels {took:6.1f} ms a line, {np.mean(right):.3f} right, {won} come right, {lost} wrong")


if __name__ == "__main__":
    main()
