"""From one kind to another through the converters there are: the shortest chain, and of those the cheapest."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from common.errors import UserError
from generators.core.base import NOTHING, Converter, Kind, Medium, NotConfigured, Watch

LONGEST = 4  # steps; each one loses something

Chain = tuple[Converter, ...]
Problem = tuple[Converter, str]


def route(
    converters: Iterable[Converter], source: Kind, target: Kind, form: str = "", prefer: Sequence[str] = ()
) -> Chain:
    """The chain from `source` to `target` with the fewest steps, then the lowest cost, then the best quality.

    `form` ("chart", "speech") is what the last step must make. Only converters whose `check` passes take part;
    those named in `prefer` count as free. An empty chain means that nothing needs doing. Raises `NotConfigured` with
    every cure there is if no chain exists.
    """
    if source == target and not form:
        return ()
    able, problems = _sorted_out(converters, narrow=bool(form))
    chains: list[Chain] = [(each,) for each in able if each.info.source == source]
    for _ in range(LONGEST):
        done = [chain for chain in chains if _makes(chain[-1], target, form)]
        if done:
            return min(done, key=lambda chain: _cost(chain, prefer))
        chains = [(*chain, each) for chain in chains for each in able if _continues(chain, each)]
    raise _no_way(source, target, form, problems)


def run(
    chain: Chain,
    medium: Medium,
    request: str = "",
    options: Mapping[str, Any] = NOTHING,
    watch: Watch | None = None,
) -> Medium:
    """Send `medium` through `chain`. `request` goes to every step, `options` to the last.

    The facts of the result list the chain under "converters". Raises what the converters raise.
    """
    watch = watch or Watch()
    total = sum(each.info.cost for each in chain) or 1.0
    spent = 0.0
    for number, each in enumerate(chain, start=1):
        cost = each.info.cost
        part = watch.part(spent / total, (spent + cost) / total)
        medium = each.convert(medium, request, options if number == len(chain) else NOTHING, part)
        spent += cost
    watch.step(1.0, "done")
    return replace(medium, facts={**medium.facts, "converters": [each.info.name for each in chain]})


def _sorted_out(
    converters: Iterable[Converter], *, narrow: bool
) -> tuple[list[Converter], list[tuple[Converter, str]]]:
    """Converters that can work, and the others each with its reason."""
    able, problems = [], []
    for each in converters:
        try:
            each.check()
        except UserError as error:
            problems.append((each, str(error)))
        else:
            if narrow or not each.info.narrow:
                able.append(each)
    return able, problems


def _makes(converter: Converter, target: Kind, form: str) -> bool:
    return converter.info.target == target and form in ("", converter.info.form)


def _continues(chain: Chain, converter: Converter) -> bool:
    """A chain never comes back to a kind it has been through."""
    been = {chain[0].info.source, *(each.info.target for each in chain[:-1])}
    here = chain[-1].info.target
    return converter.info.source == here and here not in been and converter.info.target not in been | {here}


def _cost(chain: Chain, prefer: Sequence[str]) -> tuple[float, int]:
    cost = sum(0.0 if each.info.name in prefer else each.info.cost for each in chain)
    return cost, -min(each.info.quality for each in chain)


def _no_way(source: Kind, target: Kind, form: str, problems: Sequence[Problem]) -> NotConfigured:
    what = f"Nothing here turns {source} into {form or target}."
    commands = [reason for each, reason in problems if _makes(each, target, form)]
    return NotConfigured(what, command="Any of these would: " + " | ".join(commands) if commands else "")
