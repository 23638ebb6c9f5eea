"""What the agent finds, answers and makes, as results with names and links."""

from typing import Any

from agent import Answer, Artifact, Citation
from agent.answering.evidence import inert, words_of
from retrievers.elements import Hit
from ui.mcp.links import Links
from ui.mcp.places import name_of
from ui.mcp.results import Answered, Cited, Found, Made


def found(hit: Hit, corpus: str, links: Links) -> Found:
    return Found(text=inert(words_of(hit.element)), **source(Citation(1, hit), corpus, links))


def cited(citation: Citation, corpus: str, links: Links) -> Cited:
    quote = inert(citation.quote or words_of(citation.hit.element))
    return Cited(number=citation.number, quote=quote, **source(citation, corpus, links))


def source(citation: Citation, corpus: str, links: Links) -> dict[str, Any]:
    element = citation.hit.element
    return {
        "id": name_of(corpus, element),
        "title": title(element.document, element.page),
        "url": links.citation(citation, corpus),
        "document": element.document,
        "page": element.page,
        "kind": element.kind,
        "box": [round(edge, 4) for edge in element.box],
    }


def title(document: str, page: int) -> str:
    return f"{document}, page {page}"


def made(artifact: Artifact, links: Links) -> Made:
    others = {mime: links.file(path) for mime, path in artifact.others.items()}
    return Made(title=artifact.title, mime=artifact.mime, url=links.file(artifact.path), others=others)


def answered(answer: Answer, corpus: str, links: Links) -> Answered:
    return Answered(
        text=answer.text,
        found=answer.found,
        sure=None if answer.sure is None else round(answer.sure, 3),
        model=answer.model,
        citations=[cited(one, corpus, links) for one in answer.citations],
        made=[made(one, links) for one in answer.artifacts],
        notices=list(answer.notices),
    )
