"""`triptych eval retrieval`: how often the right page is found, on questions of your own."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evals.datasets.questions import Question
    from evals.retrieval.summary import Summary
    from retrievers.library import Corpus

HELP = "How often the right page is found: page recall, abstention and latency on questions of your own."
DEFAULT_ARMS = "bm25,dense,hybrid,full"
EVERYWHERE, INSIDE = "all documents", "right document"
REFITTED = "full, cross-validated"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "questions",
        nargs="+",
        type=Path,
        metavar="QUESTIONS.jsonl",
        help='{"question", "document", "pages" (from 1), "answer"?, "sources"?, "unanswerable"?} a line',
    )
    parser.add_argument("--corpus", metavar="NAME", help="corpus to ask, already ingested")
    parser.add_argument(
        "--document-scope", action="store_true", help="ask only the document of each question, not all documents too"
    )
    parser.add_argument(
        "--arms",
        default=DEFAULT_ARMS,
        help=f"rankings to compare, in order (default: {DEFAULT_ARMS}); ablation: one part of the retriever at a time",
    )
    parser.add_argument(
        "--cross-validate",
        action="store_true",
        help="add the honest figures: weights fitted without the documents they are judged on",
    )
    parser.add_argument(
        "--pages-from-answers",
        action="store_true",
        help="where no pages are given, take those of its documents that hold an amount of the answer",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="write report.md, report.html and report.json there; a name that ends in .md: the tables alone, to it",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")


def run(arguments: argparse.Namespace) -> int:
    from evals.datasets.corpus import open_corpus
    from evals.retrieval import report
    from evals.retrieval.page_labels import with_pages

    names = _arms(arguments.arms)
    with open_corpus(arguments) as (corpus, questions):
        asked = with_pages(corpus, questions) if arguments.pages_from_answers else questions
        summary = measure(corpus, asked, names, arguments.document_scope, arguments.cross_validate)
    print(report.as_json(summary) if arguments.json else report.markdown(summary))
    if arguments.out:
        written = ", ".join(str(path) for path in report.write(summary, arguments.out))
        if not arguments.json:
            print(f"Written: {written}")
    return 0


def measure(
    corpus: "Corpus", questions: "Sequence[Question]", arms: Sequence[str], inside_only: bool, refit: bool
) -> "Summary":
    """Asks every question in every way, and sums up. `refit`: see `--cross-validate`."""
    from evals.retrieval import relevance, rerank, summary
    from evals.retrieval.arms import ARMS, ask
    from evals.retrieval.asked import cases
    from evals.retrieval.audit import audit

    located = [question for question in questions if question.pages]
    judged = [*located, *(question for question in questions if not question.answerable)]
    placed = [question for question in questions if question.documents and question.answerable]
    of_one = [question for question in judged if question.documents]
    inside = {arm: ask(ARMS[arm], corpus, of_one, inside=True) for arm in arms}
    everywhere = {} if inside_only else {arm: ask(ARMS[arm], corpus, questions, inside=False) for arm in arms}
    runs_by_scope = {INSIDE: inside} if inside_only else {EVERYWHERE: everywhere, INSIDE: inside}
    scopes = {name: summary.of(runs, located) for name, runs in runs_by_scope.items()}
    sure = {name: summary.of(runs, judged) for name, runs in runs_by_scope.items()}
    if refit:
        found = cases(corpus, judged)
        ranked = rerank.cross_validated(rerank.located(found))
        held_out = relevance.cross_validated(found)
        for name, runs in scopes.items():
            runs[REFITTED] = [one for case, one in ranked if case.way == name]
            sure[name][REFITTED] = [one for case, one in held_out if case.way == name]
    return summary.Summary(
        corpus=corpus.name,
        arms={arm: ARMS[arm].what for arm in arms},
        questions={
            "questions with pages": len(located),
            "with documents only": len(placed) - len(located),
            "unanswerable": len(judged) - len(located),
        },
        scopes={
            name: summary.scope(runs, audit(corpus, located, name == INSIDE))
            for name, runs in scopes.items()
            if located
        },
        documents=summary.documents(summary.of(everywhere, placed)) if placed else {},
        abstention={name: summary.abstention(runs) for name, runs in sure.items()},
        seconds=summary.seconds(everywhere or inside),
    )


def _arms(typed: str) -> list[str]:
    from common.errors import UnknownName
    from evals.retrieval.arms import ABLATION, ARMS

    listed = ABLATION if typed == "ablation" else typed
    names = [name.strip() for name in listed.split(",") if name.strip()]
    for name in names:
        if name not in ARMS:
            raise UnknownName(f"There is no arm called {name!r}.", f"Choose among: ablation, {', '.join(ARMS)}.")
    return names
