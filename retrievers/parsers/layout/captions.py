"""Captions: which lines are one, and which table or figure it belongs to."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from retrievers.elements import Block, Box

# What captions begin with, in English, German, French, Spanish, Italian, Portuguese and Dutch.
TABLES = "table tabelle tableau tabla cuadro tabella tabela quadro tabel"
FIGURES = "figure fig abbildung abb schaubild figura figuur afbeelding"
CHARTS = "chart diagramm graphique gráfico grafico grafiek"
_PICTURES = f"{FIGURES} {CHARTS} exhibit"
_BOXES = "graph box map"
_NUMBER = r"[A-Z]?[\d.]*\d"
CAPTION = re.compile(
    rf"^\s*(?:(?P<table>{'|'.join(TABLES.split())})|{'|'.join(f'{_PICTURES} {_BOXES}'.split())})\s*\.?\s*"
    r"(?:[A-Z]?\d+|(?:[A-Z]|[IVXL]+)\s*[.:])",
    re.IGNORECASE,
)
NAMED = re.compile(
    rf"^\s*(?:{'|'.join(f'{_PICTURES} {TABLES}'.split())})\s*\.?\s*(?:{_NUMBER}|[A-Z])\s*[.:]\s", re.IGNORECASE
)
CAPTION_DISTANCE = 0.06  # page heights between a caption and what it names


def join_captions(blocks: Sequence[Block], distance: float = CAPTION_DISTANCE) -> list[Block]:
    """Give each table and figure the nearest "Figure 1: ..." block above or below it in the same column, if it is no
    more than `distance` away.

    A caption goes to what it names, a table or a figure, if there is one: legends of charts look like tables. It
    stands before what else is known of a picture, such as its alternative text.
    """
    taken: dict[int, int] = {}
    for index, block in enumerate(blocks):
        if block.kind in ("text", "heading") and (named := named_kind(block.text)):
            near = [
                (other.kind != named, _distance(block.box, other.box), place)
                for place, other in enumerate(blocks)
                if other.kind in ("table", "figure")
                and not CAPTION.match(other.caption)
                and place not in taken.values()
            ]
            near = [candidate for candidate in near if candidate[1] < distance]
            if near:
                taken[index] = min(near)[2]
    captions = {place: f"{blocks[index].text} {blocks[place].caption}".strip() for index, place in taken.items()}
    return [
        replace(block, caption=captions.get(place, block.caption))
        for place, block in enumerate(blocks)
        if place not in taken
    ]


def named_kind(text: str) -> Literal["table", "figure", ""]:
    """What a caption begins with; "" where the text begins otherwise."""
    label = CAPTION.match(text)
    return "" if label is None else "table" if label["table"] else "figure"


def _distance(one: Box, other: Box) -> float:
    """Vertical gap in page heights; infinite when the boxes share no column."""
    if min(one.x1, other.x1) <= max(one.x0, other.x0):
        return float("inf")
    return max(0.0, max(one.y0, other.y0) - min(one.y1, other.y1))
