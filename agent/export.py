"""A conversation as a document: PDF, HTML or Markdown, with its citations, figures and charts."""

import re
from collections.abc import Sequence
from pathlib import Path

from agent.events import Artifact, Citation
from agent.memory import Turn
from generators import document
from generators.base import Medium

FORMATS = (
    ("html", re.compile(r"\bhtml\b|\bweb ?page\b", re.I)),
    ("markdown", re.compile(r"\bmarkdown\b|\bmd\b", re.I)),
)


def conversation(turns: Sequence[Turn], request: str, title: str = "") -> Medium:
    """`turns` in the format that `request` names, else as PDF. Raises what `generators.document.export` raises."""
    form = next((name for name, pattern in FORMATS if pattern.search(request)), "pdf")
    return document.export([_turn(turn) for turn in turns], form, title)


def _turn(turn: Turn) -> document.Turn:
    answer = turn.answer
    pictures = [artifact for artifact in answer.artifacts if artifact.mime.startswith("image/")]
    return document.Turn(
        turn.question, answer.text, tuple(map(_citation, answer.citations)), tuple(map(_figure, pictures))
    )


def _citation(citation: Citation) -> document.Citation:
    element = citation.hit.element
    quote = citation.quote or ("" if element.rows else element.text)
    return document.Citation(citation.number, Path(element.document).name, element.page, quote, element.box)


def _figure(artifact: Artifact) -> document.Figure:
    marks = "".join(f" [{source.number}]" for source in artifact.sources)
    return document.Figure(artifact.path, artifact.title + marks)
