"""`triptych corpus`: list, show, make, rename, move, trim, check and delete corpora."""

import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import UserError
from ui import terminal
from ui.commands.common import agent_of, known_in, settings_of
from ui.commands.users import accounts_of

if TYPE_CHECKING:
    from ui.users.access import Access


def list_names(arguments: Namespace) -> int:
    with agent_of(settings_of(arguments)) as agent:
        names = agent.library.names()
    terminal.say("\n".join(names) or "No corpus yet. Make one with: triptych ingest PATH... --corpus NAME")
    return 0


def show(arguments: Namespace) -> int:
    with agent_of(settings_of(arguments)) as agent:
        terminal.documents(agent.library.open(arguments.name).documents())
    return 0


def move(arguments: Namespace) -> int:
    with agent_of(settings_of(arguments)) as agent:
        count = agent.library.move(arguments.name, arguments.to)
    terminal.say(
        f"Copied {arguments.name}: {count:,} elements, all there. It is opened from there with "
        f"TRIPTYCH_STORE={arguments.to}; what it was copied from stays."
    )
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


def share(arguments: Namespace) -> int:
    return _share(arguments, lambda access, whom: access.shared(whom, arguments.write))


def unshare(arguments: Namespace) -> int:
    return _share(arguments, lambda access, whom: access.unshared(whom))


def _share(arguments: Namespace, changed: Callable[["Access", str], "Access"]) -> int:
    from ui.users.access import EVERYBODY, access_of, names_of, write_access

    if not (arguments.users or arguments.all):
        raise UserError("With whom?", "Name users, or say --all.")
    with accounts_of(arguments) as accounts, agent_of(settings_of(arguments)) as agent:
        ids = [accounts.named(user).id for user in arguments.users] + [EVERYBODY] * arguments.all
        folder = agent.library.open(arguments.name).folder
        access = access_of(folder)
        for whom in ids:
            access = changed(access, whom)
        write_access(folder, access)
        names = names_of(accounts, everybody="all")
    terminal.say(f"{arguments.name}: {_told(access, names)}.")
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


def _told(access: "Access", names: Mapping[str, str]) -> str:
    """Who may do what with a corpus."""
    of = {"owner": {access.owner}, "change": access.writers, "read": access.readers}
    told = [
        f"{does} {', '.join(sorted(names[id] for id in ids if id in names))}"
        for does, ids in of.items()
        if ids & names.keys()
    ]
    return "; ".join(told) or "nobody but admins"
