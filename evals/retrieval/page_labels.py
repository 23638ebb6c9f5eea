"""Pages for questions that name only a document: those that hold an amount of the known answer.

A weak label (distant supervision): a page may hold the amount and not answer, and an answer in words has none.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from evals.datasets.questions import PageKey, Question
from retrievers.library import Corpus
from retrievers.stores.base import Filter

_AMOUNT = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w,])|(?<![\w.,])\d+\.\d+(?![\w,])")


def with_pages(corpus: Corpus, questions: Sequence[Question]) -> list[Question]:
    """`questions`, those without pages given the pages of their documents that share most amounts with the answer."""
    texts = {
        (element.document, element.page): amounts(element.text)
        for element in corpus.store.scroll(Filter(kinds=("page",)))
    }
    return [one if one.pages or not one.answerable else replace(one, pages=_holding(one, texts)) for one in questions]


def amounts(text: str) -> frozenset[str]:
    """ "82,959", "1.85": numbers with a thousands comma or a decimal point; years and counts are on too many pages."""
    return frozenset(_AMOUNT.findall(text))


def _holding(question: Question, texts: dict[PageKey, frozenset[str]]) -> frozenset[PageKey]:
    wanted = amounts(question.answer)
    shared = {page: len(wanted & held) for page, held in texts.items() if page[0] in question.documents}
    most = max(shared.values(), default=0)
    return frozenset(page for page, count in shared.items() if count == most) if most else frozenset()
