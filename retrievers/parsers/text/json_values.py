"""JSON and JSON lines: records become tables, the rest sections of "name: value" lines."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from common.errors import BadDocument
from retrievers.parsers.characters.encodings import decode
from retrievers.parsers.flow.items import Item, square
from retrievers.parsers.flow.layout import FlowDocument

DEPTH = 6  # sections in sections; what is deeper is written as JSON
COLUMNS = 60  # of a table; records with more names than that are sections
NOTED = 5  # bad lines that are named


def open_json(path: Path) -> FlowDocument:
    """Raises `BadDocument` with the place where it is no JSON."""
    try:
        value = json.loads(decode(path)[0])
        return FlowDocument(path, _items(value, "", 1), path.stem, " ".join(_texts(value)))
    except (ValueError, RecursionError) as error:
        raise BadDocument(f"{path.name} is not JSON ({error}).", "Export it again.") from error


def open_json_lines(path: Path) -> FlowDocument:
    """A value a line; lines that are none are named in the notes."""
    values: list[Any] = []
    bad: list[int] = []
    for number, line in enumerate(decode(path)[0].split("\n"), start=1):
        try:
            values += [json.loads(line)] if line.strip() else []
        except (ValueError, RecursionError):
            bad.append(number)
    if not values:
        raise BadDocument(f"{path.name} has no line of JSON in it.", "Export it again.")
    named = ", ".join(map(str, bad[:NOTED])) + (" ..." if len(bad) > NOTED else "")
    notes = [Item("text", note=f"lines skipped, which are no JSON: {len(bad)} ({named})")] if bad else []
    return FlowDocument(path, [*notes, *_items(values, "", 1)], path.stem, " ".join(_texts(values)))


def _items(value: Any, name: str, level: int) -> Iterator[Item]:
    if isinstance(value, list) and (rows := _table(value)):
        yield Item("table", rows=rows, caption=name)
    elif isinstance(value, dict | list) and value and level <= DEPTH:
        yield from _section(value, name, level)
    else:
        text = _text(value)
        yield Item("text", f"{name}: {text}" if name else text)


def _section(value: Any, name: str, level: int) -> Iterator[Item]:
    if name:
        yield Item("heading", name, min(level, 3))
    if isinstance(value, list):
        numbered = any(isinstance(each, dict | list) for each in value)
        named = ((f"{name or 'Record'} {number}" if numbered else "", each) for number, each in enumerate(value, 1))
    else:
        named = ((str(key), each) for key, each in value.items())
    for key, each in named:
        yield from _items(each, key, level + 1)


def _table(values: Sequence[Any]) -> tuple[tuple[str, ...], ...]:
    """Records of one kind as rows; empty where they are none, or differ too much."""
    if not values or not all(isinstance(value, dict) for value in values):
        return ()
    records = [dict(_flat(value, "")) for value in values]
    names = list(dict.fromkeys(name for record in records for name in record))
    if not 0 < len(names) <= COLUMNS:
        return ()
    return square([names, *([record.get(name, "") for name in names] for record in records)])


def _flat(value: dict[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    """Names and texts of a record; those of a record in it as `outer.inner`."""
    for name, each in value.items():
        if isinstance(each, dict) and each:
            yield from _flat(each, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", _text(each)


def _text(value: Any) -> str:
    if isinstance(value, list) and not any(isinstance(each, dict | list) for each in value):
        return ", ".join(map(_text, value))
    if isinstance(value, str):
        return " ".join(value.split())
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _texts(value: Any) -> Iterator[str]:
    """Every word that a value holds: names once, however many records have them."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    else:
        yield _text(value)
