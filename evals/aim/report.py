"""The figures of `triptych eval aim` as Markdown and plots."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evals import plots


@dataclass(frozen=True)
class Cell:
    """One arm at one number of demonstrations.

    `low`, `high`: 95 % Wilson interval of `accuracy`; `tokens`: of one demonstration; `first_token`: median seconds to
    it, fusing included for `aim-fresh`; `per_second`: requests; `kv_bytes`: keys and values of the prompt.
    """

    arm: str
    demonstrations: int
    episodes: int
    accuracy: float
    low: float
    high: float
    tokens: float
    first_token: float
    per_second: float
    kv_bytes: int


Figure = Callable[[Cell], str]
TABLES: dict[str, Figure] = {
    "Accuracy, with 95 % intervals": lambda cell: f"{cell.accuracy:.3f} [{cell.low:.3f}, {cell.high:.3f}]",
    "Tokens of one demonstration": lambda cell: f"{cell.tokens:.1f}",
    "Time to first token, median, in ms": lambda cell: f"{1000 * cell.first_token:.1f}",
    "Requests a second, four at once": lambda cell: f"{cell.per_second:.1f}",
    "KV cache of a prompt, in KiB": lambda cell: f"{cell.kv_bytes / 1024:.0f}",
}


def markdown(found: Sequence[Cell]) -> str:
    """A table a figure: a row an arm, a column a number of demonstrations."""
    lines = [
        "# Fused demonstrations",
        "",
        f"5 classes, {found[0].episodes} episodes a cell, through one vLLM server.",
        "",
    ]
    for title, figure in TABLES.items():
        lines += [f"## {title}", "", *_table(found, figure), ""]
    return "\n".join(lines)


def drawings(found: Sequence[Cell]) -> dict[str, str]:
    """File name -> SVG, over the number of demonstrations; what is no share is drawn as one of its largest."""
    slowest, fullest = max(cell.first_token for cell in found), max(cell.kv_bytes for cell in found)
    return {
        "accuracy": _drawn("Accuracy", found, lambda cell: cell.accuracy),
        "first-token": _drawn(
            f"Time to first token, as a share of {1000 * slowest:.0f} ms",
            found,
            lambda cell: cell.first_token / slowest,
        ),
        "kv-cache": _drawn(
            f"KV cache, as a share of {fullest / 1024:.0f} KiB", found, lambda cell: cell.kv_bytes / fullest
        ),
    }


def _drawn(title: str, found: Sequence[Cell], value: Callable[[Cell], float]) -> str:
    most = max(cell.demonstrations for cell in found)
    shown = [cell for cell in found if cell.demonstrations]
    series = {
        arm: [(cell.demonstrations / most, value(cell)) for cell in shown if cell.arm == arm]
        for arm in dict.fromkeys(cell.arm for cell in shown)
    }
    return plots.lines(title, f"{title}; demonstrations, as a share of {most}", series)


def _table(found: Sequence[Cell], figure: Figure) -> list[str]:
    sizes = sorted({cell.demonstrations for cell in found})
    at = {(cell.arm, cell.demonstrations): figure(cell) for cell in found}
    head = ["arm", *(f"N = {size}" for size in sizes)]
    rows = [[arm, *(at.get((arm, size), "") for size in sizes)] for arm in dict.fromkeys(cell.arm for cell in found)]
    return ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows)]
