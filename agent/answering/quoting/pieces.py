"""How candidates are written: the short answer, then the sentence, rows or figure it stands in, its words marked."""

from collections.abc import Iterable, Iterator, Sequence

from agent.answering import evidence
from agent.answering.candidates.candidate import Candidate, Compared, Quoted, Worked
from agent.answering.candidates.passages import STOPS, Passage
from retrievers import embedders
from retrievers.elements import Element, Rows
from retrievers.marks import row_line
from retrievers.table_forms import markdown

MAX_WHOLE = 31  # rows of a table that was asked for, with its header
REGION = 80  # words of a region that was asked for by its place
WINDOW = 24  # words of a figure around those that answer
AROUND = 60  # words of a region, with those that may answer
UNSURE = "I am not sure. What comes nearest:\n\n"
MAX_HEADER = 4  # rows in which a header may be spread
NEARLY_ALL = 0.8  # of its sentence: then it is no short answer
SMALL = 12  # rows of a table that is shown whole where it comes near
NEAREST_ROWS = 5  # of a larger one
EXACT = 0.35  # below, the sentence answers, but which of its words do is not known
Piece = tuple[str, dict[int, str]]  # text, and the passages it quotes by source number


def written(best: Candidate, more: Sequence[Quoted] = (), question: str = "") -> list[Piece]:
    """`best` and, where the `question` wants several, what else answers it."""
    if not isinstance(best, Quoted):
        return [_led(_made(best), best)]
    if _says_again(best, question):
        return [sentence(best.passage)]
    chosen = [best, *more]
    short = dict.fromkeys(one.words for one in chosen if one.exact >= EXACT)
    quotes = [_quoted(one) for one in chosen]
    pieces = parted(quotes)
    if short and not (_is_its_own_quote(best) and len(short) == 1):
        pieces.insert(0, (f"{_bold(', '.join(short))}\n\n", {}))
    return pieces


def together(answers: Sequence[Candidate]) -> list[Piece]:
    """The answers to the parts of a question, then what each stands in."""
    short = ", ".join(one.words for one in answers)
    quotes = [_quoted(one) if isinstance(one, Quoted) else _made(one) for one in answers]
    return [(f"{_bold(short)}\n\n", {}), *parted(quotes)]


def _says_again(one: Quoted, question: str) -> bool:
    """Whether the words that answer name all that was asked about, as a definition does: "A moor is a ..."."""
    asked, stems = embedders.load("bm25").asked_stems(question)
    return one.passage.form == "sentence" and bool(asked) and asked <= {*stems(one.words)}


def unsure(question: str, likeliest: Sequence[Candidate], beside: Sequence[Passage] = ()) -> list[Piece]:
    """Where none of the candidates is likely to be right: the places that come nearest, with what stands around, and
    tables `beside` them that may be read by eye."""
    quotes = [_surrounded(one) if isinstance(one, Quoted) else _led(_made(one, question), one) for one in likeliest]
    return [(UNSURE, {}), *parted([*quotes, *(_near_rows(one.element, one.source, question) for one in beside)])]


def _near_rows(element: Element, source: int, question: str, marked: Iterable[tuple[int, int]] = ()) -> Piece:
    """The rows of a table that share most words with the question, and those of `marked` cells; all of a small one."""
    rows, marked = element.rows, [*marked]
    if len(rows) <= SMALL:
        return table(element, source, range(len(rows)), marked)
    asked, stems = embedders.load("bm25").asked_stems(question)
    shared = [len(asked.intersection(stems(" ".join(row)))) for row in rows]
    near = sorted(range(1, len(rows)), key=lambda place: -shared[place])[:NEAREST_ROWS]
    return table(element, source, {*near, *(row for row, _ in marked)}, marked)


def table(element: Element, source: int, places: Iterable[int], marked: Iterable[tuple[int, int]] = ()) -> Piece:
    """Caption, header and the rows at `places`, the cells at `marked` (row, column) in bold."""
    places = sorted(set(places))
    lead = "" if element.mentions.endswith(STOPS) else element.mentions  # a title, and no sentence
    caption = element.caption or lead or element.heading or "Table"
    quote = "\n".join(row_line(element.rows[place]) for place in places)
    lines = excerpt(_marked(element.rows, set(marked)), places)
    return evidence.unbracketed(f"{caption} ") + f"[{source}]\n\n" + evidence.unbracketed(lines), {source: quote}


def whole(element: Element, source: int) -> Piece:
    """A table that was asked for, as far as it can be shown."""
    text, quotes = table(element, source, range(len(element.rows))[:MAX_WHOLE])
    more = len(element.rows) - MAX_WHOLE
    return text + (f"\n\n{more} more rows are on the page." if more > 0 else ""), quotes


def excerpt(rows: Rows, places: Sequence[int]) -> str:
    """Header, units when they stand in a row of their own, and the rows at `places`, as a Markdown table."""
    units = [place for place, row in enumerate(rows[:MAX_HEADER]) if not row[0] and any(c[:1] == "(" for c in row)]
    return markdown((rows[0], *(rows[place] for place in sorted({*places, *units} - {0}))))


def picture(lead: str, element: Element, source: int) -> Piece:
    """A figure that was asked for, or asked with, by its name and place."""
    name = evidence.unbracketed(element.caption or element.context or element.document)
    place = f"{evidence.unbracketed(element.document)}, page {element.page}"
    return f"{lead}“{name}”: {place} [{source}].", {source: name}


def sentence(passage: Passage, lead: str = "") -> Piece:
    """All of a passage, in its own words."""
    quoted = f"“{evidence.unbracketed(passage.text)}” [{passage.source}]"
    return f"{evidence.unbracketed(lead)}{quoted}", {passage.source: passage.text}


def region(element: Element, source: int) -> Piece:
    """What stands at a place that was asked for, and under which heading: who asked tells whether that answers."""
    here = f"On page {element.page}"
    if element.kind == "figure":
        return picture(f"{here}: ", element, source)
    if element.rows:
        return whole(element, source)
    words = element.text.split()
    text = " ".join(words[:REGION]) + " …" * (len(words) > REGION)
    under = f", under {_bold(element.heading)}" if element.heading else ""
    return f"{here}{under}:\n\n“{evidence.unbracketed(text)}” [{source}]", {source: element.text}


def _made(one: Worked | Compared, near: str = "") -> Piece:
    """How something was worked out, and what it rests on; with the rows that share most words with `near`."""
    computed, compares = one.computed, isinstance(one, Compared)
    pieces = [*map(_quoted, one.quotes)] if isinstance(one, Compared) else [*_rows(one, near)]
    sources = dict.fromkeys(source for _, quoted in pieces for source in quoted)
    marks = "".join(f"[{source}]" for source in sources)
    working = f"{evidence.unbracketed(computed.working)} {marks}\n\n" if computed.working else ""
    reading = f"{evidence.unbracketed(computed.reading)}\n\n" if computed.reading and not compares else ""
    text = f"{working}{reading}" + "\n\n".join(text for text, _ in pieces)
    return text, all_quoted(quoted for _, quoted in pieces)


def all_quoted(quotes: Iterable[dict[int, str]]) -> dict[int, str]:
    """By source number all that is quoted of it: of several passages each in a line."""
    passages: dict[int, dict[str, None]] = {}
    for source, passage in (pair for one in quotes for pair in one.items()):
        passages.setdefault(source, {})[passage] = None
    return {source: "\n".join(quoted) for source, quoted in passages.items()}


def _led(piece: Piece, one: Worked | Compared) -> Piece:
    """With what was worked out before it."""
    return f"{_bold(one.words)}\n\n{piece[0]}", piece[1]


def _rows(one: Worked, near: str) -> Iterator[Piece]:
    for number in dict.fromkeys(cell.table for cell in one.computed.cells):
        cells = [(cell.row, cell.column) for cell in one.computed.cells if cell.table == number]
        element, source = one.elements[number], one.sources[number]
        yield _near_rows(element, source, near, cells) if near else table(element, source, (r for r, _ in cells), cells)


def _quoted(one: Quoted) -> Piece:
    passage = one.passage
    if passage.form == "figure":
        return f"{_figure(one)} [{passage.source}]", {passage.source: passage.text}
    text = passage.text[: one.start] + _bold(one.words) + passage.text[one.end :]
    text = passage.text if _is_its_own_quote(one) else text
    return f"“{evidence.unbracketed(text)}” [{passage.source}]", {passage.source: passage.text}


def _surrounded(one: Quoted) -> Piece:
    """Like `_quoted`, with as much of the region as may be read in passing."""
    passage = one.passage
    if passage.form == "figure":
        return f"{_figure(one, AROUND)} [{passage.source}]", {passage.source: passage.text}
    if rows := [place for place, row in enumerate(passage.element.rows) if any(passage.text in cell for cell in row)]:
        return table(passage.element, passage.source, rows[:1])
    whole = " ".join(passage.element.text.split())
    before, found, after = whole.partition(passage.text)
    if not found:
        return _quoted(one)
    front, back = before.split(), after.split()
    room = max(0, AROUND - len(found.split()))
    ahead = min(len(back), max(room // 2, room - len(front)))
    behind = min(len(front), room - ahead)
    words = f"{found[: one.start]}{_bold(one.words)}{found[one.end :]}"
    shown = " ".join([*front[len(front) - behind :], words, *back[:ahead]])
    text = "… " * (behind < len(front)) + evidence.unbracketed(shown) + " …" * (ahead < len(back))
    return f"“{text}” [{passage.source}]", {passage.source: passage.text}


def _figure(one: Quoted, window: int = WINDOW) -> str:
    """The caption; and the words around those that answer, when they stand in the picture."""
    element, text = one.passage.element, one.passage.text
    caption = element.caption or " ".join(element.text.split()[:WINDOW]) or "no caption"
    label = caption if caption.lower().startswith("fig") else f"Figure: {caption}"
    if one.words in element.caption:
        return evidence.unbracketed(label)
    before, after = text[: one.start].split()[-window // 2 :], text[one.end :].split()[: window // 2]
    return evidence.unbracketed(f"{label}, which reads: “{' '.join([*before, _bold(one.words), *after])}”")


def _is_its_own_quote(one: Quoted) -> bool:
    nearly = one.exact < EXACT or len(one.words) >= NEARLY_ALL * len(one.passage.text)
    return nearly and one.passage.form == "sentence"


def _marked(rows: Rows, marked: set[tuple[int, int]]) -> Rows:
    return tuple(
        tuple(_bold(cell) if (place, column) in marked and cell else cell for column, cell in enumerate(row))
        for place, row in enumerate(rows)
    )


def parted(pieces: Sequence[Piece]) -> list[Piece]:
    """Each a paragraph of its own."""
    return [(text + "\n\n" * (place < len(pieces)), quotes) for place, (text, quotes) in enumerate(pieces, start=1)]


def _bold(words: str) -> str:
    return f"**{evidence.unbracketed(words)}**"
