"""The switch on requests it has not seen, and follow-ups made to stand alone."""

import pytest

from agent import tools
from agent.request import Request, Work
from agent.routers.switch import SwitchRouter
from agent.tools.base import Scope
from retrievers import embedders

UNSEEN = {
    "search": [
        "How heavy is the pump?",
        "What did the auditor conclude?",
        "Why was the bridge closed in 2019?",
        "Which supplier delivers the steel?",
        "how far is neptune from the sun",
    ],
    "figures search": [
        "Show me the diagram of the pump.",
        "Can I see a picture of Mars?",
        "display the bar chart of profits",
    ],
    "tables search": ["Show the table of moons.", "Let me see the table with prices."],
    "list": ["Which documents are there?", "What files did I upload?", "list all papers"],
    "": ["Hi", "thank you so much", "good evening", "goodbye"],
}


@pytest.fixture(scope="module")
def router():
    return SwitchRouter(embedders.load("minilm"))


@pytest.mark.parametrize(("steps", "request_"), [(name, one) for name, many in UNSEEN.items() for one in many])
def test_what_is_looked_up_for_unseen_requests(router, steps, request_):
    plan = router.route(Request(request_, tools=tools.build(Scope(None))), Work(request_, asked=request_)).plan
    assert [step.id for step in plan.steps] == steps.split()
