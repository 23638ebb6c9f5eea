"""How many small faults no test sees: a sample of the mutants that mutmut makes of some modules, and what became of it.

`python benchmarks/mutants.py retrievers.search --sample 40`; `make mutants` installs what it needs. The mutants, and
what is known of their tests, stay in the folder `mutants` for the next run; `mutmut show NAME` prints a survivor. Which
tests are run is in `pyproject.toml`: those that take long, or work in other processes, are left out, so that a survivor
may yet be seen by one of them.
"""

import argparse
import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

MADE = Path("mutants")
KILLED = {1: "killed", 3: "killed", -24: "timeout", 24: "timeout", 36: "timeout", 152: "timeout", 255: "timeout"}


def prepare() -> None:
    """Make the mutants and learn which tests reach which function. mutmut has no command for that alone: asked for a
    mutant that is not there, it does both and then fails."""
    mutmut("run", "--max-children", workers(), "there is no such mutant", check=False)
    if not (MADE / "mutmut-stats.json").exists():
        raise SystemExit("The tests do not pass as they are: see above.")


def mutmut(*words: str, check: bool = True) -> None:
    subprocess.run([str(Path(sys.executable).with_name("mutmut")), *words], check=check)


def workers() -> str:
    return str(len(os.sched_getaffinity(0)))


def outcomes(modules: Sequence[str]) -> dict[str, int | None]:
    """Each mutant of the modules with the exit status of its tests; None where they have not been run."""
    found: dict[str, int | None] = {}
    for module in modules:
        place = MADE / module.replace(".", "/")
        for path in [place.with_suffix(".py.meta"), *sorted(place.rglob("*.py.meta"))]:
            if path.exists():
                found |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def report(modules: Sequence[str], sample: Sequence[str]) -> str:
    """A line for each module: how many were tried, and the share of which no test said anything."""
    after = outcomes(modules)
    lines = []
    for module in modules:
        own = [name for name in sample if name.startswith(f"{module}.")]
        ended = Counter(KILLED.get(after[name] or 0, "survived") for name in own)
        share = ended["survived"] / len(own) if own else 0.0
        lines.append(f"{module}: {share:.0%} of {len(own)} survived, {ended['timeout']} ended by their time limit")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="+")
    parser.add_argument("--sample", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    prepare()
    names = sorted(outcomes(arguments.modules))
    sample = random.Random(arguments.seed).sample(names, min(arguments.sample, len(names)))
    mutmut("run", "--max-children", workers(), *sample)
    after = outcomes(arguments.modules)
    print(*(name for name in sorted(sample) if (after[name] or 0) not in KILLED), sep="\n")
    print(report(arguments.modules, sample))


if __name__ == "__main__":
    main()
