"""From a request as it was read to the orders it places, and to what is left to be looked up in the documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.converting.own_content import brings_diagram, brings_words, holds_numbers
from agent.converting.requests import Form, OutputRequest
from agent.lexicon import MODALITIES, subject
from agent.memory import Turn
from agent.plan import Step
from agent.routers.classifier import THRESHOLD, OutputPlan
from agent.routers.followup import Said, standalone

FORMS: Mapping[str, Form] = {  # modality -> what is made for it
    "chart": "chart",
    "diagram": "diagram",
    "picture": "picture",
    "speech": "speech",
    "music": "music",
    "video": "film",
    "document": "document",
    "sheet": "sheet",
}
MADE: Mapping[str, str] = {str(form): modality for modality, form in FORMS.items()}
"""Form -> the modality that it is of."""
SHOWN = {"image": "figure", "table": "table"}  # modality -> the kind of element that brings it
ANSWERED = {"text", "image", "table", "speech"}  # what a clause is answered in words for
FROM_TABLES = {"chart", "sheet"}


@dataclass(frozen=True)
class Wish:
    """What a request orders, and the words to look up for it; no words: nothing needs looking up.

    `asks` says that it also wants an answer in words.
    """

    orders: tuple[OutputRequest, ...]
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


def wish_of(request: str, plan: OutputPlan, turns: Sequence[Turn]) -> Wish | None:
    """What the request orders; None if it wants words and what the documents hold, and nothing made."""
    made = [artifact.made["form"] for turn in turns[-1:] for artifact in turn.answer.artifacts if artifact.made]
    if made and plan.again >= THRESHOLD:
        return Wish((OutputRequest(_changed(plan, made), request, again=True),))
    forms = {form: plan.clause_of(name) for name, form in FORMS.items() if name in plan.modalities}
    if not forms:
        return None
    orders = tuple(OutputRequest(form, _self_contained(form, place, plan, request)) for form, place in forms.items())
    query = "; ".join(dict.fromkeys(about for clause in plan.clauses if (about := subject(clause))))
    if turns and not query:
        return Wish(orders, turns[-1].standalone if FROM_TABLES & forms.keys() else "")
    asks = any(map(_asks, plan.clauses, plan.shares))
    if not asks and all(_brings_its_own(order, orders) for order in orders):
        return Wish(orders)
    return Wish(orders, query or request, asks)


def _changed(plan: OutputPlan, made: Sequence[Form]) -> Form:
    """Which form is to be made again: that of the things `made` which the request reads like, or the one it names."""
    wanted = [FORMS[name] for name in sorted(plan.modalities, key=lambda name: -plan.whole[name]) if name in FORMS]
    return next((form for form in wanted if form in made), wanted[0] if wanted else made[-1])


def shown(plan: OutputPlan, whole: str) -> dict[str, str]:
    """Kind of element to be shown -> the words to look it up by: those of its own clause, if they say what is meant."""
    found = {}
    for modality, kind in SHOWN.items():
        if modality in plan.modalities:
            own = subject(plan.clauses[plan.clause_of(modality)]) if len(plan.clauses) > 1 else ""
            found[kind] = own or whole
    return found


def _self_contained(form: Form, place: int, plan: OutputPlan, request: str) -> str:
    """The clause with what it leaves unsaid; a request of one clause stands as it was put."""
    clause = plan.clauses[place]
    if form in {"speech", "document"}:  # whose words are the answer's; the clause only says how
        return clause
    if len(plan.clauses) == 1:
        return request
    return standalone(clause, [Said(plan.clauses[place - 1])]) if place else clause


def _asks(clause: str, shares: Mapping[str, float]) -> bool:
    """Whether a clause wants words about something: "tell me why", "read me which is largest"; not "read it aloud"."""
    wanted = max(MODALITIES, key=lambda name: shares[name])
    return wanted in ANSWERED and bool(subject(clause)) and not (wanted == "speech" and brings_words(clause))


def _brings_its_own(order: OutputRequest, orders: Sequence[OutputRequest]) -> bool:
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
