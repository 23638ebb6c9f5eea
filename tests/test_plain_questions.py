"""Plain questions over small documents and the sample corpus; see `plain` for what is right."""

from collections.abc import Iterator

import pytest
from agent_corpus import write
from plain import NOT_THERE, Row, Values, asked, check
from shared import sample_data

from agent import Agent

pytestmark = pytest.mark.timeout(600)  # the first question waits until the whole sample corpus is read

PLANETS: tuple[Row, ...] = (
    # look-up
    ("What is the gravity on Uranus?", ("8.7",), ("8.9", "9.0", "11.0")),
    ("What is the axial tilt of Saturn?", ("26.7",), ("97.8", "28.3")),
    ("Who discovered Titan?", ("Christiaan Huygens", "Huygens"), ("Cassini",)),
    ("Where did Apollo 15 land?", ("Hadley Rille",), ("Descartes", "Fra Mauro")),
    ("When did Juno enter orbit of Jupiter?", ("5 Jul 2016",), ("5 Mar 1979", "30 Dec 2000")),
    ("How wide is Enceladus?", ("504",), ("3643", "5149")),
    ("What do you need to see Neptune?", ("telescope",), ("naked eye",)),
    ("What is the escape velocity of Mars?", ("5.0",), ("4.3", "11.2")),
    ("How many moons does Venus have?", ("0", "none", "no moons"), ("2", "95")),
    ("When was Voyager 1 launched?", ("5 Sep 1977",), ("20 Aug 1977", "1979")),
    ("When did Voyager 2 fly past Neptune?", ("25 Aug 1989",), ("9 Jul 1979",)),
    ("How often does Mars come into opposition?", ("26 months",), ()),
    ("What is hidden under the ice of Europa?", ("ocean",), ()),
    # which is most, least, first, last
    ("What is the largest planet?", ("Jupiter",), ("Earth", "Saturn")),
    ("Which planet is the coldest?", ("Neptune",), ("Uranus", "Venus")),
    ("Which planet has the highest escape velocity?", ("Jupiter",), ("Saturn", "Neptune")),
    ("Which Apollo mission brought back the fewest kilograms of samples?", ("Apollo 11",), ("Apollo 17", "Apollo 12")),
    ("Which of Saturn's rings is the widest?", ("B ring",), ("C ring", "D ring")),
    ("Which planet has the shortest orbital period?", ("Mercury",), ("Neptune", "Venus")),
    ("What was the last milestone of planetary exploration?", ("Perseverance", "18 Feb 2021"), ("Mariner 2", "Juno")),
    ("Which Apollo mission was the first to land on the Moon?", ("Apollo 11",), ("Apollo 12", "Apollo 17")),
    # sums
    ("How many moons do Mars and Jupiter have together?", ("97",), ()),
    ("What is the total width of the A ring and the B ring?", ("40,185",), ()),
    ("How many kilograms did Apollo 16 and Apollo 17 bring back together?", ("206.2",), ()),
    # how much more
    ("How much larger is the diameter of Jupiter than that of Saturn?", ("22,448",), ()),
    ("How many more moons does Saturn have than Uranus?", ("118",), ()),
    ("How many days longer is the period of Callisto than that of Ganymede?", ("9.534",), ()),
    # ratio, share
    ("How many times as heavy as Uranus is Saturn?", ("6.544",), ()),
    ("What percentage of the mass of all Apollo samples did Apollo 17 bring back?", ("28.95%",), ()),
    # how many
    ("How many planets have no known moons?", ("2",), ()),
    ("How many planets are colder than -100 °C?", ("4",), ()),
    ("How many planets have more than 20 moons?", ("3",), ()),
    ("How many moons did Galileo Galilei see in January 1610?", ("four",), ()),
    # position
    ("What does the last slide say about Triton?", ("Triton circles Neptune backwards",), ()),
    ("What is the title of slide 6?", ("Fire and ice",), ()),
    ("What does the second figure of the planets report show?", ("Orbital period against mean distance",), ()),
    ("What does Figure 2 show?", ("Orbital period against mean distance",), ("Main facts",)),
    ("Describe table 1 of the planets report", ("Main facts of the eight planets",), ()),
    # sentences
    ("Why are the southern summers of Mars short and warm?", ("42.6 million km farther out",), ()),
    ("Why do Uranus and Neptune look blue?", ("methane",), ()),
    ("What are the rings of Saturn made of?", ("water ice",), ()),
    ("How long does white light spoil night vision?", ("twenty minutes",), ()),
    # not there, and premises that do not hold
    ("What is the population of Mars?", NOT_THERE, ()),
    ("Who was the pilot of Apollo 13?", NOT_THERE, ()),
    ("What is the wind speed on Neptune?", NOT_THERE, ()),
    ("When did Voyager 2 pass Pluto?", NOT_THERE, ()),
    ("How wide is the E ring of Saturn?", NOT_THERE, ()),
    ("When did Cassini land on Mars?", NOT_THERE, ()),
)  # fmt: skip

SMALL = {
    "towers.md": """# Towers of the harbour

## North tower

The north tower is 212 metres tall. It was finished in 1961 by the Hale company.

## South tower

The south tower is 147 metres tall. It was finished in 1979 by the Sorel company.

| Tower | Floors | Rent M€ |
|---|---|---|
| North | 51 | 18 |
| South | 36 | 13 |
""",
    "oils.csv": "Grade,Viscosity,Price\nK1,20-25,~8\nL2,33,n/a\nM3,>50,9*\n",
    "bergwerk.md": """# Bergwerk

Der Schacht ist 620 m tief. Die Fläche der Halde beträgt 95 ha.

这座桥的长度为五百二十米。

الجسر قديم جدا في المدينة.

| Jahr | Besucher | Gewinn |
|---|---|---|
| 2021 | 2 050 | −410 |
| 2022 | 2 210 | 95 |
| 2023 | 2 630 | 370 |
""",
    "pump.txt": "Starting the pump\n\nOpen valve A before you press the green button. The pump weighs 38 kg.\n",
}  # fmt: skip
SMALL_QUESTIONS: tuple[Row, ...] = (
    ("How tall is the south tower?", ("147",), ("212",)),
    ("Who finished the north tower?", ("Hale",), ("Sorel",)),
    ("When was the south tower finished?", ("1979",), ("1961",)),
    ("When was the middle tower finished?", NOT_THERE, ()),
    ("How tall is the west tower?", NOT_THERE, ()),
    ("How many floors do the two towers have together?", ("87",), ()),
    ("How much taller is the north tower than the south tower?", ("65",), ()),
    ("Which tower has the higher rent?", ("North",), ("South",)),
    ("How old is the architect of the north tower?", NOT_THERE, ()),
    ("What is the viscosity of K1?", ("20-25",), ("33",)),
    ("What is the price of K1?", ("8",), ("9",)),
    ("Which grade has the highest viscosity?", ("M3",), ("L2", "K1")),
    ("What is the price of L2?", ("n/a", "not stated", "not given"), ("8", "9")),
    ("Wie tief ist der Schacht?", ("620",), ("95",)),
    ("Wie viele Besucher kamen 2022?", ("2210", "2 210"), ("2 050", "2 630")),
    ("In welchem Jahr war der Gewinn am größten?", ("2023",), ("2021", "2022")),
    ("这座桥的长度为多少？", ("五百二十米",), ()),
    ("الجسر قديم جدا في المدينة", ("قديم جدا",), ()),
    ("What is the price of the pump?", NOT_THERE, ()),
    ("How heavy is the pump?", ("38",), ()),
    ("What has to be opened before the green button is pressed?", ("valve A",), ()),
)  # fmt: skip

WRONG_TODAY = {
    "In welchem Jahr war der Gewinn am größten?",
    "What is the wind speed on Neptune?",
    "Who discovered Titan?",
    "When did Juno enter orbit of Jupiter?",
    "What is the population of Mars?",
    "When did Voyager 2 pass Pluto?",
    "How wide is the E ring of Saturn?",
    "When did Cassini land on Mars?",
    "When was the middle tower finished?",
    "How tall is the west tower?",
    "What is the price of the pump?",
}


@pytest.fixture(scope="module")
def planets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    with Agent(corpus="sample", data_dir=sample_data(tmp_path_factory)) as agent:
        yield agent


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    root = tmp_path_factory.mktemp("small")
    with Agent.from_corpus(write(root / "documents", SMALL), corpus="small", data_dir=root / "data") as agent:
        yield agent


def test_every_wrong_question_is_asked() -> None:
    assert {row[0] for row in (*PLANETS, *SMALL_QUESTIONS)} >= WRONG_TODAY


@pytest.mark.parametrize(("question", "right", "rivals"), asked(PLANETS, WRONG_TODAY))
def test_the_sample_corpus(planets: Agent, question: str, right: Values, rivals: tuple[str, ...]) -> None:
    check(planets, question, right, rivals)


@pytest.mark.parametrize(("question", "right", "rivals"), asked(SMALL_QUESTIONS, WRONG_TODAY))
def test_small_documents(small: Agent, question: str, right: Values, rivals: tuple[str, ...]) -> None:
    check(small, question, right, rivals)
