"""`triptych plan`: what a request would do, printed without doing it. Returns the exit code."""

import json
from argparse import Namespace
from typing import TYPE_CHECKING

from common.errors import UserError
from ui import terminal
from ui.commands.common import lines_of, settings_of

if TYPE_CHECKING:
    from agent.routers.preview import Outline, Planner

USAGE = 'Give one request, or a file: --requests FILE.jsonl ("-" for stdin).'
FORM = 'not of the form {"id": ..., "request": "..."}'


def plan(arguments: Namespace) -> int:
    from agent.build import Parts

    if (arguments.request is None) == (arguments.requests is None):
        raise UserError("Nothing to plan.", USAGE)
    planner = Parts(settings_of(arguments)).planner
    if arguments.requests is not None:
        return _plan_file(planner, arguments)
    outline = planner(arguments.request)
    if arguments.json:
        terminal.say_json({"request": arguments.request, **outline.to_dict()})
    else:
        _show(outline)
    return 0


def _show(outline: "Outline") -> None:
    terminal.say(f"modalities: {', '.join(outline.modalities)}")
    for step in outline.steps:
        after = f"  (after {', '.join(step.needs)})" if step.needs else ""
        terminal.say(f"{step.id}. {step}{after}")
    if not outline.steps:
        terminal.say("no steps: answered at once")


def _plan_file(planner: "Planner", arguments: Namespace) -> int:
    """One JSON line out for each good line in; each bad one is named on stderr, and the exit code is then 1."""
    bad = 0
    for number, line in lines_of(arguments.requests):
        try:
            asked = _asked(line)
            outline = planner(asked["request"])
        except (ValueError, UserError) as error:
            bad += 1
            terminal.say(f"{arguments.requests}, line {number}: {error}", error=True)
            continue
        terminal.say_json({"id": asked["id"], **outline.to_dict()})
    return int(bool(bad))


def _asked(line: str) -> dict[str, str]:
    """One line of a request file. Raises `ValueError` saying what is wrong with it."""
    asked = json.loads(line)
    if not isinstance(asked, dict) or "id" not in asked or not isinstance(asked.get("request"), str):
        raise ValueError(FORM)
    return asked
