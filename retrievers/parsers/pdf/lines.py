"""Letters of a PDF page -> lines, which end where another column or cell begins."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from retrievers.elements import Box
from retrievers.parsers.characters.right_to_left import is_leftward, is_point, logical
from retrievers.parsers.characters.superscripts import with_raised
from retrievers.parsers.pdf.letters import Char, Letters, Style, hull, rotated, turned
from retrievers.parsers.pdf.space import PageSpace

WORD_GAP = 0.3  # em of ink to ink; a space even where the file holds none (the digit 1 alone leaves 0.25)
ADVANCE_GAP = 0.1  # em between the cells of two letters; less is the room that a wide-set font leaves around each
CELL_GAP = 1.1  # em; wider than this ends the line: another column or cell begins
CAPITAL = 0.6  # em; the height of a capital, which a line has even where it begins with a full stop
TOUCHING = 0.05  # em between two pieces of one word, at most
INDEX_GAP = 0.15  # em between a letter and its index, which may hang far below
RAISED = 0.12  # em over the baseline that make a superscript
SMALLER = 0.95  # of the line's height that a superscript's does not reach


@dataclass(slots=True)
class Run:
    """A line being put together. `raised` are its last letters, as long as they are superscripts. `pieced`: its words
    are not those that PDFium tells. `spaces` are the places of letters that a space comes before."""

    style: Style
    chars: list[Char]
    text: str
    raised: str = ""
    downward: bool = False
    pieced: bool = False
    spaces: list[int] = field(default_factory=list)
    leftward: bool = field(init=False)

    def __post_init__(self) -> None:
        self.leftward = is_leftward(self.text)

    @property
    def _last(self) -> Char:
        """The letter that the line goes on after; a vowel point stands over or under one."""
        last = self.chars[-1]
        if not is_point(last.text):
            return last
        return next((char for char in reversed(self.chars) if not is_point(char.text)), last)

    def takes(self, char: Char) -> bool:
        """Whether the letter goes on this line: same baseline, right after it, not a column away."""
        last, first, size = self._last, self.chars[0], self.style.size
        if char.left == last.left and char.low == last.low:
            return True  # the second letter of a ligature, which shares its glyph's box
        if self.downward:
            return False
        if char.text in "$€£" and (char.spaced or char.broken) and (last.text.isdigit() or last.text in ")%—"):
            return False  # the next cell of a row of money
        base = self.style.base
        low, top = min(first.low, last.low, base), max(first.top, last.top, base + CAPITAL * size)
        gap = last.left - char.right if self.leftward and char.left < last.left else char.left - last.right
        slack = 0.25 * (top - low)
        if -0.5 * size < gap < CELL_GAP * size and low - slack <= (char.low + char.top) / 2 <= top + slack:
            return True
        return abs(gap) < INDEX_GAP * size and char.low < top and char.top > low

    def stacks(self, char: Char) -> bool:
        """Whether the letter stands under the last one, as in a column of Japanese or Chinese."""
        last, size = self.chars[-1], self.style.size
        beside = abs((char.left + char.right) - (last.left + last.right)) < size
        under = -0.3 * size < last.low - char.top < 0.5 * size
        return beside and under and (self.downward or len(self.chars) == 1) and _is_wide(char.text + last.text)


def read_runs(letters: Letters) -> Iterator[Run]:
    """The lines of a page in content order."""
    return _joined(_pieced(letters, _runs(letters)))


def _pieced(letters: Letters, runs: list[Run]) -> list[Run]:
    """With the halves of words put together: PDFium tells some lines of turned letters half by half."""
    on_base: defaultdict[tuple[int, int], list[Run]] = defaultdict(list)
    for run in runs:
        if not run.downward and not run.leftward:
            on_base[run.style.turn, round(run.style.base)].append(run)
    gone: set[int] = set()
    for line in on_base.values():
        line.sort(key=lambda run: run.chars[0].left)
        held = line[0]
        for run in line[1:]:
            if _touches(letters, held, run):
                held.text, held.chars, held.pieced = held.text + run.text, held.chars + run.chars, True
                gone.add(id(run))
            else:
                held = run
    return [run for run in runs if id(run) not in gone]


def _touches(letters: Letters, one: Run, other: Run) -> bool:
    """Whether `other` begins where `one` ends, in letters as large: without room between their cells."""
    last, first, size = one.chars[-1], other.chars[0], one.style.size
    if abs(first.left - last.right) > WORD_GAP * size or not 0.9 < other.style.size / size < 1.1:
        return False
    ends, begins = (rotated(*letters.cell(char.place), one.style.turn) for char in (last, first))
    return abs(begins[0] - ends[2]) < TOUCHING * size and abs(one.style.base - other.style.base) < TOUCHING * size


def _runs(letters: Letters) -> list[Run]:
    runs: list[Run] = []
    turn = 0
    for upright in letters:
        char = turned(upright, turn) if turn else upright
        run = runs[-1] if runs else None
        if run is not None and run.takes(char):
            _add(letters, run, char)
        elif run is not None and run.stacks(char):
            run.downward = True
            _add(letters, run, char)
        else:
            style = letters.style(upright.place)
            turn = style.turn
            runs.append(Run(style, [turned(upright, turn)], upright.text))
    for run in runs:
        _settle(run)
    return runs


def _add(letters: Letters, run: Run, char: Char) -> None:
    last, size = run.chars[-1], run.style.size
    if not run.downward and (char.left != last.left or char.low != last.low):
        leftward = run.leftward and char.left < last.left
        gap = last.left - char.right if leftward else char.left - last.right
        far = gap > (ADVANCE_GAP if char.broken else WORD_GAP) * size
        if char.spaced or (far and _advances(letters, last, char, run.style)):
            _settle(run)
            run.text += " "
            run.spaces.append(len(run.chars))
    if _is_raised(letters, run, char):
        run.raised += char.text
    else:
        _settle(run)
        run.text += char.text
    run.leftward = run.leftward or is_leftward(char.text)
    run.chars.append(char)


def _advances(letters: Letters, last: Char, char: Char, style: Style) -> bool:
    """Whether room is left between the cells of two letters: a monospaced font leaves much around an "i"."""
    ends = rotated(*letters.cell(last.place), style.turn)
    begins = rotated(*letters.cell(char.place), style.turn)
    return max(begins[0] - ends[2], ends[0] - begins[2]) > ADVANCE_GAP * style.size


def _is_raised(letters: Letters, run: Run, char: Char) -> bool:
    style = run.style
    if char.low <= style.base + RAISED * style.size or style.turn % 90:
        return False
    _, low, _, top = rotated(*letters.cell(char.place), style.turn)
    return letters.base(char.place, style.turn) - style.base > RAISED * style.size and top - low < SMALLER * style.size


def _joined(runs: list[Run]) -> Iterator[Run]:
    """Pieces of a line that change their direction, such as a number in Hebrew, are one line."""
    held: Run | None = None
    for run in runs:
        if held is not None and (held.leftward or run.leftward) and _on_one_line(held, run):
            held.chars += run.chars
            held.leftward = True
        else:
            if held is not None:
                yield _read(held)
            held = run
    if held is not None:
        yield _read(held)


def _read(run: Run) -> Run:
    if run.leftward:
        run.text = logical(run.chars, run.style.size)
    return run


def _on_one_line(one: Run, other: Run) -> bool:
    size = one.style.size
    gap = max(
        min(char.left for char in other.chars) - max(char.right for char in one.chars),
        min(char.left for char in one.chars) - max(char.right for char in other.chars),
    )
    same = one.style.turn == other.style.turn and abs(one.style.base - other.style.base) < 0.25 * size
    return same and -0.5 * size < gap < CELL_GAP * size


def _settle(run: Run) -> None:
    if run.raised:
        run.text, run.raised = with_raised(run.text, run.raised), ""


def _settled(run: Run) -> Run:
    _settle(run)
    return run


def cut(letters: Letters, run: Run, space: PageSpace, rules: Sequence[Box]) -> Iterator[Run]:
    """The pieces of a line between the rules that cross it, where they pass between two letters."""
    box = None if not rules or run.leftward or run.downward else space.box(*hull(run.chars, run.style.turn))
    flat = (run.style.turn + space.rotation) % 180 == 0
    crossing = [] if box is None else [rule for rule in rules if _crosses(rule, box, flat)]
    if not crossing:
        yield run
        return
    piece = Run(run.style, run.chars[:1], run.chars[0].text)
    for last, char in pairwise(run.chars):
        between = space.box(*_between(last, char, run.style.turn))
        if between is not None and any(_crosses(rule, between, flat) for rule in crossing):
            yield _settled(piece)
            piece = Run(run.style, [char], char.text)
        else:
            _add(letters, piece, char)
    yield _settled(piece)


def gaps(run: Run, space: PageSpace) -> tuple[Box, ...]:
    """The spaces between the words of a line; none where it is turned or was put together of pieces."""
    if run.style.turn or run.leftward or run.downward or len(run.spaces) != run.text.count(" "):
        return ()
    between = (space.box(*_between(run.chars[place - 1], run.chars[place], 0)) for place in run.spaces)
    return tuple(box for box in between if box is not None)


def _crosses(rule: Box, box: Box, flat: bool) -> bool:
    """Whether a rule stands across a line of text that runs along the page (`flat`) or up or down it."""
    if (rule.y1 - rule.y0 > rule.x1 - rule.x0) is not flat:
        return False
    x, y = (rule.x0 + rule.x1) / 2, (rule.y0 + rule.y1) / 2
    if flat:
        return box.x0 < x < box.x1 and rule.y0 < (box.y0 + box.y1) / 2 < rule.y1
    return box.y0 < y < box.y1 and rule.x0 < (box.x0 + box.x1) / 2 < rule.x1


def _between(last: Char, char: Char, turn: int) -> tuple[float, float, float, float]:
    """The room between two letters, in the page's own coordinates."""
    low, top = min(last.low, char.low), max(last.top, char.top)
    return rotated(min(last.right, char.left), low, max(last.right, char.left), top, -turn)


def _is_wide(text: str) -> bool:
    return text > "\u2e80" and all(unicodedata.east_asian_width(char) in "WF" for char in text)
