"""What a model forgets to look up: a request that needs evidence is never answered without a search."""

from dataclasses import replace

from langchain_core.messages import ToolMessage

from agent.converting.requests import CONVERT, requests_in
from agent.plan import Plan
from agent.routers.base import Decision, Router, Situation

SEARCH = "search"  # the tool that looks things up
UNSEARCHED = "The model looked nothing up, so the search was chosen without it."


def with_search(plan: Plan, allowed: Plan, situation: Situation, classifier: Router) -> Decision | None:
    """The model's last plan with what the classifier looks up; None where something was looked up, or is by what is
    `allowed` of the plan, and where the classifier would look up nothing either."""
    searched = any(step.tool == SEARCH for step in allowed.steps) or any(
        isinstance(message, ToolMessage) and message.name == SEARCH for message in situation.messages
    )
    if searched:
        return None
    decision = classifier.route(situation)
    if not any(step.tool == SEARCH for step in decision.plan.steps):
        return None
    placed = {output.form for output in requests_in(situation.messages).values()}
    placed |= {step.arguments["to"] for step in allowed.steps if step.tool == CONVERT}
    doubled = {step.id for step in decision.plan.steps if step.tool == CONVERT and step.arguments["to"] in placed}
    whole = Plan((*decision.plan.without(doubled).steps, *plan.steps))
    return replace(decision, plan=whole, notices=(*decision.notices, UNSEARCHED))
