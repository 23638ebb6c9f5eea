"""Charts and sheets: the table they are made from, and which of several."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from agent.converting.context import ConversionContext, ConversionInput
from agent.converting.own_content import holds_numbers
from agent.converting.requests import OutputRequest
from agent.lexicon import file_type
from generators.charts.words import asked_kind, asked_lying, asked_order, asked_top, named
from generators.core.base import CannotConvert, Medium, Table
from generators.tables.columns import columns_of, table_of
from generators.tables.numbers import rows_in
from retrievers.elements import Element

MOST_TABLES = 5  # tried for one chart, best first
TOLD_ROWS = 6  # whose names tell what a table is about
NEAR, FAR = 0.05, 0.12  # below the likest: tables that are as good as it, and those that are not meant at all
SURE = 0.6  # least likeness by which a column is meant that the request does not name in its words


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
        yield from _of_tables(output, context, options, drawn=True)


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
    output: OutputRequest, context: ConversionContext, options: Mapping[str, Any], *, drawn: bool = False
) -> Iterator[ConversionInput]:
    """Of the tables that were found, the likest to the request first; of those as good as it, a cited one."""
    cited = [citation.hit for citation in context.subject.citations]
    hits = {hit.element.id: hit for hit in (*cited, *context.work.hits) if hit.element.rows}
    if not hits:
        raise CannotConvert(
            "No table with these numbers was found in the documents.",
            "Name the table or its page, or write the numbers: rent: 3, food: 5.",
        )
    found = [(_table(hit.element), hit) for hit in hits.values()]
    fits = _fits([table for table, _ in found], output.request)
    best = max(one.alike for one in fits)
    ranked = sorted(zip(fits, found, strict=True), key=lambda one: -min(one[0].alike, best - NEAR))
    for fit, (table, hit) in ranked[:MOST_TABLES]:
        if fit.alike >= best - FAR:
            chosen = {"y": fit.column} if drawn and fit.column and fit.alike >= SURE else {}
            yield ConversionInput(Medium.of_table(table), output.request, {**options, **chosen}, (hit,))


class _Fit(NamedTuple):
    """How like a request a table is in meaning, a cosine, and the column of numbers that is meant where the request
    names none in its own words."""

    alike: float
    column: str


def _fits(tables: Sequence[Table], request: str) -> list[_Fit]:
    """Of each table: as a whole, or by the one of its columns of numbers that is likest."""
    from retrievers import embedders

    told = [list(_told(table)) for table in tables]
    texts = [text for each in told for _, text in each]
    vectors = embedders.load("minilm").embed_texts([request, *texts])
    cosines = iter(vectors[1:] @ vectors[0])
    found = []
    for each in told:
        alike = [(float(next(cosines)), name) for name, _ in each]
        columns = [one for one in alike if one[1]]
        meant = columns and not named([name for _, name in columns], request)
        found.append(_Fit(max(alike)[0], max(columns)[1] if meant else ""))
    return found


def _told(table: Table) -> Iterator[tuple[str, str]]:
    """The table in words, and each of its columns of numbers by what names the rows; each behind the column's name."""
    columns = columns_of(table)
    rows = next((column for column in columns if column.role != "measure"), None)
    about = f"{table.title}, {', '.join(rows.cells[:TOLD_ROWS])}" if rows else table.title
    yield "", f"{about}: {', '.join(table.columns)}"
    for column in columns:
        if column.role == "measure":
            yield column.name, f"{column.name} by {rows.name if rows else 'row'}: {about}"


def _table(element: Element) -> Table:
    title = "" if element.caption in element.section else element.caption  # a heading speaks of more than the table
    return table_of(element.rows, title, f"{Path(element.document).name}, page {element.page}")
