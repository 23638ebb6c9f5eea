"""Charts and sheets: the table they are made from, and which of several."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agent.converting.context import ConversionContext, ConversionInput
from agent.converting.own_content import holds_numbers
from agent.converting.requests import OutputRequest
from agent.lexicon import file_type
from generators.charts.words import asked_kind, asked_lying, asked_order, asked_top, same, words
from generators.core.base import CannotConvert, Medium, Table
from generators.tables.columns import table_of
from generators.tables.numbers import rows_in
from retrievers.elements import Element

MOST_TABLES = 5  # tried for one chart, best first


def record_of(table: Table) -> dict[str, Any]:
    """A table as JSON holds it."""
    return asdict(table) | {"columns": list(table.columns), "rows": [list(row) for row in table.rows]}


def table_in(record: Mapping[str, Any]) -> Table:
    """What `record_of` made, as the table it was."""
    return Table(**{**record, "columns": tuple(record["columns"]), "rows": tuple(map(tuple, record["rows"]))})


def chart_inputs(output: OutputRequest, context: ConversionContext) -> Iterator[ConversionInput]:
    options = {"kind": kind} if (kind := asked_kind(output.request)) else {}
    if output.again:
        yield _chart_again(output, context)
    elif holds_numbers(output.request):
        yield ConversionInput(Medium.of_table(table_of(rows_in(output.request))), output.request, options)
    elif context.tables:
        yield from (ConversionInput(Medium.of_table(table), output.request, options) for table in context.tables)
    else:
        yield from _of_tables(output, context, options)


def sheet_inputs(output: OutputRequest, context: ConversionContext) -> Iterator[ConversionInput]:
    """The cells of the table that the request names, brings or goes on from."""
    options = {"format": form} if (form := file_type(output.request)) else {}
    last = context.last("sheet") if output.again else None
    drawn = [table_in(made.made["table"]) for made in context.subject.artifacts if "table" in made.made]
    if last is not None and last.sources:
        hit = last.sources[0].hit
        yield ConversionInput(Medium.of_table(_table(hit.element)), output.request, options, (hit,))
    elif holds_numbers(output.request):
        yield ConversionInput(Medium.of_table(table_of(rows_in(output.request))), output.request, options)
    elif tables := [*context.tables, *drawn]:
        yield from (ConversionInput(Medium.of_table(table), output.request, options) for table in tables)
    else:
        yield from _of_tables(output, context, options)


def _chart_again(output: OutputRequest, context: ConversionContext) -> ConversionInput:
    """The last chart with another kind, direction, order or number of marks."""
    last = context.last("chart")
    assert last is not None
    said = str(last.made["request"])
    named = {"kind": asked_kind, "sort": asked_order, "top": asked_top}
    changed = {name: value for name, read in named.items() if (value := read(output.request))}
    turned = asked_lying(output.request) is not None
    request = f"{output.request} {said}" if "kind" in changed or turned else said
    options = {**last.made["options"], **changed}
    if last.sources:
        hit = last.sources[0].hit
        return ConversionInput(Medium.of_table(_table(hit.element)), request, options, (hit,))
    return ConversionInput(Medium.of_table(table_in(last.made["table"])), request, options)


def _of_tables(
    output: OutputRequest, context: ConversionContext, options: Mapping[str, Any]
) -> Iterator[ConversionInput]:
    """Of the tables that were found, that which has most of what the request names first; of equals, a cited one.

    A word that many of them have says little.
    """
    cited = [citation.hit for citation in context.subject.citations]
    hits = {hit.element.id: hit for hit in (*cited, *context.work.hits) if hit.element.rows}
    if not hits:
        raise CannotConvert(
            "No table with these numbers was found in the documents.",
            "Name the table or its page, or write the numbers: rent: 3, food: 5.",
        )
    found = [(_table(hit.element), hit) for hit in hits.values()]
    shares = {word: [_share(table, word) for table, _ in found] for word in set(words(output.request))}
    scores = [sum(share[place] / max(sum(share), 1.0) for share in shares.values()) for place in range(len(found))]
    found = [found[place] for place in sorted(range(len(found)), key=lambda place: -scores[place])]
    for table, hit in found[:MOST_TABLES]:
        yield ConversionInput(Medium.of_table(table), output.request, options, (hit,))


def _share(table: Table, word: str) -> float:
    """Whether the table speaks of `word`: most if it names the rows, half as much in the title."""
    columns = " ".join(table.columns[1:])
    rows = " ".join(row[0] for row in table.rows)
    places = ((table.columns[0], 1.5), (columns, 1.0), (rows, 1.0), (table.title, 0.5))
    return max(weight * any(same(word, other) for other in words(text)) for text, weight in places)


def _table(element: Element) -> Table:
    title = "" if element.caption in element.section else element.caption  # a heading speaks of more than the table
    return table_of(element.rows, title, f"{Path(element.document).name}, page {element.page}")
