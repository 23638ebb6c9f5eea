"""What several commands need: settings with what was typed on top, an agent, files and documents that must be there."""

import os
import sys
from argparse import Namespace
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import jsonl
from common.errors import UserError
from ui import terminal

if TYPE_CHECKING:
    from agent import Agent, Settings
    from retrievers.library import Corpus


def settings_of(arguments: Namespace, **given: Any) -> "Settings":
    """Settings with what was typed on top. Raises `UserError` naming each wrong value."""
    from pydantic import ValidationError

    from agent.settings import Settings

    _name_ignored(Settings.model_config["env_prefix"], frozenset(Settings.model_fields))
    typed = given | {"data_dir": getattr(arguments, "data_dir", None)}
    try:
        return Settings(**{name: value for name, value in typed.items() if value is not None})
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise UserError(f"A setting is wrong: {wrong}.", command="See docs/settings.md.") from error


@cache
def _name_ignored(prefix: str, known: Collection[str]) -> None:
    """Says which variables look like settings and are none, once in a program."""
    for variable in sorted(name for name in os.environ if name.startswith(prefix)):
        if (name := variable.removeprefix(prefix).lower()) not in known:
            like = [f" Did you mean {prefix}{one.upper()}?" for one in get_close_matches(name, known, 1)]
            terminal.say(f"{variable} is not a setting, and is ignored.{''.join(like)}", error=True)


@contextmanager
def agent_of(settings: "Settings") -> Iterator["Agent"]:
    from agent import Agent

    with closing(Agent(settings)) as agent:
        yield agent


def exists(path: Path) -> None:
    if not path.exists():
        raise UserError(f"There is no file or folder {path}.")


def known_in(corpus: "Corpus", names: Sequence[str]) -> Sequence[str]:
    """`names`, when the corpus has every one of them. Raises `UserError` listing those it has."""
    known = [record.name for record in corpus.documents()] if names else []
    for name in names:
        if name not in known:
            raise UserError(f"There is no document {name!r} in {corpus.name!r}.", f"It has: {', '.join(known)}.")
    return names


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, numbered from 1; "-" is standard input. Raises `UserError` when there is no file."""
    if str(path) != "-":
        exists(path)
    return jsonl.numbered(sys.stdin) if str(path) == "-" else jsonl.lines(path)
