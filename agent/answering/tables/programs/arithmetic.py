"""Numbers worked out over cells, exactly: sums, differences, shares, steps in time. None where the cells do not allow
it: words where numbers are needed, units that do not go together."""

from collections.abc import Sequence
from decimal import Decimal

from agent.answering.tables.programs.program import Program, Selection
from agent.answering.tables.programs.result import Result, records_of
from agent.answering.tables.values import Value, alike
from agent.answering.tables.views import View


def _numbers(program: Program, view: View, records: Sequence[int]) -> list[Value] | None:
    values = [view.values(program.field)[r] for r in records]
    known = [one for one in values if one.number is not None]
    return known if known and alike(known) else None


def summed(program: Program, view: View, selection: Selection) -> Result | None:
    """The sum of a field's numbers, or their average."""
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


def spread(program: Program, view: View, selection: Selection) -> Result | None:
    """The highest of a field's numbers less the lowest."""
    values = view.values(program.field)
    records = [r for r in records_of(selection.records) if values[r].number is not None]
    if len(records) < 2 or not alike([values[r] for r in records]):
        return None
    ends = [max(records, key=lambda r: values[r].number or 0.0), min(records, key=lambda r: values[r].number or 0.0)]
    return _pair_made(program, view, "difference", ends)


def pair(program: Program, view: View, selection: Selection) -> Result | None:
    """What two of a field's numbers are to each other."""
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


def step(program: Program, view: View, selection: Selection) -> Result | None:
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


def of_total(program: Program, view: View, selection: Selection) -> Result | None:
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
