"""What a request wants read in the pictures that came with it: their words, or the table in them."""

import re
from collections.abc import Iterator
from dataclasses import replace

from agent.plan import Step
from agent.request import Request
from agent.routers.classifier import OutputPlan
from agent.routers.ordering import FROM_TABLES

TOOL = "read_picture"
_PICTURE = (
    r"(?:pictures?|images?|photos?|photographs?|screen ?shots?|scans?|snapshots?|attachments?|attached|file|pic|img)"
)
IN_PICTURE = re.compile(rf"\b(?:this|the|that|my|these|in|from|of|on)\s+(?:\w+\s+){{0,2}}?{_PICTURE}\b", re.IGNORECASE)
TABLE = re.compile(r"\b(?:tables?|columns?|rows?|cells|spreadsheet|numbers|values|data)\b", re.IGNORECASE)
THIS = re.compile(r"\b(?:this|it|these|the (?:table|numbers|values|data))\b", re.IGNORECASE)
READ = re.compile(
    r"\b(?:read|transcribe|ocr|copy (?:out|down)|type (?:out|up)|extract|write down)\b"
    r"|\b(?:text|words|writing|handwriting|letters?)\b.*\b(?:in|on|from|of)\b"
    r"|\bwhat\b.*\b(?:says?|written|reads)\b",
    re.IGNORECASE,
)
ALOUD = re.compile(
    r"\b(?:aloud|out loud|voice|listen|hear|speak|spoken|audio|narrate|recording|to me)\b", re.IGNORECASE
)


def steps_of(question: str, request: Request, plan: OutputPlan) -> tuple[Step, ...]:
    """A reading of every picture, if the question, which stands alone, wants what is in them; else none."""
    what = _wanted(question, plan) if TOOL in request.tools else ""
    return tuple(_steps(what, len(request.images))) if what else ()


def as_read(plan: OutputPlan) -> OutputPlan:
    """The plan of a request whose "read" is about a picture: nothing is spoken unless it says aloud."""
    shares = tuple(
        share if ALOUD.search(clause) else share | {"speech": 0.0}
        for clause, share in zip(plan.clauses, plan.shares, strict=True)
    )
    whole = plan.whole if any(map(ALOUD.search, plan.clauses)) else plan.whole | {"speech": 0.0}
    return replace(plan, shares=shares, whole=whole)


def _wanted(question: str, plan: OutputPlan) -> str:
    charts, there = not plan.modalities.isdisjoint(FROM_TABLES), IN_PICTURE.search(question)
    if (there and (charts or TABLE.search(question))) or (charts and THIS.search(question)):
        return "table"
    return "words" if READ.search(question) and (there or THIS.search(question)) else ""


def _steps(what: str, pictures: int) -> Iterator[Step]:
    for number in range(1, pictures + 1):
        yield Step(f"reading{number}", TOOL, {"what": what, "picture": number})
