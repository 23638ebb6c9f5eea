"""`switch`: a small classifier reads what a request wants, and the plan follows from that. No language model."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

from agent.plan import Plan, Step
from agent.request import Request, Work
from agent.routers import attached
from agent.routers.base import Decision
from agent.routers.classifier import THRESHOLD, Classifier, OutputPlan
from agent.routers.demonstrating import step_of
from agent.routers.ordering import FROM_TABLES, Wish, shown, wish_of
from agent.routers.overview import OverviewReader
from agent.routers.picture_choice import settled
from retrievers.search.query_references import positions, references

OPENING = "page 1"  # where a request for an overview does not say of what


class SwitchRouter:
    """`embedder` has `embed_texts`, as `retrievers.embedders.load("minilm")` does."""

    name: ClassVar[str] = "switch"
    loops: ClassVar[bool] = False
    obeys: ClassVar[bool] = False

    def __init__(self, embedder: Any) -> None:
        self._embedder = embedder

    @cached_property
    def classifier(self) -> Classifier:
        return Classifier(self._embedder)

    @cached_property
    def _overviews(self) -> OverviewReader:
        return OverviewReader(self._embedder)

    def topic(self, request: str) -> str | None:
        """See `OverviewReader`."""
        return self._overviews.topic(request)

    def route(self, request: Request, work: Work) -> Decision:
        question = work.asked
        if by_showing := step_of(request):
            return Decision(_checked((by_showing,), request), request.question, frozenset({"text"}))
        plan = self.classifier(question)
        if not request.images:
            plan = settled(plan, request.pictures)
        if reads := attached.steps_of(question, request, plan):
            return self._read(reads, attached.as_read(plan), request, work)
        if wish := wish_of(question, plan, work.turns):
            return replace(self._ordered(wish, plan, request, work), modalities=plan.modalities)
        if not request.images and (aside := _aside(plan)) is not None:
            return Decision(_checked(aside, request), question, frozenset({"text"}))
        wanted = _placed(question) | shown(plan, question)
        query = OPENING if work.topic == "" and not references(question) else question
        found = (*_showing(wanted), Step("search", "search", {"query": query}))
        return Decision(_checked(found, request), question, plan.modalities, shows=frozenset(wanted))

    def _read(self, reads: tuple[Step, ...], plan: OutputPlan, request: Request, work: Work) -> Decision:
        """Read the pictures, then make what is ordered from what they hold."""
        wish = wish_of(work.asked, plan, work.turns)
        steps = (*reads, *(wish.steps([step.id for step in reads]) if wish else ()))
        return Decision(_checked(steps, request), work.asked, plan.modalities)

    def _ordered(self, wish: Wish, plan: OutputPlan, request: Request, work: Work) -> Decision:
        """Look up what the orders are about, if anything, then place them."""
        found: tuple[Step, ...] = ()
        wanted = shown(plan, wish.query) if wish.query else {}
        if wish.query:
            found = (*_showing(wanted), Step("search", "search", {"query": wish.query}))
            if any(order.form in FROM_TABLES for order in wish.orders):
                found = (Step("numbers", "search", {"query": wish.query, "kinds": ["table"]}), *found)
        steps = (*found, *wish.steps([step.id for step in found]))
        question = wish.query or work.asked
        return Decision(_checked(steps, request), question, asks=wish.asks, shows=frozenset(wanted))


def _aside(plan: OutputPlan) -> tuple[Step, ...] | None:
    """The steps for what needs no evidence: smalltalk, or a question about which documents there are; else None."""
    kind = max(("documents", "smalltalk"), key=lambda name: plan.whole[name])
    if plan.modalities != {"text"} or plan.whole["evidence"] >= THRESHOLD or plan.whole[kind] < THRESHOLD:
        return None
    return (Step("list", "list_documents"),) if kind == "documents" else ()


def _placed(question: str) -> dict[str, str]:
    """What is asked about by its place is shown as well: "the second figure"."""
    return {one.kind: question for one in positions(question) if one.kind != "page"}


def _showing(to_show: Mapping[str, str]) -> tuple[Step, ...]:
    return tuple(Step(f"{kind}s", "search", {"query": query, "kinds": [kind]}) for kind, query in to_show.items())


def _checked(steps: tuple[Step, ...], request: Request) -> Plan:
    plan = Plan(steps)
    plan.check(request.tools)
    return plan
