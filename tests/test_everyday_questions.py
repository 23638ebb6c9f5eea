"""Plain questions over small documents such as people bring: a price list, minutes, a recipe, a lease, a data \
sheet, a
timetable, a report, an FAQ, a page about a hut. Those of `OTHERS` were not looked at singly while answers were \
mended;
see `plain` for what is right."""

from collections.abc import Iterator

import pytest
from agent_corpus import write
from plain import NOT_THERE, Row, Values, asked, check

from agent import Agent

pytestmark = pytest.mark.timeout(600)

DOCUMENTS = {
    "cheese.csv": """Cheese,Origin,Milk,Fat (%),Price per kg (EUR),Wheels in stock
Bellhorn,Savoy,cow,48,21.50,12
Grottino,Piedmont,sheep,45,27.80,0
Old Warden,Kent,cow,34,18.90,7
Sablet,Provence,goat,42,31.20,4
Tornfell,Cumbria,sheep,50,24.60,0
Weissbach,Tyrol,cow,25,16.40,21
""",
    "allotments.md": """# Minutes of the allotment society, 4 March 2026

Present: Ruth Adeyemi (chair), Colin Baxter (treasurer), Meera Joshi (secretary) and 17 members. Apologies: Tom \
Hurley.

The treasurer reported 2,865 pounds in the bank. The water bill was 412 pounds, 58 pounds more than last year.

It was agreed by 14 votes to 3 to buy a second shed for 690 pounds. Meera Joshi will ask the council about the \
broken gate. Two plots are free; the waiting list has nine names. The yearly fee stays at 45 pounds.

The plant sale is on Saturday, 16 May, from 10 am to 1 pm in the parish hall. The next meeting is on 1 July 2026.
""",
    "chili.html": """<html><head><title>Bean chili</title></head><body><h1>Bean chili</h1>
<p>Serves six. Preparation takes 20 minutes, cooking 75 minutes. It can be frozen for up to three months.</p>
<table><tr><th>Ingredient</th><th>Quantity</th></tr>
<tr><td>Kidney beans</td><td>500 g</td></tr><tr><td>Tomatoes</td><td>800 g</td></tr><tr><td>Onions</td><td>250 \
g</td></tr>
<tr><td>Cumin</td><td>8 g</td></tr><tr><td>Dark chocolate</td><td>30 g</td></tr></table>
<h2>Method</h2><p>Soak the beans for ten hours. Fry the onions until golden, then add the cumin. Add everything but \
the chocolate and simmer at low heat. Stir in the chocolate at the end.</p>
</body></html>
""",
    "mietvertrag.md": """# Mietvertrag

Vermieterin ist Frau Helga Brandt, Mieter ist Herr Samuel Okoro. Die Wohnung liegt im zweiten Stock der Lindenallee \
9 und hat 68 Quadratmeter.

Die Miete beträgt 840 Euro im Monat, die Nebenkosten 160 Euro. Die Kaution beträgt 2.520 Euro. Das Mietverhältnis \
beginnt am 1. April 2026. Die Kündigungsfrist beträgt drei Monate.

Haustiere sind mit Zustimmung der Vermieterin erlaubt. Der Keller ist 6 Quadratmeter groß.
""",
    "drill.md": """# Cordless drill AX-18: data sheet

| Property | AX-18 | AX-18 Pro |
|---|---|---|
| Voltage (V) | 18 | 18 |
| Torque (Nm) | 55 | 90 |
| Weight (kg) | 1.4 | 1.9 |
| Battery (Ah) | 2.0 | 5.0 |
| Charging time (min) | 40 | 75 |
| Speeds | 2 | 3 |

The chuck takes bits of up to 13 mm. The warranty is three years. Do not use the drill below -10 °C.
""",
    "ferry.csv": """Departure,From,To,Arrival,Fare (EUR)
06:15,Maren,Holmby,07:05,9
08:40,Maren,Skarvik,10:10,17
11:30,Holmby,Skarvik,12:20,11
14:05,Skarvik,Maren,15:35,17
17:20,Maren,Holmby,18:10,9
21:45,Holmby,Maren,22:35,12
""",
    "museum.md": """# Annual report of the town museum

In 2025 the museum had its best year since it opened in 1987. The director, Paula Stern, thanked the 34 volunteers.

## Visitors

| Year | Adults | Children | School classes |
|---|---|---|---|
| 2022 | 14,200 | 5,100 | 61 |
| 2023 | 15,900 | 5,800 | 74 |
| 2024 | 15,300 | 6,400 | 70 |
| 2025 | 18,700 | 7,900 | 92 |

## Money

| Item | 2024 (EUR) | 2025 (EUR) |
|---|---|---|
| Tickets | 98,000 | 121,000 |
| Grants | 210,000 | 205,000 |
| Shop | 31,000 | 44,000 |
| Salaries | -265,000 | -281,000 |
| Repairs | -42,000 | -63,000 |

A diorama is a small model of a scene, seen through a window. The museum shows eleven of them.
""",
    "faq.md": """# Questions about the library card

## How do I get a card?

Bring an identity card to the desk. The card is free for children and costs 12 euros a year for adults.

## How long may I keep a book?

Books may be kept for four weeks, films for one week. Both may be renewed twice.

## What happens when I am late?

A late book costs 30 cents a day, a late film one euro a day.

## What is an interlibrary loan?

An interlibrary loan is a book that we fetch from another library for you. It costs 3 euros and takes about ten days.
""",
    "refuge.md": """# Le refuge du Grand Lac

Le refuge se trouve à 2 184 mètres d'altitude. Il a été construit en 1932 et compte 46 lits. La gardienne s'appelle \
Élise Moret.

La nuit coûte 24 euros, le dîner 19 euros. Le refuge est ouvert du 15 juin au 20 septembre. On y monte en trois \
heures depuis le village de Valsorey.
""",
}  # fmt: skip

QUESTIONS: tuple[Row, ...] = (
    ("How fat is Old Warden?", ("34",), ("48", "25")),
    ("Which cheese is the cheapest?", ("Weissbach",), ("Old Warden", "Sablet")),
    ("Which cheeses are out of stock?", (("Grottino", "Tornfell"),), ("Sablet",)),
    ("How many cheeses are made from cow's milk?", ("3",), ()),
    ("Which is the most expensive cheese and how much does it cost?", (("Sablet", "31.20"),), ("Tornfell",)),
    ("Where does Sablet come from?", ("Provence",), ("Savoy",)),
    ("Who is the secretary of the allotment society?", ("Meera Joshi",), ("Colin Baxter", "Ruth Adeyemi")),
    ("How many plots are free?", ("two", "2"), ("nine", "17")),
    ("What will the second shed cost?", ("690",), ("412", "45")),
    ("Who was absent from the meeting?", ("Tom Hurley",), ("Colin Baxter",)),
    ("How many people does the chili serve?", ("six", "6"), ("75",)),
    ("How much do the tomatoes and the onions weigh together?", ("1050", "1,050"), ()),
    ("When is the chocolate added?", ("at the end",), ()),
    ("Wie hoch ist die Kaution?", ("2520", "2.520"), ("840", "160")),
    ("Wann beginnt das Mietverhältnis?", ("1. April 2026",), ()),
    ("What is the torque of the AX-18 Pro?", ("90",), ("55",)),
    ("How much heavier is the AX-18 Pro than the AX-18?", ("0.5",), ()),
    ("How long is the warranty of the drill?", ("three years",), ("40",)),
    ("When does the last ferry from Holmby leave?", ("21:45",), ("11:30", "22:35")),
    ("What is the fare from Maren to Skarvik?", ("17",), ("9", "11")),
    ("How many ferries leave from Maren?", ("3",), ()),
    ("When did the museum open?", ("1987",), ("2025",)),
    ("In which year did the museum have the fewest adult visitors?", ("2022",), ("2024", "2025")),
    ("How much did the shop bring in in 2025?", ("44,000",), ("31,000",)),
    ("What is a diorama?", ("small model of a scene",), ()),
    ("How much does a late film cost a day?", ("one euro",), ("30 cents",)),
    ("Quand le refuge a-t-il été construit ?", ("1932",), ("2184",)),
    ("What does the goat cost?", NOT_THERE, ()),
    ("How many calories does the chili have?", NOT_THERE, ()),
    ("Wie alt ist Herr Okoro?", NOT_THERE, ()),
)  # fmt: skip

OTHERS: tuple[Row, ...] = (
    ("What does Tornfell cost per kilo?", ("24.60", "24.6"), ("27.80",)),
    ("Which cheese has the most fat?", ("Tornfell",), ("Bellhorn",)),
    ("Which cheeses cost more than 25 euros?", (("Grottino", "Sablet"),), ("Tornfell", "Bellhorn")),
    ("How many wheels of cheese are in stock in all?", ("44",), ()),
    ("How much more does Sablet cost than Bellhorn?", ("9.7", "9.70"), ()),
    ("Which cheese has the least fat and where does it come from?", (("Weissbach", "Tyrol"),), ("Kent",)),
    ("How much money is in the bank?", ("2,865",), ("412", "690")),
    ("When is the plant sale?", ("16 May",), ("1 July 2026", "4 March")),
    ("What is the yearly fee?", ("45",), ("58", "690")),
    ("Who will talk to the council about the gate?", ("Meera Joshi",), ("Tom Hurley",)),
    ("How long must the beans be soaked?", ("ten hours",), ("75",)),
    ("How much chocolate is needed?", ("30",), ("250", "800")),
    ("Which ingredient is there most of?", ("Tomatoes",), ("Kidney beans",)),
    ("Wie groß ist der Keller?", ("6",), ("68",)),
    ("Wer ist die Vermieterin?", ("Helga Brandt",), ("Okoro",)),
    ("How long does it take to charge the AX-18?", ("40",), ("75",)),
    ("What is the coldest at which the drill may be used?", ("-10",), ("13",)),
    ("Which of the two drills is lighter?", ("AX-18",), ("Pro",)),
    ("When does the 14:05 ferry arrive?", ("15:35",), ("12:20",)),
    ("Which ferries cost 9 euros?", (("06:15", "17:20"),), ("21:45", "08:40")),
    ("Which fare is the highest?", ("17",), ("12",)),
    ("How many children came in 2024?", ("6,400",), ("15,300", "5,800")),
    ("By how much did ticket income grow from 2024 to 2025?", ("23,000",), ()),
    ("Who is the director of the museum?", ("Paula Stern",), ()),
    ("What is an interlibrary loan?", ("a book that we fetch from another library",), ()),
    ("How long may films be kept?", ("one week",), ("four weeks",)),
    ("Combien coûte le dîner ?", ("19",), ("24",)),
    ("How loud is the drill?", NOT_THERE, ()),
    ("When was the library founded?", NOT_THERE, ()),
    ("Who is the captain of the ferry?", NOT_THERE, ()),
)  # fmt: skip

WRONG_TODAY = {
    "Which cheeses are out of stock?",
    "Which is the most expensive cheese and how much does it cost?",
    "Who is the secretary of the allotment society?",
    "Who was absent from the meeting?",
    "Wie hoch ist die Kaution?",
    "When does the last ferry from Holmby leave?",
    "How many ferries leave from Maren?",
    "How much did the shop bring in in 2025?",
    "How much does a late film cost a day?",
    "What does the goat cost?",
    "How many calories does the chili have?",
    "Wie alt ist Herr Okoro?",
    "How much money is in the bank?",
    "How much chocolate is needed?",
    "Which ingredient is there most of?",
    "Wer ist die Vermieterin?",
    "How long does it take to charge the AX-18?",
    "Which of the two drills is lighter?",
    "Which ferries cost 9 euros?",
    "Which fare is the highest?",
    "How long may films be kept?",
}


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    root = tmp_path_factory.mktemp("everyday")
    with Agent.from_corpus(write(root / "documents", DOCUMENTS), corpus="everyday", data_dir=root / "data") as agent:
        yield agent


def test_every_wrong_question_is_asked() -> None:
    assert {row[0] for row in (*QUESTIONS, *OTHERS)} >= WRONG_TODAY


@pytest.mark.parametrize(("question", "right", "rivals"), asked((*QUESTIONS, *OTHERS), WRONG_TODAY))
def test_everyday_documents(agent: Agent, question: str, right: Values, rivals: tuple[str, ...]) -> None:
    check(agent, question, right, rivals)
