"""What a program comes to: the cells it read, and the number that was made of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.answering.tables.views import View

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


def texts_of(result: Result, view: View) -> tuple[str, ...]:
    """The texts of an answer's cells, like ones once unless each is asked for."""
    texts = [view.texts[field][record] for field, record in result.read]
    return tuple(texts if result.each else dict.fromkeys(texts))


def cells(view: View, field: int, records: Sequence[int], ranked: tuple[Place, ...] = ()) -> Result | None:
    """The filled cells of a field; None if none is."""
    read = tuple((field, record) for record in records if view.texts[field][record])
    return Result(read, ranked=ranked) if read else None
