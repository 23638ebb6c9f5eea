"""Two tables as one: rows of like headers beneath one another, or fields of the same things side by side."""

from collections.abc import Sequence
from itertools import permutations

from agent.answering.tables.parsing.conditions import conditions
from agent.answering.tables.parsing.questions import Question
from agent.answering.tables.views import View

SHARED_FIELDS = 2
SHARED_KEYS = 0.5  # of the smaller table's records
MOST_PAIRS = 4


def joined_views(question: Question, views: Sequence[View]) -> list[View]:
    """Views over two tables for a question that neither accounts for alone. `views` are upright ones, one a table."""
    said = [_accounted(question, view) for view in views]
    best = max((bits.bit_count() for bits in said), default=0)
    pairs = [
        (one, other)
        for one, other in permutations(range(len(views)), 2)
        if (said[one] | said[other]).bit_count() > best and views[one].scale == views[other].scale
    ]
    pairs.sort(key=lambda pair: -(said[pair[0]] | said[pair[1]]).bit_count())
    made = (_joined(views[one], views[other]) for one, other in pairs[: 2 * MOST_PAIRS])
    return [view for view in made if view is not None][:MOST_PAIRS]


def _accounted(question: Question, view: View) -> int:
    """The words of the question, as bits, that cells or names of the view say."""
    bits = 0
    for one in conditions(question, view):
        bits |= one.span
    named = {stem for stems in view.field_stems for stem in stems}
    names = question.said_by(named)
    return (bits | names) & question.content


def _joined(one: View, other: View) -> View | None:
    if one.table > other.table or one.whole or other.whole:
        return _side_by_side(one, other) if not (one.whole or other.whole) else None
    return _beneath(one, other) or _side_by_side(one, other)


def _beneath(one: View, other: View) -> View | None:
    """The fields that both have, the records of both."""
    places = {stems: place for place, stems in enumerate(other.field_stems) if stems}
    shared = [(place, places[stems]) for place, stems in enumerate(one.field_stems) if stems in places]
    if len(shared) < SHARED_FIELDS or shared[0][0] != 0:
        return None
    return View(
        one.table,
        tuple(one.names[place] for place, _ in shared),
        tuple(one.texts[place] + other.texts[twin] for place, twin in shared),
        tuple(one.cells[place] + other.cells[twin] for place, twin in shared),
        one.settings + other.settings,
        one.totals | other.totals << one.records,
        one.scale,
        one.scale_unit,
    )


def _side_by_side(one: View, other: View) -> View | None:
    """The records of the first, with the second's fields of the same key; "" where it has none."""
    key, twin = _naming(one), _naming(other)
    records = {text.lower(): record for record, text in enumerate(other.texts[twin]) if text}
    found = [records.get(text.lower()) for text in one.texts[key]]
    held = sum(record is not None for record in found)
    if held < max(2, SHARED_KEYS * min(one.records, other.records)):
        return None
    new = [place for place in range(len(other.names)) if place != twin]
    return View(
        one.table,
        one.names + tuple(other.names[place] for place in new),
        one.texts + tuple(tuple("" if at is None else other.texts[place][at] for at in found) for place in new),
        one.cells
        + tuple(
            tuple(one.cells[key][record] if at is None else other.cells[place][at] for record, at in enumerate(found))
            for place in new
        ),
        one.settings,
        one.totals,
        one.scale,
        one.scale_unit,
    )


def _naming(view: View) -> int:
    """The field that names records."""
    return next((place for place in range(len(view.names)) if view.kind(place) == "words"), 0)
