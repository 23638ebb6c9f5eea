"""`triptych eval models`: what language models make of the same questions and requests, beside quoting.

Every outcome is written as it comes, and what is there already is not asked again: small machines take hours.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from common.arguments import at_least

if TYPE_CHECKING:
    from agent.core import Agent
    from evals.datasets.answer_sets import Case

HELP = "What language models make of the same questions and requests: looked up, right, cited, refused, seconds."
REQUESTS = Path(__file__).with_name("requests.jsonl")
ROUTERS = ("switch", "tool_calling", "written")
SEARCH = "search"
OUTCOMES = "outcomes.jsonl"


@dataclass(frozen=True)
class Outcome:
    """One question, or request (then `kind` is "request": what it looks up is all that counts).

    `needs`: it has to be looked up, and was it, `looked`. `holds`: the answer holds the gold value, None where that
    cannot be judged. `wrote`: the model's own words, not quotes in place of them.
    """

    model: str
    router: str
    kind: str
    question: str
    needs: bool
    looked: bool
    answered: bool = False
    holds: bool | None = None
    cited: bool = False
    wrote: bool = False
    seconds: float = 0.0
    text: str = ""


MEASURES: dict[str, Callable[[Outcome], bool | None]] = {
    "looked up when needed": lambda one: one.looked if one.needs else None,
    "looked up needlessly": lambda one: None if one.needs else one.looked,
    "holds gold": lambda one: one.holds if one.kind == "answerable" else None,
    "answers cited": lambda one: one.cited if one.answered and one.kind != "request" else None,
    "answerable refused": lambda one: not one.answered if one.kind == "answerable" else None,
    "unanswerable refused": lambda one: not one.answered if one.kind == "unanswerable" else None,
    "in its own words": lambda one: one.wrote if one.kind != "request" else None,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sets", nargs="*", type=Path, metavar="SET", help="questions asked of a corpus (docs/answers.md)"
    )
    parser.add_argument("--corpus", metavar="NAME", help="corpus to ask, already ingested")
    parser.add_argument(
        "--model", action="append", default=[], metavar="SPEC", help="as TRIPTYCH_MODEL; may be repeated"
    )
    parser.add_argument(
        "--router", action="append", default=[], choices=ROUTERS, help="for the questions (default: switch)"
    )
    parser.add_argument(
        "--requests", type=Path, default=REQUESTS, metavar="FILE", help='{"request", "tool"} a line, for every router'
    )
    parser.add_argument("--answerable", type=at_least(0), default=40, metavar="N", help="ask N of these (default: 40)")
    parser.add_argument("--unanswerable", type=at_least(0), default=20, metavar="N", help="likewise (default: 20)")
    parser.add_argument("--seed", type=int, default=0, help="of the samples (default: 0)")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="every outcome is kept there as it comes"
    )


def run(arguments: argparse.Namespace) -> int:
    """Raises `UserError`."""
    path = arguments.out / OUTCOMES
    arguments.out.mkdir(parents=True, exist_ok=True)
    done = list(read(path))
    known = {(one.model, one.router, one.question) for one in done}
    with path.open("a", encoding="utf-8") as file:
        for outcome in _asked(arguments, known):
            done.append(outcome)
            file.write(json.dumps(asdict(outcome), ensure_ascii=False) + "\n")
            file.flush()
    (arguments.out / "report.md").write_text(table(done), encoding="utf-8")
    print(table(done))
    return 0


def read(path: Path) -> Iterator[Outcome]:
    """What earlier runs wrote; nothing where there is no file."""
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        yield Outcome(**json.loads(line))


def _asked(arguments: argparse.Namespace, known: set[tuple[str, str, str]]) -> Iterator[Outcome]:
    from agent.core import Agent
    from agent.settings import Settings

    typed = {name: value for name in ("corpus", "data_dir") if (value := getattr(arguments, name, None))}
    requests = [json.loads(line) for line in arguments.requests.read_text(encoding="utf-8").splitlines()]
    for model in arguments.model or ["extractive"]:
        own = ROUTERS if model != "extractive" else ("switch",)
        for router in own:
            with Agent(Settings(model=model, router=router, **typed)) as agent:
                if router in (arguments.router or ["switch"]):
                    for case in _cases(agent, arguments):
                        if (model, router, case.question) not in known:
                            yield _told(_answered(agent, model, router, case))
                for one in requests:
                    if (model, router, one["request"]) not in known:
                        yield _told(_routed(agent, model, router, one["request"], one["tool"] == SEARCH))


def _cases(agent: "Agent", arguments: argparse.Namespace) -> "list[Case]":
    """Of both kinds, so that a run that is not finished has seen both."""
    from evals.datasets.answer_sets import read_cases

    names = [record.name for record in agent.library.open(agent.settings.corpus).documents()]
    cases = [case for path in arguments.sets for case in read_cases(path, names)]
    judged = _sample([case for case in cases if case.answerable and case.gold], arguments.answerable, arguments.seed)
    without = _sample([case for case in cases if not case.answerable], arguments.unanswerable, arguments.seed)
    return _by_turns(judged, without)


def _by_turns(*lists: "Sequence[Case]") -> "list[Case]":
    """All of them, each list spread over the whole length."""
    placed = [((place + 0.5) / len(kept), case) for kept in lists for place, case in enumerate(kept)]
    return [case for _, case in sorted(placed, key=lambda pair: pair[0])]


def _sample(cases: "Sequence[Case]", most: int, seed: int) -> "list[Case]":
    return random.Random(seed).sample(list(cases), min(most, len(cases)))


def _answered(agent: "Agent", model: str, router: str, case: "Case") -> Outcome:
    from agent.events import Answer, Failed, ToolStarted
    from common.errors import UserError
    from evals.datasets.gold import Text, uncited

    start, looked = perf_counter(), False
    for event in agent.stream(case.question, documents=case.documents):
        looked = looked or (isinstance(event, ToolStarted) and event.tool == SEARCH)
        if isinstance(event, Failed):
            raise UserError(event.message)
    assert isinstance(event, Answer)
    held = case.gold.held(Text.of(uncited(event.text))) if case.gold else None
    return Outcome(
        model=model,
        router=router,
        kind="answerable" if case.answerable else "unanswerable",
        question=case.question,
        needs=True,
        looked=looked,
        answered=event.found,
        holds=None if held is None else held and event.found,
        cited=bool(event.citations),
        wrote=event.model == model,
        seconds=perf_counter() - start,
        text=event.text,
    )


def _routed(agent: "Agent", model: str, router: str, request: str, needs: bool) -> Outcome:
    """What is looked up; it is hung up as soon as the answer begins."""
    from agent.events import Answer, Failed, Token, ToolStarted

    start, looked = perf_counter(), False
    for event in agent.stream(request):
        looked = looked or (isinstance(event, ToolStarted) and event.tool == SEARCH)
        if looked or isinstance(event, Token | Answer | Failed):
            break
    return Outcome(model, router, "request", request, needs, looked, seconds=perf_counter() - start)


def _told(outcome: Outcome) -> Outcome:
    print(
        f"{outcome.model}, {outcome.router}: {outcome.question} ({outcome.seconds:.0f} s)", file=sys.stderr, flush=True
    )
    return outcome


def table(outcomes: Sequence[Outcome]) -> str:
    """A row for each model and router; behind a share its 95 % Wilson interval and of how many."""
    from evals.markdown import grid

    places = dict.fromkeys((one.model, one.router) for one in outcomes)
    rows = [[*place, *_row([one for one in outcomes if (one.model, one.router) == place])] for place in places]
    return grid(["model", "router", *MEASURES, "seconds (median)"], rows) + "\n"


def _row(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for measure in MEASURES.values():
        held = [found for one in outcomes if (found := measure(one)) is not None]
        yield _share(sum(held), len(held)) if held else ""
    seconds = [one.seconds for one in outcomes if one.kind != "request"]
    yield f"{median(seconds):.1f}" if seconds else ""


def _share(hits: int, count: int) -> str:
    from evals.metrics import wilson

    low, high = wilson(hits, count)
    return f"{hits / count:.2f} ({low:.2f} to {high:.2f}) of {count}"
