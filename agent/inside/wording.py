"""How a question is put that a table, a section or a figure answers, in the language of the document.

In forms that hold for any gender and number: "Known moons of Saturn?" A language without its own is asked in names
alone.
"""

from typing import NamedTuple


class Wording(NamedTuple):
    cell: str = "{row}: {column}?"
    section: str = "{heading}?"
    figure: str = "{caption}?"


WORDINGS = {
    "english": Wording("{column} of {row}?", "What is written about {heading}?", "Show {caption}"),
    "german": Wording("{column} von {row}?", "Was steht hier über {heading}?", "Zeige {caption}"),
    "french": Wording("{column} de {row} ?", "Que dit le document sur {heading} ?", "Montre {caption}"),
    "spanish": Wording("¿{column} de {row}?", "¿Qué dice el documento sobre {heading}?", "Muestra {caption}"),
    "italian": Wording("{column} di {row}?", "Che cosa dice il documento su {heading}?", "Mostra {caption}"),
    "portuguese": Wording("{column} de {row}?", "O que diz o documento sobre {heading}?", "Mostre {caption}"),
    "dutch": Wording("{column} van {row}?", "Wat staat er over {heading}?", "Toon {caption}"),
}
NAMES_ALONE = Wording()


def wording_of(language: str) -> Wording:
    return WORDINGS.get(language, NAMES_ALONE)
