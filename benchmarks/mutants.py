"""How many small faults no test sees: a sample of the mutants that mutmut makes of some modules, and what became of it.

`python benchmarks/mutants.py retrievers.search --sample 40`; `make mutants` installs what it needs. The mutants, and
what is known of their tests, stay in the folder `mutants` for the next run; `mutmut show NAME` prints a survivor. Which
tests are run is in `pyproject.toml`: those that take long are left out, so that a survivor may yet be seen by one of
them. Each mutant is tested in a fork of a process that has imported what takes long, and has run nothing: mutmut would
fork one that has tested, whose threads of torch and of the index are then missing.
"""

import argparse
import importlib
import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path
from typing import Any

MADE = Path("mutants")
SLOW = ("torch", "transformers.models.bert.modeling_bert", "langchain_openai", "langgraph.graph", "pandas", "pytest")
BEGIN = 60.0  # seconds that a process may take to begin
SLOWER = 20  # times that tests may take longer with a mutant than without


def prepare() -> None:
    """Make the mutants and learn which tests reach which function. mutmut has no command for that alone: asked for a
    mutant that is not there, it does both and then fails."""
    mutmut = Path(sys.executable).with_name("mutmut")
    subprocess.run([mutmut, "run", "--max-children", str(workers()), "there is no such mutant"], check=False)
    if not (MADE / "mutmut-stats.json").exists():
        raise SystemExit("The tests do not pass as they are: see above.")


def workers() -> int:
    return len(os.sched_getaffinity(0))


def mutants(modules: Sequence[str]) -> list[str]:
    """The names of all mutants of the modules."""
    names: set[str] = set()
    for module in modules:
        place = MADE / module.replace(".", "/")
        for path in [place.with_suffix(".py.meta"), *place.rglob("*.py.meta")]:
            if path.exists():
                names |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"].keys()
    return sorted(names)


def tests_of(mutant: str, known: Mapping[str, Any], seconds: float) -> list[str]:
    """The tests that reach it, the quickest first, as many as take `seconds` together. What is reached in other
    processes alone is not known: there, the tests that reach most of its package."""
    function, durations = mutant.rpartition("__mutmut_")[0], known["duration_by_test"]
    reaching = known["tests_by_mangled_function_name"]
    chosen = sorted(reaching.get(function, ()), key=durations.__getitem__)
    if not chosen:
        package = function.rpartition(".")[0].rpartition(".")[0]
        counts = Counter(test for name, tests in reaching.items() if name.startswith(f"{package}.") for test in tests)
        chosen = [test for test, _ in counts.most_common()]
    spent = accumulate(durations[test] for test in chosen)
    return [test for test, so_far in zip(chosen, spent, strict=True) if so_far <= seconds or test == chosen[0]]


def outcome(mutant: str, tests: Sequence[str], seconds: float) -> str:
    """ "killed", "timeout" or "survived"."""
    process = get_context("fork").Process(target=_test, args=(mutant, tests))
    process.start()
    process.join(BEGIN + SLOWER * seconds)
    if process.exitcode is None:
        process.kill()
        return "timeout"
    if process.exitcode > 1:
        raise SystemExit(f"pytest could not run the tests of {mutant}: {tests}")
    return "killed" if process.exitcode else "survived"


def _test(mutant: str, tests: Sequence[str]) -> None:
    """In a process of its own, which ends with pytest's status."""
    import pytest

    os.environ["MUTANT_UNDER_TEST"] = mutant
    os.chdir(MADE)
    sys.path.insert(0, str(Path.cwd()))
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        os._exit(int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests])))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="+")
    parser.add_argument("--sample", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=20.0, help="of tests for each mutant, quickest first")
    arguments = parser.parse_args()
    prepare()
    known = json.loads((MADE / "mutmut-stats.json").read_text(encoding="utf-8"))
    names = mutants(arguments.modules)
    sample = random.Random(arguments.seed).sample(names, min(arguments.sample, len(names)))

    for module in SLOW:
        importlib.import_module(module)

    def tried(name: str) -> str:
        ended = outcome(name, tests_of(name, known, arguments.seconds), arguments.seconds)
        print(f"{ended}: {name}", flush=True)
        return ended

    with ThreadPoolExecutor(workers()) as pool:
        ended = dict(zip(sample, pool.map(tried, sample), strict=True))
    for module in arguments.modules:
        counts = Counter(end for name, end in ended.items() if name.startswith(f"{module}."))
        print(
            f"{module}: {counts['survived'] / max(1, counts.total()):.0%} of {counts.total()} survived; {dict(counts)}"
        )


if __name__ == "__main__":
    main()
