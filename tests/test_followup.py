"""Follow-ups are made to stand alone, and complete questions are left as they are."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from agent_corpus import agent_over, with_model, without_model
from langchain_core.messages import AIMessage

from agent import Agent
from agent.routers import followup
from agent.routers.followup import Said, standalone
from agent.routers.followup.by_model import added, checked, rewriter
from agent.testing import ScriptedModel
from evals.followup.conversations import CONVERSATIONS, WIDE, is_right, read
from evals.followup.evaluate import judged

DOCUMENTS = {
    "dams.md": """# The dams of the valley

## Upper dam

The upper dam is 84 m high. The upper dam cost 212 million euros. It was designed by Greta Lund.

## Lower dam

The lower dam is 31 m high. The lower dam cost 57 million euros. It was designed by Emil Roth.
""",
    "planets.md": """# Planets

| Planet | Day in hours | Diameter in km | Mean temperature in °C |
|---|---|---|---|
| Mars | 24.6 | 6792 | -65 |
| Jupiter | 9.9 | 142984 | -110 |
| Saturn | 10.7 | 120536 | -140 |
""",
}
Asked = tuple[str, ...]

# what was asked and answered before, the follow-up, what it is to become
FOLLOW_UPS: tuple[tuple[Asked, str, str], ...] = (
    (("How high is the upper dam?", "84 m."), "And the lower one?", "How high is the lower dam?"),
    (("How long is a day on Mars?", "24.6 hours."), "And on Saturn?", "How long is a day on Saturn?"),
    (
        ("What is the mean temperature of Mars?", "-65 °C."),
        "same, but for Jupiter",
        "What is the mean temperature of Jupiter?",
    ),
    (("Which birds nest under the bridge?", "Swallows."), "Beside?", "Which birds nest beside the bridge?"),
    (("What does it cost with the sauna?", "30 euros."), "Without?", "What does it cost without the sauna?"),
    (("What does the tour cost?", "9 euros."), "Without?", "What does the tour cost without?"),
    (("How long is the Hale tunnel?", "912 m."), "What did it cost?", "What did the Hale tunnel cost?"),
    (("What was the turnover in 2019?", "3 million."), "2021?", "What was the turnover in 2021?"),
    (
        ("Plot the masses of the planets as a bar chart", "Here."),
        "And the diameters?",
        "Plot the diameters of the planets as a bar chart",
    ),
    (("Who built the mill?", "Emil Roth, in 1902."), "When was he born?", "When was Emil Roth born?"),
    (
        ("What happens when the pump fails?", "The spare pump starts."),
        "and if both fail?",
        "What happens if both fail?",
    ),
    (
        ("Which bird is the rarest?", "The corncrake, with 14 pairs."),
        "Where does it nest?",
        "Where does the corncrake nest?",
    ),
    (("Was the ferry cancelled?", "Yes."), "Why?", "Why was the ferry cancelled?"),
    (
        ("How many nurses work in the clinic?", "81."),
        "How many of them are men?",
        "How many of the nurses that work in the clinic are men?",
    ),
    (("How heavy is the left gate?", "90 kg."), "I meant the right one", "How heavy is the right gate?"),
    (
        ("Which trains stop at Kell?", "The Comet, the Arrow and the Swift."),
        "How fast is the second one?",
        "How fast is the Arrow?",
    ),
    (("When does the bakery close?", "At six."), "open?", "When does the bakery open?"),
    (("When was the house built?", "1901."), "renovated?", "When was the house renovated?"),
    (
        ("What is the capacity of the small water tank?", "90 litres."),
        "the big one?",
        "What is the capacity of the big water tank?",
    ),
    (("How do I clean the lens?", "With a soft cloth."), "how often?", "How often do I clean the lens?"),
    (("What does error 21 mean?", "The door is open."), "22?", "What does error 22 mean?"),
    (
        ("When do the winter sales begin in Lyon?", "In January."),
        "the summer ones?",
        "When do the summer sales begin in Lyon?",
    ),
    (
        ("Can the heater be connected to cold water?", "Yes."),
        "to hot water?",
        "Can the heater be connected to hot water?",
    ),
    (("How long do I roast the pork joint?", "Two hours."), "And the beef one?", "How long do I roast the beef joint?"),
    (
        ("What were Alder plc's costs in 2020?", "3 million."),
        "And Birch plc's?",
        "What were Birch plc's costs in 2020?",
    ),
    (("How heavy is the drum?", "9 kg."), "can I lift it alone", "Can I lift the drum alone"),
    (
        ("How old is the chapel in Mill Lane?", "200 years."),
        "and the one in Hill Street?",
        "How old is the chapel in Hill Street?",
    ),
    (
        ("Was kostet die Fähre nach Föhr?", "9 Euro."),
        "Wie lange braucht sie?",
        "Wie lange braucht die Fähre nach Föhr?",
    ),
    (("¿Cuánto pesa la bomba nueva?", "38 kg."), "¿Y la vieja?", "¿Cuánto pesa la bomba vieja?"),
    (("Combien coûte le billet pour Nice ?", "40 euros."), "Et pour Lyon ?", "Combien coûte le billet pour Lyon?"),
)
BEFORE = (
    Said("How large is Mercury?", "Mercury measures 4,879 km."),
    Said("What is the mass of Mars?", "**6.4 × 10²³ kg** [1]"),
    Said("Plot the mass of the planets", "Here is the chart."),
)
COMPLETE = (
    "The diameters of the planets",
    "Make a picture of a sunset",
    "Does the pump stop when it is too hot?",
    "Did Ada Lovelace publish her notes?",
    "How long does it take to descale the kettle?",
    "Is it true that Venus has no moons?",
    "And what is the mass of Venus?",
    "Which planet has the largest diameter?",
    "rainfall in Bergen 2019",
    "Compose a waltz",
    "Thank you!",
    "hello",
    "Which documents are there?",
    "Read that aloud",
    "Save this as a PDF",
    "as a pie chart instead",
    "Wie viele Monde hat der Saturn?",
    "Dibuja un bosque",
    "Merci beaucoup",
    "这座桥的长度为多少？",
)


@pytest.mark.parametrize(("before", "question", "wanted"), FOLLOW_UPS, ids=[row[1] for row in FOLLOW_UPS])
def test_a_follow_up_stands_alone(before: Asked, question: str, wanted: str) -> None:
    assert standalone(question, [Said(*before)]).replace(" ?", "?") == wanted


def test_one_of_two_things_that_were_asked_about() -> None:
    said = [Said("How long is the Lune?", "90 km."), Said("How long is the Wyre?", "45 km.")]
    assert standalone("which one is larger?", said) == "Which one is larger, the Lune or the Wyre?"


@pytest.mark.parametrize("question", COMPLETE)
@pytest.mark.parametrize("before", BEFORE, ids=[one.question for one in BEFORE])
def test_a_complete_question_stays(before: Said, question: str) -> None:
    assert standalone(question, [before]) == question


@pytest.mark.parametrize(
    "question",
    [
        "",
        "?",
        "And?",
        "And and and",
        "it",
        "its",
        "the",
        "one",
        "of",
        "'s",
        "¿?",
        "\u202e?",
        "the second one",
        "why not them",
        "a" * 5000,
    ],
)
@pytest.mark.parametrize(
    "before", [Said("", ""), Said("?", "."), Said("Mars", "**"), Said("How", "[1]"), Said("x " * 4000, "y")]
)
def test_odd_words_do_no_harm(before: Said, question: str) -> None:
    assert isinstance(standalone(question, [before]), str)


def test_the_open_half_of_the_conversations() -> None:
    """The figures of docs/conversations.md, with a little room."""
    outcomes = list(judged(read(CONVERSATIONS, "open"), standalone))
    follow_ups = [one.right for one in outcomes if one.wanted]
    assert [one.question for one in outcomes if not one.wanted and not one.right] == []
    assert sum(follow_ups) / len(follow_ups) >= 0.82


def test_what_counts_as_right() -> None:
    wanted = ["How high is the lower dam (of the report)?"]
    assert is_right("how high is the lower dam?", "", wanted, "en")
    assert is_right("How high is the lower dam of the report?", "", wanted, "en")
    assert not is_right("How high is the lower one?", "", wanted, "en")
    assert not is_right("How high is the lower dam of Mercury?", "", wanted, "en")
    assert not is_right("How high is the upper dam?", "", wanted, "en")
    assert not is_right("Make a picture of a sunset of Only?", "Make a picture of a sunset", [], "en")


@pytest.fixture(scope="module")
def valley(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    with agent_over(tmp_path_factory.mktemp("valley"), DOCUMENTS) as agent:
        yield agent


@pytest.mark.parametrize(
    ("questions", "standing", "values"),
    [
        (("How high is the upper dam?", "And the lower one?"), "How high is the lower dam?", ("31",)),
        (("How high is the upper dam?", "What did it cost?"), "What did the upper dam cost?", ("212",)),
        (("How long is a day on Mars?", "And on Saturn?"), "How long is a day on Saturn?", ("10.7",)),
        (
            ("What is the mean temperature of Mars?", "same, but for Jupiter"),
            "What is the mean temperature of Jupiter?",
            ("-110",),
        ),
    ],
)
def test_the_answer_keeps_topic_and_attribute(valley: Agent, questions: Asked, standing: str, values: Asked) -> None:
    name = " / ".join(questions)
    answers = [valley.ask(question, conversation=name) for question in questions]
    assert valley.history(name)[-1].standalone == standing
    assert all(value in answers[-1].text for value in values), answers[-1].text


def test_a_new_topic_is_answered_as_if_it_came_first(valley: Agent) -> None:
    valley.ask("How long is a day on Mars?", conversation="topic")
    later = valley.ask("The diameters of the planets", conversation="topic")
    assert valley.history("topic")[-1].standalone == "The diameters of the planets"
    assert later.text == valley.ask("The diameters of the planets").text


def test_a_wish_is_not_made_about_what_was_said(valley: Agent) -> None:
    """ "Make a picture of a sunset *of Only?*" was asked of the converter."""
    valley.ask("How high is the upper dam?", conversation="wish")
    steps = [str(event) for event in valley.stream("Make a picture of a sunset", conversation="wish")]
    assert valley.history("wish")[-1].standalone == "Make a picture of a sunset"
    assert "dam" not in steps[0]


def test_a_chart_is_followed_by_a_chart(valley: Agent) -> None:
    valley.ask("Plot the mean temperature of the planets as a bar chart", conversation="chart")
    answer = valley.ask("And the diameter?", conversation="chart")
    assert valley.history("chart")[-1].asked == "Plot the diameter of the planets as a bar chart"
    assert [one.made["form"] for one in answer.artifacts if one.made] == ["chart"]


SAID: Sequence[Said] = (Said("How high is the upper dam?", "The upper dam is 84 m high. Greta Lund designed it."),)


@pytest.mark.parametrize(
    ("reply", "wanted"),
    [
        ("What is the height of the lower dam?", "What is the height of the lower dam?"),
        ("How high is the Hoover Dam?", "How high is the lower dam?"),
        ("How high is the lower dam in 1936?", "How high is the lower dam?"),
        ("The lower dam is 31 m high.\nIt was built by Emil Roth.", "How high is the lower dam?"),
        ("", "How high is the lower dam?"),
    ],
)
def test_a_model_rewrites_but_adds_no_names(reply: str, wanted: str) -> None:
    model = ScriptedModel(script=[AIMessage(reply)])
    assert rewriter(model)("And the lower one?", SAID) == wanted


def test_a_model_is_not_asked_about_a_complete_question() -> None:
    model = ScriptedModel(script=[])
    assert rewriter(model)("Who designed the lower dam?", SAID) == "Who designed the lower dam?"


def test_whether_it_leans_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model's rewrite that is void was asked about again, before ours stood."""
    asked: list[str] = []

    def counted(question: str, *others: object) -> dict[str, float]:
        asked.append(question)
        return features(question, *others)

    features = followup.features
    monkeypatch.setattr(followup, "features", counted)
    model = ScriptedModel(script=[AIMessage("")])
    assert rewriter(model)("And the lower one?", SAID) == "How high is the lower dam?"
    assert asked == ["And the lower one?"]


def test_names_of_the_conversation_may_be_used() -> None:
    assert added("When was Greta Lund born?", "When was she born?", SAID) == []
    assert checked("When was Greta Lund born?", "When was she born?", SAID) == "When was Greta Lund born?"


def test_the_configured_model_is_asked(valley: Agent) -> None:
    """Its rewrite is what is looked up; without a planning router, that is the only thing it decides."""
    valley.ask("How high is the upper dam?", conversation="model")
    with_model(valley, ScriptedModel(script=[AIMessage("How tall is the lower dam?"), AIMessage("31 m [1].")]))
    try:
        valley.settings.router = "switch"
        valley.ask("And the lower one?", conversation="model")
    finally:
        without_model(valley)
    assert valley.history("model")[-1].standalone == "How tall is the lower dam?"


def test_the_set_is_whole() -> None:
    every = read(CONVERSATIONS)
    later = [turn for one in every for turn in one["turns"][1:]]
    assert len(every) >= 120
    assert sum(not turn["rewrites"] for turn in later) / len(later) >= 0.4
    assert {one["id"] for one in read(CONVERSATIONS, "open")}.isdisjoint(
        one["id"] for one in read(CONVERSATIONS, "held")
    )
    assert Path(CONVERSATIONS).name == "conversations.jsonl"


def test_the_wide_set_is_whole() -> None:
    """A subject is in one half only, so that the held half measures subjects that nothing was built on."""
    every = read(WIDE)
    assert len(every) >= 200
    assert len({one["id"] for one in every}) == len(every)
    halves = [{one["subject"] for one in read(WIDE, half)} for half in ("open", "held")]
    assert halves[0].isdisjoint(halves[1])
    assert len(halves[0] | halves[1]) >= 40
