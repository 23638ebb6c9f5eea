"""Opening what converters make, for their tests."""

import io
import re
import wave
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generators.charts.choice import Options
from generators.charts.plan import plan_chart
from generators.core.base import CannotConvert, Table
from generators.tables.columns import Column, columns_of

WRITTEN = re.compile(r"(?P<minus>[-−(]?)\s*[$€£]?\s*(?P<digits>\d[\d,]*(?:\.\d+)?|\.\d+)")


def pixels_of(png: bytes) -> NDArray[np.uint8]:
    """The decoded picture, [height, width, 3]; it must not be of one colour."""
    picture = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    assert picture.std() > 1, "the picture is blank"
    return picture


def svg_of(data: bytes) -> ElementTree.Element:
    root = ElementTree.fromstring(data)
    assert root.tag.endswith("svg")
    return root


def samples_of_wav(data: bytes) -> tuple[NDArray[np.int16], int]:
    """Samples of a 16-bit mono file and their rate; it must not be silent."""
    with wave.open(io.BytesIO(data)) as file:
        assert file.getsampwidth() == 2
        assert file.getnchannels() == 1
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        rate = file.getframerate()
    assert np.sqrt(np.square(samples.astype(float)).mean()) > 0, "the sound is silent"
    return samples, rate


def tone(seconds: float, rate: int = 16_000) -> bytes:
    """A WAV file with a tone of 440 Hz."""
    from generators.audio.wav import wav_of_samples

    times = np.arange(int(seconds * rate)) / rate
    return wav_of_samples(0.5 * np.sin(2 * np.pi * 440 * times), rate)


def picture(width: int = 64, height: int = 48) -> bytes:
    """A PNG with a slope of colours."""
    file = io.BytesIO()
    slope = np.linspace(0, 255, width * height * 3).reshape(height, width, 3).astype(np.uint8)
    Image.fromarray(slope).save(file, "PNG")
    return file.getvalue()


def charts_show_the_numbers_of(table: Table) -> bool:
    """Draws the table, then each of its columns of numbers; False if it has none.

    Every number drawn must stand in the row, and column, that its mark names; every number of a column must be drawn.
    """
    try:
        drawn = _drawn(table)
    except CannotConvert as refusal:
        assert "no column of numbers" in str(refusal)
        assert not [column for column in columns_of(table) if column.role == "measure"]
        return False
    for mark in drawn:
        assert mark["value"] in _cells_of(mark, table), (table.source, table.title, mark)
    for column in columns_of(table):
        if column.role == "measure":
            _check_column(table, column)
    return True


def _check_column(table: Table, column: Column) -> None:
    """Every number of the column is drawn, and no other; one that cannot be drawn alone says why."""
    try:
        drawn = [mark["value"] for mark in _drawn(table, y=column.name, kind="bar")]
    except CannotConvert as refusal:
        assert re.search("no second column|cannot be read|no row", str(refusal)), (table.source, refusal)
        return
    pairs = zip(column.cells, column.numbers, strict=True)
    numbers = [_written(cell) for cell, number in pairs if number is not None]
    assert drawn == numbers, (table.source, table.title, column.name)


def _drawn(table: Table, **options: Any) -> list[Mapping[str, Any]]:
    """The data inside the chart's Vega-Lite spec."""
    from generators.charts.draw import spec_of

    (values,) = spec_of(plan_chart(table, "", Options(**options)), 560, 340)["datasets"].values()
    return list(values)


def _cells_of(mark: Mapping[str, Any], table: Table) -> set[float | None]:
    """The numbers in the cells that a mark names: by row and column, or by column and row where time runs across."""
    found = set()
    for row in table.rows:
        for label, series in ((mark["label"], mark["series"]), (mark["series"], mark["label"])):
            counted = re.sub(r" \(\d+\)$", "", label)  # rows of the same name are counted
            if {label, counted, counted.replace("(no name)", "")} & {*row}:
                columns = [series] if series in table.columns else table.columns if series in row else ()
                found |= {_written(row[table.columns.index(column)]) for column in columns}
    return found


def _written(cell: str) -> float | None:
    """The first number in a cell, as a person reads it: minus or an opening bracket make it negative."""
    match = WRITTEN.search(cell)
    if match is None:
        return None
    number = float(match["digits"].replace(",", ""))
    return -number if match["minus"] else number
