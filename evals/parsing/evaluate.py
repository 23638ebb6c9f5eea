"""How much of what files say do the parsed pages hold, by format, and what does the parser's own accounting say of it?

    python -m evals.parsing.evaluate FOLDER REFERENCE [--below 0.97] [--each]

REFERENCE is a JSON lines file, `.gz` or not, of `{"file", "pages", "words"}`: a path in FOLDER, how many of its pages
were read, and how often each word stands on them, in lower case, as another program found them; null where none did.
Prints a table for docs/parsing.md; with `--each` every file below the bound too. A word is a run of letters and digits.
As a person would type it, a ligature is its letters and a raised digit a digit.
"""

import argparse
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import NamedTuple

from common.errors import UserError
from retrievers.elements import Block
from retrievers.parsers import open_document
from retrievers.parsers.accounting import LOSS, words

WORD = re.compile(r"[^\W_]+")
HEADER = (
    "format",
    "files",
    "read",
    "at {below} or more",
    "as typed",
    "median",
    "own account: median",
    "pages with a loss",
)


class Outcome(NamedTuple):
    """What became of a file. `held` is the share of the reference's words that its pages hold, `typed` the same in the
    letters that one types; None where the reference has none. `kept` is the share by the parser's own accounting, None
    where the file was refused, `lossy` how many of its `pages` say that they lost words."""

    file: str
    held: float | None = None
    typed: float | None = None
    kept: float | None = None
    lossy: int = 0
    pages: int = 0
    notes: tuple[str, ...] = ()


def outcome(folder: Path, file: str, pages: int, reference: Mapping[str, int]) -> Outcome:
    try:
        with open_document(folder / file) as document:
            read = [document.page(number) for number in range(1, min(document.page_count, pages) + 1)]
            said = " ".join([document.title, *(_said(block) for page in read for block in page.blocks)])
    except UserError as error:
        return Outcome(file, notes=(str(error),))
    wanted = Counter(dict(reference))
    return Outcome(
        file,
        _share(wanted, Counter(word.lower() for word in WORD.findall(said))),
        _share(words(" ".join(wanted.elements())), words(said)),
        1 - sum(page.lost for page in read) / max(1, len(read)),
        sum(page.lost > LOSS for page in read),
        len(read),
        tuple(note for page in read for note in page.notes),
    )


def _said(block: Block) -> str:
    return " ".join([block.caption, block.text, *(cell for row in block.rows for cell in row)])


def _share(wanted: Counter[str], found: Counter[str]) -> float | None:
    return (wanted & found).total() / wanted.total() if wanted else None


def outcomes(folder: Path, reference: Path) -> Iterator[Outcome]:
    """In the order of the reference, without the files that are not there."""
    opened = gzip.open if reference.suffix == ".gz" else open
    with opened(reference, "rt", encoding="utf8") as lines:
        for line in lines:
            case = json.loads(line)
            if (folder / case["file"]).is_file():
                yield outcome(folder, case["file"], case["pages"], case["words"] or {})


def table(found: Iterable[Outcome], below: float) -> str:
    """Markdown, a row for each format, and one for all."""
    formats: defaultdict[str, list[Outcome]] = defaultdict(list)
    for one in found:
        formats[Path(one.file).suffix.lower().removeprefix(".").upper()].append(one)
    rows = [_row(name, group, below) for name, group in sorted(formats.items())]
    rows.append(_row("all", [one for group in formats.values() for one in group], below))
    header = [cell.format(below=below) for cell in HEADER]
    return "\n".join(f"| {' | '.join(row)} |" for row in [header, ["---"] * len(header), *rows])


def _row(name: str, group: list[Outcome], below: float) -> list[str]:
    held = [one.held for one in group if one.held is not None]
    typed = [one.typed for one in group if one.typed is not None]
    kept = [one.kept for one in group if one.kept is not None]
    return [
        name,
        str(len(group)),
        str(len(kept)),
        _at(held, below),
        _at(typed, below),
        f"{median(held):.3f}" if held else "",
        f"{median(kept):.3f}" if kept else "",
        f"{sum(one.lossy for one in group)} of {sum(one.pages for one in group)}",
    ]


def _at(shares: list[float], below: float) -> str:
    return f"{sum(share >= below for share in shares)} of {len(shares)}" if shares else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("reference", type=Path)
    parser.add_argument("--below", type=float, default=0.97)
    parser.add_argument("--each", action="store_true", help="name every file below the bound")
    given = parser.parse_args()
    found = list(outcomes(given.folder, given.reference))
    print(table(found, given.below))
    for one in found:
        if given.each and (one.held is None or one.held < given.below):
            print(f"{one.held or 0:.2f} {one.file}: {'; '.join(one.notes) or 'no note'}")


if __name__ == "__main__":
    main()
