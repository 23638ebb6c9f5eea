"""What an order is made from: a table that was found, numbers in the request, the answer's words, the conversation."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from agent.answering import evidence
from agent.events import Answer, Artifact
from agent.lexicon import file_type
from agent.memory import Turn
from agent.orders import Form, Order
from agent.prompts import prompt
from generators.charts.words import asked_kind, asked_lying, asked_order, asked_top, same, words
from generators.core.base import CannotConvert, Medium, Table
from generators.tables.cells import parse
from generators.tables.columns import table_of
from generators.tables.numbers import rows_in
from retrievers.elements import Element, Hit

MOST_TABLES = 5  # tried for one chart, best first
QUOTED = re.compile(r"[\"“«](?P<words>[^\"”»]+)[\"”»]")
SAY = re.compile(r"\bsay\b[:,]?\s+(?!(?:it|that|this|them|your|the|what|how|why|so)\b)(?P<words>\S.*)$", re.I | re.S)
ARROWS = re.compile(r"[^\n]*?\s*(?:->|→|=>)\s*[^\n]+")
ARROW = re.compile(r"\s*(?:->|→|=>)\s*")
MERMAID = re.compile(
    r"^\s*(?:```|flowchart\b|graph (?:TD|TB|LR|RL|BT)\b|sequenceDiagram|classDiagram|stateDiagram|erDiagram|gantt\b"
    r"|mindmap\b|timeline\b)",
    re.MULTILINE,
)
MANNER = (  # words of a request -> option of speech, factor
    (re.compile(r"\b(?:louder|loud(?:ly)?)\b", re.I), "volume", 1.6),
    (re.compile(r"\b(?:quieter|softer|quietly|softly)\b", re.I), "volume", 0.5),
    (re.compile(r"\b(?:faster|quick(?:er|ly))\b", re.I), "speed", 1.35),
    (re.compile(r"\b(?:slower|slow(?:ly)?)\b", re.I), "speed", 0.75),
)
USUAL = {"volume": 100, "speed": 170}
MOST = {"volume": 200, "speed": 450}
LANGUAGE = re.compile(
    r"\b(?i:in|with)(?i: an?)? "
    r"(?P<known>(?i:german|french|spanish|italian|dutch|portuguese|polish|swedish|british|english))"
    r"(?i: voice| accent)?\b"
    r"|\b(?i:aloud|out loud|speak|say|read|it|that|this) in (?P<named>[A-Z][a-z]+)\b"
)


@dataclass(frozen=True)
class Desk:
    """What lies ready when orders are carried out: the request, its hits and answer, and what was said before."""

    question: str
    hits: Sequence[Hit]
    tables: Sequence[Table]
    """Read in the pictures that came with the request."""
    looked: bool
    """Whether something was looked up or read for the request, found or not."""
    answer: Answer
    turns: Sequence[Turn]
    images: Sequence[Path]
    model: Any
    """The chat model, which writes what only words can bring about (a diagram's source); None if it only quotes."""
    silent: bool = False
    """Nothing was written: what is made speaks for itself, in a line of words each."""

    @property
    def told(self) -> list[Turn]:
        """The conversation, with this request's own turn if it asked for more than the conversation itself."""
        earlier = list(self.turns)
        return earlier if earlier and not self.looked else [*earlier, Turn(self.question, self.question, self.answer)]

    @property
    def meant(self) -> Answer:
        """The answer that a request without a look-up speaks of: the last one, or its own."""
        return self.turns[-1].answer if self.turns and not self.looked else self.answer

    def last(self, form: Form) -> Artifact | None:
        """The last thing of this form that was made."""
        made = (artifact for turn in reversed(self.turns) for artifact in turn.answer.artifacts)
        return next((artifact for artifact in made if artifact.made.get("form") == form), None)


@dataclass(frozen=True)
class Material:
    """One way to carry out an order. `sources` are the elements that what is made will rest on."""

    medium: Medium
    request: str
    options: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[Hit, ...] = ()


def materials(order: Order, desk: Desk) -> Iterator[Material]:
    """Ways to carry out the order, best first; the next one is for when one cannot be converted.

    Raises `CannotConvert` if there is none.
    """
    if order.again and desk.last(order.form) is None:
        raise CannotConvert(f"There is no {order.form} yet to make again.", "Ask for one first.")
    match order.form:
        case "chart":
            yield from _chart(order, desk)
        case "sheet":
            yield from _sheet(order, desk)
        case "speech":
            yield _speech(order, desk)
        case "diagram":
            yield Material(Medium.of_text(_mermaid(order, desk)), order.request)
        case _:
            yield _described(order, desk)


def record_of(table: Table) -> dict[str, Any]:
    """A table as JSON holds it."""
    return asdict(table) | {"columns": list(table.columns), "rows": [list(row) for row in table.rows]}


def table_in(record: Mapping[str, Any]) -> Table:
    """What `record_of` made, as the table it was."""
    return Table(**{**record, "columns": tuple(record["columns"]), "rows": tuple(map(tuple, record["rows"]))})


def holds_numbers(request: str) -> bool:
    """Whether the request itself brings two or more numbers with names."""
    try:
        rows = rows_in(request)
    except CannotConvert:
        return False
    return len([row for row in rows if parse(row[-1])]) >= 2


def brings_words(request: str) -> bool:
    """Whether the request itself brings the words to be spoken: in quotation marks, or after "say"."""
    return QUOTED.search(request) is not None or SAY.search(request) is not None


def brings_diagram(request: str) -> bool:
    """Whether the request itself is a diagram's source, or steps joined by arrows."""
    return MERMAID.search(request) is not None or ARROWS.search(request) is not None


def _chart(order: Order, desk: Desk) -> Iterator[Material]:
    options = {"kind": kind} if (kind := asked_kind(order.request)) else {}
    if order.again:
        yield _chart_again(order, desk)
    elif holds_numbers(order.request):
        yield Material(Medium.of_table(table_of(rows_in(order.request))), order.request, options)
    elif desk.tables:
        yield from (Material(Medium.of_table(table), order.request, options) for table in desk.tables)
    else:
        yield from _of_tables(order, desk, options)


def _sheet(order: Order, desk: Desk) -> Iterator[Material]:
    """The cells of the table that the request names, brings or goes on from."""
    options = {"format": form} if (form := file_type(order.request)) else {}
    last = desk.last("sheet") if order.again else None
    drawn = [table_in(made.made["table"]) for made in desk.meant.artifacts if "table" in made.made]
    if last is not None and last.sources:
        hit = last.sources[0].hit
        yield Material(Medium.of_table(_table(hit.element)), order.request, options, (hit,))
    elif holds_numbers(order.request):
        yield Material(Medium.of_table(table_of(rows_in(order.request))), order.request, options)
    elif tables := [*desk.tables, *drawn]:
        yield from (Material(Medium.of_table(table), order.request, options) for table in tables)
    else:
        yield from _of_tables(order, desk, options)


def _chart_again(order: Order, desk: Desk) -> Material:
    """The last chart with another kind, direction, order or number of marks."""
    last = desk.last("chart")
    assert last is not None
    said = str(last.made["request"])
    named = {"kind": asked_kind, "sort": asked_order, "top": asked_top}
    changed = {name: value for name, read in named.items() if (value := read(order.request))}
    turned = asked_lying(order.request) is not None
    request = f"{order.request} {said}" if "kind" in changed or turned else said
    options = {**last.made["options"], **changed}
    if last.sources:
        hit = last.sources[0].hit
        return Material(Medium.of_table(_table(hit.element)), request, options, (hit,))
    return Material(Medium.of_table(table_in(last.made["table"])), request, options)


def _of_tables(order: Order, desk: Desk, options: Mapping[str, Any]) -> Iterator[Material]:
    """Of the tables that were found, that which has most of what the request names first; of equals, a cited one.

    A word that many of them have says little.
    """
    cited = [citation.hit for citation in desk.meant.citations]
    hits = {hit.element.id: hit for hit in (*cited, *desk.hits) if hit.element.rows}
    if not hits:
        raise CannotConvert(
            "No table with these numbers was found in the documents.",
            "Name the table or its page, or write the numbers: rent: 3, food: 5.",
        )
    found = [(_table(hit.element), hit) for hit in hits.values()]
    shares = {word: [_share(table, word) for table, _ in found] for word in set(words(order.request))}
    scores = [sum(share[place] / max(sum(share), 1.0) for share in shares.values()) for place in range(len(found))]
    found = [found[place] for place in sorted(range(len(found)), key=lambda place: -scores[place])]
    for table, hit in found[:MOST_TABLES]:
        yield Material(Medium.of_table(table), order.request, options, (hit,))


def _share(table: Table, word: str) -> float:
    """Whether the table speaks of `word`: most if it names the rows, half as much in the title."""
    columns = " ".join(table.columns[1:])
    rows = " ".join(row[0] for row in table.rows)
    places = ((table.columns[0], 1.5), (columns, 1.0), (rows, 1.0), (table.title, 0.5))
    return max(weight * any(same(word, other) for other in words(text)) for text, weight in places)


def _table(element: Element) -> Table:
    title = "" if element.caption in element.section else element.caption  # a heading speaks of more than the table
    return table_of(element.rows, title, f"{Path(element.document).name}, page {element.page}")


def _speech(order: Order, desk: Desk) -> Material:
    last = desk.last("speech") if order.again else None
    options: dict[str, Any] = {} if last is None else {**USUAL, **last.made["options"]}
    for pattern, name, factor in MANNER:
        if pattern.search(order.request):
            options[name] = min(MOST[name], round(options.get(name, USUAL[name]) * factor))
    if match := LANGUAGE.search(order.request):
        language = match["known"] or match["named"]
        options["voice"] = {"british": "en-gb"}.get(language.lower(), language)
    if last is not None:
        sources = tuple(source.hit for source in last.sources)
        return Material(Medium.of_text(str(last.made["text"])), "", options, sources)
    if match := QUOTED.search(order.request) or SAY.search(order.request):
        return Material(Medium.of_text(match["words"].strip()), "", options)
    sources = tuple(citation.hit for citation in desk.meant.citations)
    return Material(Medium.of_text(desk.meant.text), "", options, sources)


def _mermaid(order: Order, desk: Desk) -> str:
    """The request's own source, else steps with arrows as a flow chart, else what the chat model writes."""
    if match := MERMAID.search(order.request):
        return order.request[match.start() :]
    if match := ARROWS.search(order.request):
        steps = [step.strip(" .,;:") for step in ARROW.split(match[0].rpartition(":")[2])]
        nodes = [f'  s{number}["{step.replace(chr(34), chr(39))}"]' for number, step in enumerate(steps)]
        return "\n".join(["flowchart LR", *nodes, "  " + " --> ".join(f"s{number}" for number in range(len(steps)))])
    if desk.model is None:
        raise CannotConvert(
            "A diagram needs a chat model to write it, and none is set.",
            "Set TRIPTYCH_MODEL, or write the steps yourself: plan -> build -> test.",
        )
    asked = prompt("diagram").format(request=order.request, answer=evidence.fence_words(desk.answer.text, "answer"))
    return str(desk.model.invoke(asked).text)


def _described(order: Order, desk: Desk) -> Material:
    """A picture, film or music by its description; a picture that came with the request is the one to change."""
    last = desk.last(order.form) if order.again else None
    if order.form == "picture" and (desk.images or last is not None):
        path = desk.images[0] if desk.images or last is None else last.path
        return Material(Medium.of_file(path), order.request)
    return Material(Medium.of_text(order.request), "")
