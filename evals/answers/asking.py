"""Asks cases: of a corpus, by the agent itself, or of their own evidence, by its answering model alone.

The model gets the evidence in the messages in which the graph hands it over.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time

from langchain_core.messages import ToolMessage

from agent import models
from agent.answering.answerer import Answerer
from agent.answering.candidates.found import Found
from agent.answering.choice import answerer_of
from agent.answering.evidence import words_of
from agent.core import Agent
from agent.events import Answer, Failed
from agent.request import Request, Work
from agent.settings import Settings
from common import jsonl
from common.errors import UserError
from evals.datasets.answer_sets import Case
from evals.datasets.gold import Gold, Text, uncited
from retrievers.elements import Element, Hit
from retrievers.stores.base import Filter

EVERYWHERE, INSIDE = "all documents", "right document"
OWN, OTHER = "its evidence", "other evidence"


@dataclass(frozen=True)
class Result:
    """What came of one question asked in one way, ready for JSON.

    `judged`: whether it can be said if an answer holds the value. `quotable`: the value stands in what is right to
    cite, and not by accident (`Gold.telling`). `holds`, `short` (its marked short answer), `region` (what it cites) and
    `page` (cites a right page) are those of an answer: False when it is refused. `sure` is how sure it was, `cpu`
    processor seconds.
    """

    set: str
    scope: str
    question: str
    group: str
    kinds: tuple[str, ...]
    answerable: bool
    judged: bool
    quotable: bool
    answered: bool
    holds: bool
    short: bool
    region: bool
    page: bool
    words: int
    sure: float | None
    cpu: float
    text: str


def of_corpus(agent: Agent, cases: Sequence[Case]) -> Iterator[Result]:
    """Each question once of all documents and, where it names one, of its own alone."""
    found = agent.library.open(agent.settings.corpus).store.scroll(Filter(kinds=("page",)))
    pages = {(page.document, page.page): Text.of(page.text) for page in found}
    for case in cases[:1]:
        _asked(agent, case.question, case.documents)  # loads what the first question would otherwise be charged with
    for case in cases:
        right = [pages[key] for key in case.pages if key in pages]
        for scope, documents in {EVERYWHERE: (), INSIDE: case.documents}.items():
            if scope == EVERYWHERE or documents:
                start = process_time()
                whole = _asked(agent, case.question, documents)
                yield _result(case, scope, whole, process_time() - start, right)


def of_evidence(settings: Settings, cases: Sequence[Case]) -> Iterator[Result]:
    """Each question once of its own evidence, and once of another's, in which it has no answer."""
    answerer = answerer_of(models.load(settings), settings.model, max_images=0)
    for case in cases[:1]:
        _of_elements(answerer, case, OWN, _elements(case))  # likewise
    for place, case in enumerate(cases):
        yield _of_elements(answerer, case, OWN, _elements(case))
        after = (cases[(place + step) % len(cases)] for step in range(1, len(cases)))
        other = next((one for one in after if one.group != case.group), None)
        if other:
            elsewhere = replace(case, answerable=False, gold=None)
            yield _of_elements(answerer, elsewhere, OTHER, _elements(other))


def _of_elements(answerer: Answerer, case: Case, scope: str, elements: Sequence[Element]) -> Result:
    hits = Found(Hit(element, 1 / place) for place, element in enumerate(elements, start=1))
    result = ToolMessage(f"{len(hits)} regions", tool_call_id="search", name="search", artifact=hits)
    work = Work(case.question, messages=(result,))
    start = process_time()
    *_, whole = answerer.answer(Request(case.question), work)
    taken = process_time() - start
    assert isinstance(whole, Answer)
    return _result(case, scope, whole, taken, [Text.of(words_of(element)) for element in elements])


def read_results(path: Path) -> list[Result]:
    """Those that an earlier run wrote. Raises `UserError`."""
    try:
        records = [json.loads(line) for _, line in jsonl.lines(path)]
        return [Result(**record | {"kinds": tuple(record["kinds"])}) for record in records]
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} holds other things than outcomes: {error!r}.", "Make it anew with --out.") from error


def _asked(agent: Agent, question: str, documents: tuple[str, ...]) -> Answer:
    for event in agent.stream(question, documents=documents):
        if isinstance(event, Failed):
            raise UserError(event.message)
        if isinstance(event, Answer):
            return event
    raise AssertionError("a stream ends with an answer or a failure")


def _result(case: Case, scope: str, whole: Answer, cpu: float, right: Sequence[Text]) -> Result:
    """`right`: the texts that are right to cite."""
    gold, said = case.gold, uncited(whole.text)
    cited = [one.hit.element for one in whole.citations]
    stands = gold is not None and any(map(gold.held, right))
    return Result(
        set=case.set,
        scope=scope,
        question=case.question,
        group=case.group,
        kinds=case.kinds,
        answerable=case.answerable,
        judged=gold is not None and (stands or not gold.open),
        quotable=stands and gold is not None and gold.telling,
        answered=whole.found,
        holds=whole.found and _held(gold, said),
        short=whole.found and _held(gold, uncited(whole.short)),
        region=whole.found and any(_held(gold, words_of(element)) for element in cited),
        page=whole.found and any((one.document, one.page) in case.pages for one in cited),
        words=len(said.split()),
        sure=whole.sure,
        cpu=cpu,
        text=whole.text,
    )


def _held(gold: Gold | None, text: str) -> bool:
    return gold is not None and gold.held(Text.of(text))


def _elements(case: Case) -> Sequence[Element]:
    assert case.evidence is not None
    return case.evidence()
