"""A conversation as a document: PDF, Word, HTML or Markdown, with its citations, figures and charts."""

from collections.abc import Sequence
from pathlib import Path

from agent.events import Artifact, Citation
from agent.lexicon import file_type
from agent.memory import Turn
from generators.core.base import Medium
from generators.documents.document import export
from generators.documents.turns import DocumentCitation, DocumentFigure, DocumentTurn


def conversation(turns: Sequence[Turn], request: str, title: str = "") -> Medium:
    """`turns` in the format that `request` names, else as PDF. Raises as `export` does."""
    return document(turns, file_type(request) or "pdf", title)


def document(turns: Sequence[Turn], form: str, title: str = "") -> Medium:
    """`turns` in the format `form`. Raises as `export` does."""
    return export([_turn(turn) for turn in turns], form, title)


def _turn(turn: Turn) -> DocumentTurn:
    answer = turn.answer
    pictures = [artifact for artifact in answer.artifacts if artifact.mime.startswith("image/")]
    return DocumentTurn(
        turn.question, answer.text, tuple(map(_citation, answer.citations)), tuple(map(_figure, pictures))
    )


def _citation(citation: Citation) -> DocumentCitation:
    element = citation.hit.element
    quote = citation.quote or ("" if element.rows else element.text)
    return DocumentCitation(citation.number, Path(element.document).name, element.page, quote, element.box)


def _figure(artifact: Artifact) -> DocumentFigure:
    marks = "".join(f" [{source.number}]" for source in artifact.sources)
    return DocumentFigure(artifact.path, artifact.title + marks)
