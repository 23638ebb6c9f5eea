"""From a request as the classifier read it to what is ordered, in which order, and what is looked up for it."""

from pathlib import Path

import pytest

from agent.converting.requests import OutputRequest
from agent.events import Answer, Artifact
from agent.lexicon import MODALITIES
from agent.memory import Turn
from agent.plan import Step
from agent.routers.classifier import OutputPlan
from agent.routers.ordering import Wish, shown, wish_of

NAMES = (*MODALITIES, "again")


def shares(**likely: float) -> dict[str, float]:
    return dict.fromkeys(NAMES, 0.01) | likely


def plan(*clauses: tuple[str, dict[str, float]], again: float = 0.0) -> OutputPlan:
    """As if the classifier had read these clauses, the whole of them wanting what any does."""
    whole = {name: max(one[name] for _, one in clauses) for name in NAMES} | {"again": again}
    return OutputPlan(tuple(text for text, _ in clauses), tuple(one for _, one in clauses), whole)


def turn(*forms: str, standalone: str = "moons of the planets") -> Turn:
    made = tuple(Artifact(Path("x"), "text/plain", form, made={"form": form}) for form in forms)
    return Turn("Plot the moons.", standalone, Answer("Here.", artifacts=made))


def test_a_document_waits_for_what_it_is_to_hold() -> None:
    orders = (
        OutputRequest("document", "as a PDF"),
        OutputRequest("chart", "plot it"),
        OutputRequest("speech", "aloud"),
    )
    assert Wish(orders).steps(["search"]) == (
        Step("chart", "convert", {"to": "chart", "request": "plot it"}, ("search",)),
        Step("speech", "convert", {"to": "speech", "request": "aloud"}, ("search",)),
        Step("document", "convert", {"to": "document", "request": "as a PDF"}, ("search", "chart", "speech")),
    )


def test_what_is_made_again_says_so() -> None:
    (step,) = Wish((OutputRequest("chart", "in red", again=True),)).steps([])
    assert step.arguments == {"to": "chart", "request": "in red", "again": True}


def test_words_alone_order_nothing() -> None:
    assert wish_of("How many moons has Mars?", plan(("How many moons has Mars?", shares(text=0.9))), []) is None


@pytest.mark.parametrize(
    ("made", "wanted", "form"),
    [
        (["chart", "speech"], {"speech": 0.9, "chart": 0.8}, "speech"),
        (["chart"], {"speech": 0.9, "chart": 0.8}, "chart"),
        (["chart", "speech"], {}, "speech"),
        (["chart"], {"speech": 0.9}, "speech"),
    ],
)
def test_what_is_changed_is_what_was_made_and_reads_likest(
    made: list[str], wanted: dict[str, float], form: str
) -> None:
    read = plan(("Now louder.", shares(**wanted)), again=0.9)
    (order,) = wish_of("Now louder.", read, [turn("sheet"), turn(*made)]).orders
    assert order == OutputRequest(form, "Now louder.", again=True)


@pytest.mark.parametrize("turns", [[], [turn()], [turn("chart"), turn()]])
def test_nothing_is_changed_where_the_last_answer_made_nothing(turns: list[Turn]) -> None:
    wish = wish_of("A chart of the moons", plan(("A chart of the moons", shares(chart=0.9)), again=0.9), turns)
    assert [order.again for order in wish.orders] == [False]


@pytest.mark.parametrize(("turns", "query"), [([turn()], "moons of the planets"), ([], "Plot it.")])
def test_a_chart_that_names_nothing_is_of_what_was_looked_up_last(turns: list[Turn], query: str) -> None:
    assert wish_of("Plot it.", plan(("Plot it.", shares(chart=0.9))), turns).query == query


def test_speech_that_names_nothing_looks_up_nothing_after_an_answer() -> None:
    wish = wish_of("Read it aloud.", plan(("Read it aloud.", shares(speech=0.9))), [turn()])
    assert (wish.query, wish.asks) == ("", False)
    assert [order.form for order in wish.orders] == ["speech"]


@pytest.mark.parametrize(
    ("request_", "read", "looked_up"),
    [
        ("Plot tea: 3, milk: 5", {"chart": 0.9}, False),
        ("Plot the tides of Oslo", {"chart": 0.9}, True),
        ("Say “good morning”", {"speech": 0.9}, False),
        ("Draw pick -> wash -> eat", {"diagram": 0.9}, False),
        ("Draw how cider is made", {"diagram": 0.9}, True),
        ("Paint a red barn", {"picture": 0.9}, False),
    ],
)
def test_what_brings_its_own_needs_no_search(request_: str, read: dict[str, float], looked_up: bool) -> None:
    wish = wish_of(request_, plan((request_, shares(**read))), [])
    assert bool(wish.query) == looked_up


def test_each_clause_orders_in_its_own_words_and_one_that_asks_is_answered() -> None:
    asked = ("why are the tides of Oslo so low", shares(text=0.9))
    drawn = ("plot the tides of Oslo", shares(chart=0.9))
    wish = wish_of("Tell me why, and plot.", plan(asked, drawn), [])
    assert wish.asks
    (order,) = wish.orders
    assert order.form == "chart" and "tides of Oslo" in order.request
    assert "Oslo" in wish.query and "; " in wish.query


def test_a_picture_to_be_shown_is_looked_up_by_its_own_clause() -> None:
    told = ("how heavy is the pump", shares(text=0.9))
    seen = ("show me a photo of the lighthouse", shares(image=0.9))
    assert shown(plan(told, seen), "pump") == {"figure": "lighthouse"}
    assert shown(plan(("show it", shares(image=0.9)), ("and why", shares(text=0.9))), "pump") == {"figure": "pump"}
    assert shown(plan(("a table of pumps", shares(table=0.9))), "pumps") == {"table": "pumps"}
    assert shown(plan(told), "pump") == {}
