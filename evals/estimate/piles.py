"""Tables and paragraphs that questions come with, made documents: a small pile, as people bring it, to be searched."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.core import Agent
from evals.datasets.answer_sets import Case
from retrievers.elements import Element
from retrievers.library import Corpus
from retrievers.table_forms import markdown


@contextmanager
def piled(cases: Sequence[Case]) -> Iterator[tuple[Corpus, list[Case]]]:
    """A corpus with one document for each table or article, and `cases` asked of it. It is gone afterwards."""
    names = {group: f"{place}.md" for place, group in enumerate(dict.fromkeys(case.group for case in cases))}
    with TemporaryDirectory() as folder:
        documents, data = Path(folder, "documents"), Path(folder, "data")
        documents.mkdir()
        for group, name in names.items():
            (documents / name).write_text(_text([case for case in cases if case.group == group]), encoding="utf-8")
        with Agent.from_corpus(documents, corpus="pile", data_dir=data) as agent:
            found = [replace(case, documents=(names[case.group],), evidence=None) for case in cases]
            yield agent.library.open("pile"), found


def _text(cases: Sequence[Case]) -> str:
    """What the questions of one table or article are asked of, each part once."""
    elements = [element for case in cases if case.evidence for element in case.evidence()]
    return "\n\n".join(dict.fromkeys(map(_part, elements)))


def _part(element: Element) -> str:
    return markdown(element.rows) if element.rows else element.text
