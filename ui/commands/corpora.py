"""`triptych corpus`: list, show, make, rename, trim, check and delete corpora."""

import sys
from argparse import Namespace
from pathlib import Path

from common.errors import UserError
from ui import terminal
from ui.commands.common import agent_of, known_in, settings_of


def list_names(arguments: Namespace) -> int:
    with agent_of(settings_of(arguments)) as agent:
        names = agent.library.names()
    terminal.say("\n".join(names) or "No corpus yet. Make one with: triptych ingest PATH... --corpus NAME")
    return 0


def show(arguments: Namespace) -> int:
    with agent_of(settings_of(arguments)) as agent:
        terminal.documents(agent.library.open(arguments.name).documents())
    return 0


def remove(arguments: Namespace) -> int:
    from ui import uploads

    with agent_of(settings_of(arguments)) as agent:
        corpus = agent.library.open(arguments.name)
        for document in known_in(corpus, arguments.documents):
            record = corpus.remove(document)
            if uploads.forget(Path(record.path), agent.library.uploads(arguments.name)):
                terminal.removed(document, "so is the copy that the page kept of it")
            elif record.archive:
                terminal.removed(document, f"{record.archive} still holds it, and brings it back when it is read again")
            else:
                terminal.removed(document, f"its file stays: {record.path}")
    return 0


def check(arguments: Namespace) -> int:
    from retrievers.corpus_check import check

    with agent_of(settings_of(arguments)) as agent:
        report = check(agent.library, arguments.name, repair=arguments.repair)
    terminal.checked(arguments.name, report)
    return int(not report.whole)


def create(arguments: Namespace) -> int:
    with agent_of(settings_of(arguments)) as agent:
        agent.corpora.create(arguments.name)
    terminal.say(f"Made {arguments.name}. Add documents with: triptych ingest PATH... --corpus {arguments.name}")
    return 0


def rename(arguments: Namespace) -> int:
    with agent_of(settings_of(arguments)) as agent:
        agent.corpora.rename(arguments.name, arguments.new)
    terminal.say(f"{arguments.name} is called {arguments.new} now.")
    return 0


def delete(arguments: Namespace) -> int:
    with agent_of(settings_of(arguments)) as agent:
        if arguments.name not in agent.library.names():
            known = ", ".join(agent.library.names()) or "none"
            raise UserError(f"There is no corpus called {arguments.name!r}.", f"Corpora: {known}.")
        if not arguments.yes:
            if not sys.stdin.isatty():
                raise UserError(f"Deleting {arguments.name!r} needs a yes.", "Add --yes.")
            question = f"Forget the corpus {arguments.name!r}? Its source files stay. [y/N] "
            if input(question).strip().lower() not in {"y", "yes"}:
                return 1
        agent.corpora.delete(arguments.name)
    terminal.say(f"Deleted {arguments.name}.")
    return 0
