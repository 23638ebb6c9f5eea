"""`triptych eval NAME`: each evaluation is a module of `evals`, loaded only when it is named or all are listed.

Such a module has `HELP` (one line), `add_arguments(parser)` and `run(arguments)`, which returns the exit code.
"""

import argparse
from collections.abc import Sequence
from importlib import import_module

EVALUATIONS = ("retrieval", "answers", "switch", "pictures", "aim")


def add(
    made: "argparse._SubParsersAction[argparse.ArgumentParser]",
    everywhere: argparse.ArgumentParser,
    words: Sequence[str],
) -> None:
    """Add to `made` the evaluations among the typed `words`, or all when none is; none when `eval` was not typed."""
    if "eval" not in words:
        return
    for name in [name for name in EVALUATIONS if name in words] or EVALUATIONS:
        module = import_module(f"evals.{name}")
        one = made.add_parser(name, help=module.HELP, description=module.HELP, parents=[everywhere])
        module.add_arguments(one)
        one.set_defaults(run=module.run)
