"""A place that was found, in the shape of OpenAI's file search: page, kind and box are attributes of the result."""

from typing import Any

from retrievers.elements import Hit

LONGEST = 512  # letters of an attribute


def attributes(hit: Hit) -> dict[str, str | float]:
    """At most 16 of strings and numbers. The box is in page units: 0..1 from the top left."""
    element = hit.element
    edges = {name: round(edge, 4) for name, edge in zip(("x0", "y0", "x1", "y1"), element.box, strict=True)}
    return {"page": element.page, **edges, "kind": element.kind, "why": hit.why[:LONGEST]}


def score(hit: Hit) -> float:
    """0..1: how probably its page holds the answer; 0 where nothing estimated it."""
    return round(min(max(hit.relevance or 0.0, 0.0), 1.0), 4)


def result(hit: Hit, id: str) -> dict[str, Any]:
    """But for its text, which every shape names in its own way. `id` is that of its document."""
    return {"file_id": id, "filename": hit.element.document, "score": score(hit), "attributes": attributes(hit)}
