"""From a request's clauses to the orders it places, and to what is left to be looked up in the documents."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent.converting.own_content import brings_diagram, brings_words, holds_numbers
from agent.converting.requests import Form
from agent.converting.requests import OutputRequest as Order
from agent.lexicon import LETTERS, classes, file_type
from agent.memory import Turn
from agent.plan import Step
from agent.routers.followup import Said, standalone
from agent.routers.modalities import Reading
from generators.charts.words import asked_top

SUNG = re.compile(r"\b(?:hum|sing)\b", re.IGNORECASE)
AGAIN = re.compile(
    r"\b(?:same|again|instead|redo|once more|louder|quieter|softer|slower|faster)\b"
    r"|\b(?:make|turn|change|redraw|draw) (?:it|that|this) (?:as|into|to)\b|\bas an? \w+ (?:chart|graph)? ?instead\b",
    re.IGNORECASE,
)
HEARD = re.compile(r"\b(?:louder|quieter|softer|slower|faster)\b", re.IGNORECASE)
DRAWN = re.compile(
    r"\b(?:sort(?:ed)?|ascending|descending|smallest|largest|lowest|highest|horizontal(?:ly)?|vertical(?:ly)?|stacked|ax[ie]s)\b",
    re.IGNORECASE,
)
FROM_TABLES = {"chart", "sheet"}
SHEETS = {"csv", "xlsx", "ods"}  # types of file that hold cells
RUNNING = {"speech", "music", "film"}  # what goes faster or louder
EARLIER = re.compile(
    r"\b(?:that|it|this|these|them|your (?:last )?(?:answer|reply)|the (?:last )?(?:answer|reply|above)"
    r"|our (?:chat|talk)|(?:the|this|our) (?:whole )?conversation|everything|what you (?:just )?said)\b",
    re.IGNORECASE,
)
FORMS: Mapping[str, Form] = {  # modality -> what is made for it
    "chart": "chart",
    "diagram": "diagram",
    "picture": "picture",
    "audio": "speech",
    "video": "film",
    "document": "document",
}
MADE: Mapping[str, str] = {"music": "audio", "sheet": "document"} | {
    str(form): modality for modality, form in FORMS.items()
}
"""Form -> the modality that it is of."""
SEEN = FORMS.keys() - {"audio"}
SHOWN = {"image": "figure", "table": "table"}  # modality -> the kind of element that brings it
SHORT = 8  # words of a request that only changes what was made
_ASKING = (
    r"please|kindly|could you|can you|would you|will you|i want(?: you)?(?: to)?|i'?d like(?: you)?(?: to)?"
    r"|i need(?: to)?|let me|let us|let's|also|then|now|and|me|us|just"
)
_MAKING = (
    r"plot|chart|graph|draw|make|create|generate|give|show|display|visuali[sz]e|read|speak|say|narrate|record|produce"
    r"|turn|convert|export|save|put|hear|see|have|listen to|sketch|diagram|prepare|build|render|illustrate|voice|tell"
)
_THING = (
    r"(?:an? |the |some )?(?:\w+ )?(?:stacked |grouped |clustered |horizontal )?"
    r"(?:bar|line|pie|area|scatter|column|donut)?\s*"
    r"(?:charts?|graphs?|plots?|histogram|diagram|flow ?chart|mind ?map|timeline|picture|image|illustration|drawing"
    r"|audio(?: clip| file)?|recording|voice(?: over)?|speech|narration|podcast|pdf|document|report|html(?: page)?"
    r"|markdown(?: file)?|video|film|clip|animation)\b"
)
_MANNER = (
    r"aloud|out loud|to (?:me|us)|for (?:me|us)|please|slowly|loudly|quickly|quietly|softly|clearly"
    r"|in (?:german|french|spanish|italian|dutch|portuguese|polish|swedish|english)"
)
_LEAD = re.compile(
    rf"^(?:\s*(?:{_ASKING})\b[\s,]*)*(?:(?:{_MAKING})\b\s*)?(?:(?:me|us|it|out|aloud)\b\s*)*"
    rf"(?:{_THING}\s*(?:of|for|with|from|about|showing|that shows|comparing)?\b\s*)?",
    re.IGNORECASE,
)
_TAIL = re.compile(
    rf"\s*\b(?:as|in|into|to|on|with|using|by)\s+{_THING}.*$|(?:\s*\b(?:{_MANNER})\b)+[\s.!?]*$",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]{3,}")
# fmt: off
_EMPTY = frozenset((
    "the", "and", "that", "this", "them", "these", "those", "its", "for", "from", "with", "result", "results",
    "answer", "trend", "chart", "conversation", "chat",
))
# fmt: on


@dataclass(frozen=True)
class Wish:
    """What a request orders, and the words to look up for it; no words: nothing needs looking up.

    `asks` says that it also wants an answer in words.
    """

    orders: tuple[Order, ...]
    query: str = ""
    asks: bool = False

    def steps(self, needs: Sequence[str]) -> tuple[Step, ...]:
        """One step an order, after the searches `needs`; a document also waits for what it is to hold."""
        made: list[Step] = []
        for order in sorted(self.orders, key=lambda one: one.form == "document"):
            waits = (*needs, *(step.id for step in made)) if order.form == "document" else tuple(needs)
            arguments = {"to": order.form, "request": order.request} | ({"again": True} if order.again else {})
            made.append(Step(order.form, "convert", arguments, waits))
        return tuple(made)


def wish_of(request: str, reading: Reading, turns: Sequence[Turn]) -> Wish | None:
    """What the request orders; None if it wants words and what the documents hold, and nothing made."""
    forms = _forms(reading)
    made = [artifact.made["form"] for turn in turns[-1:] for artifact in turn.answer.artifacts if artifact.made]
    changed = AGAIN.search(request) or ("chart" in made and asked_top(request))
    if changed and made and len(request.split()) <= SHORT:
        return Wish((Order(_changed(request, forms, made), request, again=True),))
    if not forms:
        return None
    orders = tuple(Order(form, _self_contained(form, place, reading, request)) for form, place in forms.items())
    query, asks = _query(reading), _asks(reading)
    if turns and EARLIER.search(request) and not query:
        return Wish(orders, turns[-1].standalone if FROM_TABLES & forms.keys() else "")
    if not asks and all(_brings_its_own(order, orders) for order in orders):
        return Wish(orders)
    return Wish(orders, query or request, asks)


def _changed(request: str, forms: Iterable[Form], made: Sequence[Form]) -> Form:
    """Which of the things `made` is to be made again: one the request names, one that fits the change, or the last."""
    if HEARD.search(request):
        return next((form for form in reversed(made) if form in RUNNING), "speech")
    if "chart" in made and DRAWN.search(request):
        return "chart"
    return next((form for form in forms if form in made), made[-1])


def shown(reading: Reading, whole: str) -> dict[str, str]:
    """Kind of element to be shown -> the words to look it up by: those of its own clause, if they say what is meant."""
    found = {}
    for modality, kind in SHOWN.items():
        if modality in reading.modalities:
            clause = reading.clauses[reading.clause_of(modality)]
            own = "" if len(reading.clauses) == 1 or EARLIER.search(clause) else _subject(clause)
            found[kind] = own or whole
    return found


def _forms(reading: Reading) -> dict[Form, int]:
    """Form -> the place of the clause that wants it most."""
    found: dict[Form, int] = {}
    for modality, form in FORMS.items():
        if modality in reading.modalities:
            place = reading.clause_of(modality)
            found[heard(form, reading.clauses[place])] = place
    return found


def heard(form: Form, request: str) -> Form:
    """Speech, or the music that the request speaks of; a document, or the cells it is to hold; others as they are."""
    if form == "document" and file_type(request) in SHEETS:
        return "sheet"
    kinds = {kind for word in LETTERS.findall(request.lower()) for kind in classes(word)}
    sung = ("MUSIC" in kinds or SUNG.search(request)) and "SPEECH" not in kinds
    return "music" if form == "speech" and sung else form


def _self_contained(form: Form, place: int, reading: Reading, request: str) -> str:
    """The clause with what it leaves unsaid; a request of one clause stands as it was put."""
    if form in {"speech", "document"}:  # whose words are the answer's; the clause only says how
        return reading.clauses[place]
    if len(reading.clauses) == 1:
        return request
    clause = reading.clauses[place]
    return standalone(clause, [Said(reading.clauses[place - 1])]) if place else clause


def _asks(reading: Reading) -> bool:
    """Whether a clause wants words about something: "tell me why", "read me which is largest"; not "read it aloud"."""
    for clause, shares in zip(reading.clauses, reading.shares, strict=True):
        wanted = max(shares, key=lambda name: shares[name])
        if wanted not in SEEN and _subject(clause) and not (wanted == "audio" and brings_words(clause)):
            return True
    return False


def _brings_its_own(order: Order, orders: Sequence[Order]) -> bool:
    """Whether the order needs nothing from the documents; one to write or speak goes by the others."""
    match order.form:
        case "chart" | "sheet":
            return holds_numbers(order.request)
        case "diagram":
            return brings_diagram(order.request)
        case "speech" if brings_words(order.request):
            return True
        case "speech" | "document":
            return any(other.form not in {"speech", "document"} for other in orders)
    return True


def _query(reading: Reading) -> str:
    """What every clause is about, without the words that only ask for something to be made."""
    return "; ".join(dict.fromkeys(subject for clause in reading.clauses if (subject := _subject(clause))))


def _subject(clause: str) -> str:
    """ "the diameters of the planets" of "plot the diameters of the planets as a bar chart"; "" if nothing is left."""
    bare = _TAIL.sub("", clause)
    bare = _LEAD.sub("", bare, count=1).strip(" ,;:.!")
    left = {word.lower() for word in _LETTERS.findall(EARLIER.sub("", bare))} - _EMPTY
    return bare if left else ""
