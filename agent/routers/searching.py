"""What a model forgets to look up: a request that needs evidence is never answered without a search."""

from dataclasses import replace

from agent.converting.requests import CONVERT, requests_in
from agent.plan import Plan
from agent.request import Request, Work
from agent.routers.base import Decision, Router

SEARCH = "search"  # the tool that looks things up
UNSEARCHED = "The model looked nothing up, so the search was chosen without it."


def with_search(plan: Plan, allowed: Plan, request: Request, work: Work, classifier: Router) -> Decision | None:
    """The model's last plan with what the classifier looks up; None where something was looked up, or is by what is
    `allowed` of the plan, and where the classifier would look up nothing either."""
    searched = any(step.tool == SEARCH for step in allowed.steps) or any(one.name == SEARCH for one in work.results)
    if searched:
        return None
    decision = classifier.route(request, work)
    if not any(step.tool == SEARCH for step in decision.plan.steps):
        return None
    placed = {output.form for output in requests_in(work.messages).values()}
    placed |= {step.arguments["to"] for step in allowed.steps if step.tool == CONVERT}
    doubled = {step.id for step in decision.plan.steps if step.tool == CONVERT and step.arguments["to"] in placed}
    whole = Plan((*decision.plan.without(doubled).steps, *plan.steps))
    return replace(decision, plan=whole, notices=(*decision.notices, UNSEARCHED))
