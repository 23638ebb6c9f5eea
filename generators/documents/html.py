"""Turns as one HTML file that needs nothing beside it: the style and the pictures are inside, and no script is."""

import re
from collections.abc import Sequence
from datetime import date
from html import escape

from common.untrusted import markdown, one_line
from generators.documents.turns import DocumentCitation, DocumentFigure, DocumentTurn, data_url

STYLE = """
body { font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; color: #2f3440; max-width: 46rem;
  margin: 2.5rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.7rem; line-height: 1.25; } h2 { font-size: 1.25rem; margin-top: 2.5rem; }
time, figcaption, .sources { color: #6b7280; font-size: .875rem; }
table { border-collapse: collapse; margin: 1rem 0; font-size: .9375rem; }
th, td { border-bottom: 1px solid #e5e7eb; padding: .35rem .75rem; text-align: left; }
pre { background: #f3f4f6; padding: .75rem 1rem; overflow-x: auto; border-radius: 6px; }
blockquote { margin: 1rem 0; padding-left: 1rem; border-left: 3px solid #d1d5db; }
figure { margin: 1.5rem 0; } img { max-width: 100%; height: auto; border: 1px solid #e5e7eb; border-radius: 6px; }
a.cite { text-decoration: none; color: #3366cc; font-size: .85em; vertical-align: super; }
.sources { border-top: 1px solid #e5e7eb; margin-top: 1.5rem; padding-top: .75rem; }
.sources li:target { background: #fef3c7; } .sources ol { list-style: none; padding: 0; }
"""
MARK = re.compile(r"\[(\d+)\]")
INSIDE = re.compile(r"(<(?:code|pre|a)\b.*?</(?:code|pre|a)>|<[^>]*>)", re.DOTALL)


def html(turns: Sequence[DocumentTurn], title: str, day: date) -> str:
    """The whole page. HTML in an answer is shown, not obeyed. Raises `CannotConvert` if a figure does not open."""
    body = "\n".join(_turn(number, turn, title) for number, turn in enumerate(turns, start=1))
    name = escape(one_line(title))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{name}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{name}</h1>\n"
        f"<time>{day.isoformat()}</time>\n{body}\n</body>\n</html>\n"
    )


def _turn(number: int, turn: DocumentTurn, title: str) -> str:
    parts = []
    if turn.question and one_line(turn.question) != one_line(title):
        parts.append(f"<h2>{escape(one_line(turn.question))}</h2>")
    cited = {citation.number for citation in turn.citations}
    parts.append(_linked(markdown().render(turn.answer), number, cited))
    parts += [_figure(figure) for figure in turn.figures]
    if turn.citations:
        items = "\n".join(_source(number, citation) for citation in turn.citations)
        parts.append(f'<div class="sources"><strong>Sources</strong>\n<ol>\n{items}\n</ol></div>')
    return "\n".join(["<section>", *parts, "</section>"])


def _linked(page: str, turn: int, cited: set[int]) -> str:
    """Marks such as [1] made links to their source, outside tags, code and other links."""

    def link(match: re.Match[str]) -> str:
        known = int(match[1]) in cited
        return f'<a class="cite" href="#c{turn}-{match[1]}">[{match[1]}]</a>' if known else match[0]

    pieces = INSIDE.split(page)  # every second piece is a tag, or what must stay as it is
    return "".join(piece if number % 2 else MARK.sub(link, piece) for number, piece in enumerate(pieces))


def _source(turn: int, citation: DocumentCitation) -> str:
    quote = f"<br>“{escape(one_line(citation.quote))}”" if citation.quote else ""
    place = f"[{citation.number}] {escape(one_line(citation.place))}"
    return f'<li id="c{turn}-{citation.number}">{place}{quote}</li>'


def _figure(figure: DocumentFigure) -> str:
    caption = escape(one_line(figure.caption))
    return f'<figure><img alt="{caption}" src="{data_url(figure)}"><figcaption>{caption}</figcaption></figure>'
