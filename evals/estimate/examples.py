"""Questions read as a person's would be, each candidate a case of what an estimate is fitted over."""

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from agent.answering.candidates.candidate import Candidate, Candidates, Quoted
from agent.answering.candidates.coverage import Lacking
from agent.answering.candidates.estimate import before_reading
from agent.answering.candidates.finding import candidates
from agent.answering.candidates.found import Found
from agent.tools import search
from agent.tools.base import Scope
from evals.datasets.answer_sets import Case, read_cases
from evals.datasets.corpus import open_named
from evals.datasets.gold import Text
from evals.estimate.changes import changed
from evals.estimate.made_cases import fact_cases, made_cases
from evals.estimate.piles import piled
from retrievers.elements import Hit
from retrievers.library import Corpus

FACTS = 4  # documents of sentences for each made table
KEPT = 8  # candidates of a question
Read = tuple[float | None, Candidates]  # the probability before reading, and what was read


@dataclass(frozen=True)
class Example:
    """One candidate of one question, ready for JSON. `kind`: "span" or "cells"; `before`: the probability that the
    search gave the question, None where none did; `lacking`: what of the question nothing found holds."""

    collection: str
    question: str
    answerable: bool
    before: float | None
    lacking: Lacking
    kind: str
    features: dict[str, float]
    right: bool


def example_of(row: dict[str, Any]) -> Example:
    """From the JSON of one."""
    return Example(**{**row, "lacking": Lacking(**row["lacking"])})


def examples_of(arguments: argparse.Namespace) -> Iterator[Example]:
    """Those of all the sets, piles, pages and made documents that the arguments name."""
    from evals.answers.evaluate import chosen

    draw = random.Random(arguments.seed)
    for path in arguments.sets:
        cases = chosen(read_cases(path), arguments)
        texts = [case.question for case in cases]
        for place, case in enumerate(cases):
            yield from _of(case, path.stem, _own(case, case.question))
            other = next((one for one in (*cases[place + 1 :], *cases[:place]) if one.group != case.group), None)
            elsewhere = replace(case, answerable=False, gold=None)
            if other:
                yield from _of(elsewhere, path.stem, _own(other, case.question))
            if new := changed(case.question, texts, draw):
                yield from _of(replace(elsewhere, question=new), path.stem, _own(case, new))
    for path, name in arguments.pages:
        with open_named(argparse.Namespace(corpus=name, data_dir=arguments.data_dir)) as corpus:
            known = [record.name for record in corpus.documents()]
            every = argparse.Namespace(sample=arguments.sample, seed=arguments.seed, fold=[])  # no reader saw these
            yield from _of_corpus(corpus, chosen(read_cases(Path(path), known), every), name, draw)
    if arguments.made:
        facts = fact_cases(FACTS * arguments.made, arguments.seed + 1)  # the reader learned from others
        for case in chain(made_cases(arguments.made, arguments.seed), facts):
            yield from _of(case, case.set, _own(case, case.question))
    for path in arguments.piles:
        with piled(chosen(read_cases(path), arguments)) as (corpus, cases):
            yield from _of_corpus(corpus, cases, f"{path.stem}, searched", draw)


def _of_corpus(corpus: Corpus, asked: Sequence[Case], name: str, draw: random.Random) -> Iterator[Example]:
    """Each question of its own document, and of all the others."""
    known = [record.name for record in corpus.documents()]
    cases = [case for case in asked if case.documents]
    texts = [case.question for case in cases]
    for case in cases:
        yield from _of(case, name, searched(corpus, case.question, case.documents))
        others = tuple(one for one in known if one not in case.documents)
        elsewhere = replace(case, answerable=False, gold=None)
        yield from _of(elsewhere, name, searched(corpus, case.question, others))
        if case.answerable and (new := changed(case.question, texts, draw)):
            found = searched(corpus, new, case.documents)
            yield from _of(replace(elsewhere, question=new), name, found)


def searched(corpus: Corpus, question: str, documents: tuple[str, ...]) -> Read:
    """What the agent's own tool finds and reads."""
    call = {"type": "tool_call", "name": "search", "id": "search", "args": {"query": question}}
    found: Found = search.build(Scope(corpus, documents)).invoke(call).artifact
    return before_reading(found), found.candidates or Candidates((), 0.0)


def _own(case: Case, question: str) -> Read:
    assert case.evidence is not None
    hits = [Hit(element, 1 / place) for place, element in enumerate(case.evidence(), start=1)]
    return None, candidates(question, hits)


def _of(case: Case, collection: str, read: Read) -> Iterator[Example]:
    if case.answerable and case.gold is None:
        return
    before, found = read
    asked = collection, case.question, case.answerable, before, found.lacking
    for one in found.best[:KEPT]:
        yield Example(*asked, one.kind, dict(one.features), _right(case, one))


def _right(case: Case, one: Candidate) -> bool:
    """Whether it holds the value asked for: as its own words, or in what it quotes of a page that is right to cite."""
    if case.gold is None or not case.answerable:
        return False
    if not isinstance(one, Quoted):
        return case.gold.held(Text.of(", ".join(one.computed.values)))
    element = one.passage.element
    there = not case.pages or (element.document, element.page) in case.pages
    return case.gold.held(Text.of(one.words)) or (there and case.gold.held(Text.of(one.passage.text)))
