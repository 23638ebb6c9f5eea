"""`triptych feedback`: what people said of answers, as questions that evaluations read."""

import sys
from argparse import Namespace

from ui import terminal
from ui.commands.common import agent_of, settings_of


def export(arguments: Namespace) -> int:
    """One JSON line for each thumb, oldest first; and how many."""
    with agent_of(settings_of(arguments)) as agent:
        given = agent.conversations.feedback()
    wanted = [
        one
        for one in given
        if arguments.corpus in (None, one.corpus) and arguments.only in (None, "good" if one.good else "bad")
    ]
    lines = [terminal.as_json(one.to_dict()) for one in wanted]
    if arguments.out:
        arguments.out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    else:
        sys.stdout.writelines(f"{line}\n" for line in lines)
    terminal.say(f"{len(lines)} of {len(given)} exported.", error=not arguments.out)
    return 0
