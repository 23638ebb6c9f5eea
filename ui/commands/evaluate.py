"""`triptych eval NAME` and `triptych fit NAME`: each is a module, loaded only when it is named or all are listed.

Such a module has `HELP` (one line), `add_arguments(parser)` and `run(arguments)`, which returns the exit code.
"""

import argparse
from collections.abc import Mapping, Sequence
from importlib import import_module

EVALUATIONS = {
    "retrieval": "evals.retrieval.evaluate",
    "answers": "evals.answers.evaluate",
    "models": "evals.models.evaluate",
    "switch": "evals.switch.evaluate",
    "conversations": "evals.followup.evaluate",
    "pictures": "evals.pictures.evaluate",
    "aim": "evals.aim.evaluate",
}
FITTED = {  # trained parts that ship, and what makes them again
    "rerank": "evals.retrieval.rerank",
    "relevance": "evals.retrieval.relevance",
    "reader": "evals.reader.fit",
    "tables": "evals.tables.fit",
    "estimate": "evals.estimate.fit",
    "followup": "evals.followup.fit",
    "switch": "evals.wanted.fit",
    "overview": "evals.wanted.overviews",
}


def add(
    made: "argparse._SubParsersAction[argparse.ArgumentParser]",
    everywhere: argparse.ArgumentParser,
    words: Sequence[str],
) -> None:
    """Add to `made` the evaluations among the typed `words`, or all when none is; none when `eval` was not typed."""
    if "eval" in words:
        _add(made, everywhere, words, EVALUATIONS)


def add_fits(
    made: "argparse._SubParsersAction[argparse.ArgumentParser]",
    everywhere: argparse.ArgumentParser,
    words: Sequence[str],
) -> None:
    """The same for `triptych fit`."""
    if "fit" in words:
        _add(made, everywhere, words, FITTED)


def _add(
    made: "argparse._SubParsersAction[argparse.ArgumentParser]",
    everywhere: argparse.ArgumentParser,
    words: Sequence[str],
    modules: Mapping[str, str],
) -> None:
    for name in [name for name in modules if name in words] or modules:
        module = import_module(modules[name])
        one = made.add_parser(name, help=module.HELP, description=module.HELP, parents=[everywhere])
        module.add_arguments(one)
        one.set_defaults(run=module.run)
