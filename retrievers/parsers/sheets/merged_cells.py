"""What is merged over several cells of a sheet stands in each of them, as a reader takes it."""

from collections.abc import Iterable

Area = tuple[int, int, int, int]  # first column, first row, last column, last row, from 1
MAX_FILLED = 200_000  # cells into which a value is repeated, a sheet


class Merged:
    """Merged ranges, met row by row."""

    def __init__(self, ranges: Iterable[Area]) -> None:
        self._waiting = sorted(ranges, key=lambda area: -area[1])
        self._begun: list[tuple[int, int, int, str]] = []  # first and last column, last row, text
        self._left = MAX_FILLED

    def repeat(self, number: int, texts: list[str]) -> bool:
        """Writes into `texts`, row `number`, what is merged over it; says whether that spans columns."""
        self._begun = [area for area in self._begun if area[2] >= number]
        while self._waiting and self._waiting[-1][1] <= number:
            first, _, last, bottom = self._waiting.pop()
            text = texts[first - 1] if first <= len(texts) else ""
            if text and bottom >= number:
                self._begun.append((first, last, bottom, text))
        for first, last, _, text in self._begun:
            end = min(last, first + self._left)
            self._left -= end - first
            texts += [""] * (end - len(texts))
            for column in range(first - 1, end):
                texts[column] = texts[column] or text
        return any(last > first for first, last, _, _ in self._begun)
