"""Turns as Markdown; the pictures are inside, as data: addresses."""

from collections.abc import Sequence
from datetime import date

from common.untrusted import disarmed, plain_markdown, readable
from common.untrusted import markdown as markdown_reader
from generators.documents.turns import DocumentCitation, DocumentTurn, data_url


def markdown(turns: Sequence[DocumentTurn], title: str, day: date) -> str:
    """The turns as Markdown. What documents say in it is words: only the figures are pictures, nothing is a link."""
    parts = [f"# {plain_markdown(title)}", f"*{day.isoformat()}*"]
    for turn in turns:
        if turn.question and plain_markdown(turn.question) != plain_markdown(title):
            parts.append(f"## {plain_markdown(turn.question)}")
        parts.append(_closed(disarmed(readable(turn.answer.strip()))))
        parts += [f"![{plain_markdown(figure.caption)}]({data_url(figure)})" for figure in turn.figures]
        if turn.citations:
            lines = [f"- [{each.number}] {plain_markdown(each.place)}{_quoted(each)}" for each in turn.citations]
            parts.append("**Sources**\n\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _closed(text: str) -> str:
    """Markdown with its last block of code closed, so that nothing after it is taken for code."""
    last = next(reversed(markdown_reader().parse(text)), None)
    if last is None or last.type != "fence" or last.map is None:
        return text
    lines = text.split("\n")[slice(*last.map)]
    end = lines[-1].strip()
    closed = len(lines) > 1 and end.startswith(last.markup) and not end.strip(last.markup[0])
    return text if closed else f"{text}\n{last.markup}"


def _quoted(citation: DocumentCitation) -> str:
    return f": “{plain_markdown(citation.quote)}”" if citation.quote else ""
