"""Figures as Markdown."""

from collections.abc import Sequence

from evals.metrics import Estimate


def grid(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def shown(found: Estimate) -> str:
    """The value, with its interval."""
    return f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"
