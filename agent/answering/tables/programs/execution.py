"""What a program comes to: the cells it reads and the number it makes of them. Exact, and None where the cells do not
allow the operation: words where numbers are needed, units that do not go together."""

from collections import Counter
from collections.abc import Sequence

from agent.answering.tables.programs.arithmetic import of_total, pair, spread, step, summed
from agent.answering.tables.programs.program import Program, Selection
from agent.answering.tables.programs.result import Result, cells, records_of
from agent.answering.tables.views import View

MOST_TIED = 3
MOST_SAME = 12  # records that are like another


def run(program: Program, view: View, chosen: Sequence[Selection]) -> Result | None:
    """The program's result, or None if it has none."""
    selection = chosen[program.selection]
    return _OPERATIONS[program.operation](program, view, selection)


def _lookup(program: Program, view: View, selection: Selection) -> Result | None:
    found = cells(view, program.field, records_of(selection.records))
    if found is None or selection.form != "either":
        return found
    asked = [record for one in selection.conditions for record in records_of(one.records)]
    order = {place: asked.index(place[1]) for place in found.read}
    return Result(tuple(sorted(found.read, key=order.__getitem__)), each=selection.each)


def _count(program: Program, view: View, selection: Selection) -> Result | None:
    records = records_of(selection.records)
    field = selection.conditions[0].field if selection.conditions else 0
    return Result(tuple((max(field, 0), record) for record in records), float(len(records)))


def _distinct(program: Program, view: View, selection: Selection) -> Result | None:
    seen = dict.fromkeys(text for r in records_of(selection.records) if (text := view.texts[program.field][r]))
    if len(seen) == selection.records.bit_count():
        return None  # the same as counting records
    read = [(program.field, view.texts[program.field].index(text)) for text in seen]
    return Result(tuple(read), float(len(seen)))


def _ranked(program: Program, view: View, selection: Selection) -> Result | None:
    ranking = [record for record in view.ranking(program.by) if selection.records >> record & 1]
    if len(ranking) < 2:
        return None
    if program.operation == "most":
        ranking.reverse()
    values = view.values(program.by)
    steps = list(dict.fromkeys(values[r].order for r in ranking))
    if program.rank > len(steps):
        return None
    best = sorted(r for r in ranking if values[r].order == steps[program.rank - 1])
    if len(best) > MOST_TIED:
        return None  # a tie of many is no answer
    others = [r for r in ranking if r not in best]
    return cells(view, program.field, best, tuple((program.by, r) for r in (*best, *others)))


def _end(program: Program, view: View, selection: Selection) -> Result | None:
    records = records_of(selection.records)
    place = {"first": 0, "last": -1, "nth": program.rank - 1}[program.operation]
    return cells(view, program.field, [records[place]]) if place < len(records) else None


def _beside(program: Program, view: View, selection: Selection) -> Result | None:
    records = records_of(selection.records)
    record = records[-1] + 1 if program.operation == "next" else records[0] - 1
    return cells(view, program.field, [record]) if 0 <= record < view.records else None


def _frequent(program: Program, view: View, selection: Selection) -> Result | None:
    texts = [view.texts[program.field][r] for r in records_of(selection.records)]
    counts = Counter(filter(None, texts)).most_common()
    if len(counts) < 2 or counts[0][1] == counts[-1][1]:
        return None
    most = counts[0][1] if program.operation == "commonest" else counts[-1][1]
    chosen = [text for text, count in counts if count == most]
    if len(chosen) > MOST_TIED:
        return None
    return Result(tuple((program.field, view.texts[program.field].index(text)) for text in chosen))


def _same(program: Program, view: View, selection: Selection) -> Result | None:
    own = selection.records.bit_length() - 1
    like = view.texts[program.by][own]
    found = [r for r, text in enumerate(view.texts[program.by]) if text == like and r != own]
    if not like or not found or len(found) > MOST_SAME:
        return None
    return cells(view, program.field, found, ((program.by, own),))


def _counts_apart(program: Program, view: View, selection: Selection) -> Result | None:
    sizes = [one.records.bit_count() for one in selection.conditions]
    read = tuple((max(one.field, 0), r) for one in selection.conditions for r in records_of(one.records))
    return Result(read, float(abs(sizes[0] - sizes[1])))


_OPERATIONS = {
    "lookup": _lookup, "count": _count, "distinct": _distinct, "most": _ranked, "least": _ranked, "first": _end,
    "last": _end, "nth": _end, "next": _beside, "previous": _beside, "sum": summed, "average": summed,
    "difference": pair, "change": pair, "percent change": pair, "ratio": pair, "share": pair,
    "share of total": of_total, "commonest": _frequent, "rarest": _frequent, "same": _same,
    "count difference": _counts_apart, "spread": spread, "step": step, "percent step": step, "average step": step,
}  # fmt: skip
