"""What a program comes to: the cells it reads and the number it makes of them. Exact, and None where the cells do not
allow the operation: words where numbers are needed, units that do not go together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from agent.answering.tables.programs.program import Program, Selection
from agent.answering.tables.values import Value, alike
from agent.answering.tables.views import View

MOST_TIED = 3
MOST_SAME = 12  # records that are like another

Place = tuple[int, int]  # field, record


@dataclass(frozen=True, slots=True)
class Result:
    """`read` are the cells of the answer or the operands, in the working's order; `number` is set when it was
    computed, in the `unit` and `scale` of its operands; `ranked` are cells that decided which record it is; `each` says
    that like cells are to be named each, as for "in 2019 and 2018, respectively"."""

    read: tuple[Place, ...]
    number: float | None = None
    unit: str = ""
    scale: float = 1.0
    ranked: tuple[Place, ...] = ()
    each: bool = False


def records_of(bits: int) -> list[int]:
    """The places of the set bits, ascending."""
    places = []
    while bits:
        low = bits & -bits
        places.append(low.bit_length() - 1)
        bits ^= low
    return places


def run(program: Program, view: View, chosen: Sequence[Selection]) -> Result | None:
    """The program's result, or None if it has none."""
    selection = chosen[program.selection]
    return _OPERATIONS[program.operation](program, view, selection)


def _lookup(program: Program, view: View, selection: Selection) -> Result | None:
    found = _cells(view, program.field, records_of(selection.records))
    if found is None or selection.form != "either":
        return found
    asked = [record for one in selection.conditions for record in records_of(one.records)]
    order = {place: asked.index(place[1]) for place in found.read}
    return Result(tuple(sorted(found.read, key=order.__getitem__)), each=selection.each)


def texts_of(result: Result, view: View) -> tuple[str, ...]:
    """The texts of an answer's cells, like ones once unless each is asked for."""
    texts = [view.texts[field][record] for field, record in result.read]
    return tuple(texts if result.each else dict.fromkeys(texts))


def _cells(view: View, field: int, records: Sequence[int], ranked: tuple[Place, ...] = ()) -> Result | None:
    read = tuple((field, record) for record in records if view.texts[field][record])
    return Result(read, ranked=ranked) if read else None


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
    return _cells(view, program.field, best, tuple((program.by, r) for r in (*best, *others)))


def _end(program: Program, view: View, selection: Selection) -> Result | None:
    records = records_of(selection.records)
    place = {"first": 0, "last": -1, "nth": program.rank - 1}[program.operation]
    return _cells(view, program.field, [records[place]]) if place < len(records) else None


def _beside(program: Program, view: View, selection: Selection) -> Result | None:
    records = records_of(selection.records)
    record = records[-1] + 1 if program.operation == "next" else records[0] - 1
    return _cells(view, program.field, [record]) if 0 <= record < view.records else None


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
    return _cells(view, program.field, found, ((program.by, own),))


def _numbers(program: Program, view: View, records: Sequence[int]) -> list[Value] | None:
    values = [view.values(program.field)[r] for r in records]
    known = [one for one in values if one.number is not None]
    return known if known and alike(known) else None


def _summed(program: Program, view: View, selection: Selection) -> Result | None:
    records = [r for r in records_of(selection.records) if view.values(program.field)[r].number is not None]
    values = _numbers(program, view, records)
    if values is None or len(values) < 2:
        return None
    total = _exact(values)
    number = total if program.operation == "sum" else total / len(values)
    return _made(program, records, values, float(number))


def _exact(values: Sequence[Value]) -> Decimal:
    return sum((Decimal(repr(one.number)) for one in values), Decimal(0))


def _made(
    program: Program, records: Sequence[int], values: Sequence[Value], number: float, unit: str | None = None
) -> Result:
    own = next((one.unit for one in values if one.unit), "") if unit is None else unit
    scale = max(one.scale for one in values) if unit is None else 1.0
    return Result(tuple((program.field, r) for r in records), number, own, scale)


def _spread(program: Program, view: View, selection: Selection) -> Result | None:
    values = view.values(program.field)
    records = [r for r in records_of(selection.records) if values[r].number is not None]
    if len(records) < 2 or not alike([values[r] for r in records]):
        return None
    ends = [max(records, key=lambda r: values[r].number or 0.0), min(records, key=lambda r: values[r].number or 0.0)]
    return _pair_made(program, view, "difference", ends)


def _pair(program: Program, view: View, selection: Selection) -> Result | None:
    records = records_of(selection.records)
    if selection.form == "either":
        records = [one.records.bit_length() - 1 for one in selection.conditions]
    if program.operation in ("change", "percent change"):
        records = _in_time(view, records)
    if program.rank == 2:
        records = records[::-1]
    return _pair_made(program, view, program.operation, records)


def _in_time(view: View, records: list[int]) -> list[int]:
    """The later one first, if a field of theirs tells the time."""
    for field in range(view.heads if view.turned else len(view.names)):
        orders = {view.values(field)[r].order for r in records}
        if view.kind(field) == "time" and None not in orders and len(orders) > 1:
            return sorted(records, key=lambda r: view.values(field)[r].order or 0.0, reverse=True)
    return records


def _pair_made(program: Program, view: View, operation: str, records: Sequence[int]) -> Result | None:
    """Of two records: first and second operand."""
    values = [view.values(program.field)[r] for r in records]
    if len(values) != 2 or not alike(values):
        return None
    one, other = (None if value.number is None else Decimal(repr(value.number)) for value in values)
    if one is None or other is None:
        return None
    if operation == "difference" and one < other:
        one, other, records, values = other, one, records[::-1], values[::-1]
    if operation in ("difference", "change"):
        return _made(program, records, values, float(one - other))
    if not other:
        return None
    if operation == "ratio":
        return _made(program, records, values, float(one / other), "")
    part = one / other if operation == "share" else (one - other) / other
    return _made(program, records, values, float(part * 100), "%")


def _step(program: Program, view: View, selection: Selection) -> Result | None:
    """A period and the one before it."""
    own = selection.records.bit_length() - 1
    times = view.values(selection.conditions[0].field)
    now = times[own].order
    earlier = [r for r, one in enumerate(times) if one.order is not None and now is not None and one.order < now]
    if not earlier:
        return None
    records = [own, max(earlier, key=lambda r: times[r].order or 0.0)]
    if program.operation == "average step":
        values = _numbers(program, view, records)
        return _made(program, records, values, float(_exact(values) / 2)) if values and len(values) == 2 else None
    return _pair_made(program, view, "change" if program.operation == "step" else "percent change", records)


def _of_total(program: Program, view: View, selection: Selection) -> Result | None:
    """A record's share of the total that the table states, or of the sum of all."""
    own = selection.records.bit_length() - 1
    values = view.values(program.field)
    totals = [r for r in records_of(view.totals) if r > own]
    if totals:
        return _pair_made(program, view, "share", [own, totals[0]])
    records = [r for r in records_of(view.every) if values[r].number is not None]
    known = [values[r] for r in records]
    part = values[own].number
    if part is None or len(known) < 2 or not alike(known) or any((one.number or 0) < 0 for one in known):
        return None
    total = _exact(known)
    return _made(program, [own, *records], known, float(Decimal(repr(part)) / total * 100), "%") if total else None


def _counts_apart(program: Program, view: View, selection: Selection) -> Result | None:
    sizes = [one.records.bit_count() for one in selection.conditions]
    read = tuple((max(one.field, 0), r) for one in selection.conditions for r in records_of(one.records))
    return Result(read, float(abs(sizes[0] - sizes[1])))


_OPERATIONS = {
    "lookup": _lookup, "count": _count, "distinct": _distinct, "most": _ranked, "least": _ranked, "first": _end,
    "last": _end, "nth": _end, "next": _beside, "previous": _beside, "sum": _summed, "average": _summed,
    "difference": _pair, "change": _pair, "percent change": _pair, "ratio": _pair, "share": _pair,
    "share of total": _of_total, "commonest": _frequent, "rarest": _frequent, "same": _same,
    "count difference": _counts_apart, "spread": _spread, "step": _step, "percent step": _step, "average step": _step,
}  # fmt: skip
