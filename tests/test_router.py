"""The switch head on requests it has not seen, and follow-ups made to stand alone."""

import json

import pytest

from agent.routers.switch import EXAMPLES, SwitchRouter
from retrievers import embedders

UNSEEN = {
    "search": [
        "How heavy is the pump?",
        "What did the auditor conclude?",
        "Why was the bridge closed in 2019?",
        "Which supplier delivers the steel?",
        "how far is neptune from the sun",
    ],
    "show_figure": [
        "Show me the diagram of the pump.",
        "Can I see a picture of Mars?",
        "display the bar chart of profits",
    ],
    "show_table": ["Show the table of moons.", "Let me see the table with prices."],
    "list_documents": ["Which documents are there?", "What files did I upload?", "list all papers"],
    "smalltalk": ["Hi", "thank you so much", "good evening", "goodbye"],
}


@pytest.fixture(scope="module")
def router():
    return SwitchRouter(embedders.load("minilm"))


@pytest.mark.parametrize(("wanted", "request_"), [(name, one) for name, many in UNSEEN.items() for one in many])
def test_the_head_decides_unseen_requests(router, wanted, request_):
    assert request_ not in json.loads(EXAMPLES.read_text())[wanted]
    assert router.decide(request_) == wanted
