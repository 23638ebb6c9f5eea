"""`triptych user`: accounts for the page and its other doors, and their API keys."""

import argparse
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from getpass import getpass
from typing import TYPE_CHECKING

from common.errors import UserError
from ui import terminal
from ui.commands.common import settings_of

if TYPE_CHECKING:
    from ui.users.accounts import Accounts, Role

HELP = "Add, list and disable those who sign in where TRIPTYCH_USERS is set, and make their API keys."
PASSWORD = "without one typed here, the first line of standard input is the password"


def add(made: "argparse._SubParsersAction[argparse.ArgumentParser]", everywhere: argparse.ArgumentParser) -> None:
    def command(name: str, run: object, words: str) -> argparse.ArgumentParser:
        one = made.add_parser(name, help=words, description=words, parents=[everywhere])
        one.set_defaults(run=run)
        return one

    def named(name: str, run: object, words: str) -> argparse.ArgumentParser:
        one = command(name, run, words)
        one.add_argument("name", metavar="NAME")
        return one

    one = named("add", _add, f"Add a user; {PASSWORD}.")
    one.add_argument("--admin", action="store_true", help="may also change the corpora that the command line made")
    one.add_argument("--no-password", action="store_true", help="signs in by keys, or through a proxy, alone")
    command("list", _list, "Name every user.")
    named("password", _password, f"Give a user another password, and end their sessions; {PASSWORD}.")
    one = named("role", _role, "Make a user an admin, or a member.")
    one.add_argument("role", choices=("admin", "member"))
    named("disable", partial(_let_in, again=False), "Let a user in no more; what is theirs stays.")
    named("enable", partial(_let_in, again=True), "Let a disabled user in again.")
    one = named("key", _key, "Make an API key, which is shown now and never again.")
    one.add_argument("label", metavar="LABEL", help="what it is for")
    named("keys", _keys, "Name a user's API keys.")
    one = named("revoke", _revoke, "Make an API key worthless.")
    one.add_argument("label", metavar="LABEL")


@contextmanager
def accounts_of(arguments: Namespace) -> Iterator["Accounts"]:
    from ui.users.accounts import Accounts

    with closing(Accounts.of(settings_of(arguments))) as accounts:
        yield accounts


def _add(arguments: Namespace) -> int:
    role: Role = "admin" if arguments.admin else "member"
    with accounts_of(arguments) as accounts:
        account = accounts.add(arguments.name, None if arguments.no_password else _typed(), role)
    terminal.say(f"Added {account.name}. Accounts are asked for where TRIPTYCH_USERS=true.")
    return 0


def _list(arguments: Namespace) -> int:
    with accounts_of(arguments) as accounts:
        found = accounts.all()
    lines = [f"{one.name}  {one.role}{'  disabled' if one.disabled else ''}" for one in found]
    terminal.say("\n".join(lines) or "No users yet. Add one with: triptych user add NAME --admin")
    return 0


def _password(arguments: Namespace) -> int:
    with accounts_of(arguments) as accounts:
        accounts.named(arguments.name)
        accounts.set_password(arguments.name, _typed())
    terminal.say(f"{arguments.name} has another password, and signs in anew.")
    return 0


def _role(arguments: Namespace) -> int:
    with accounts_of(arguments) as accounts:
        accounts.set_role(arguments.name, arguments.role)
    terminal.say(f"{arguments.name}: {arguments.role}.")
    return 0


def _let_in(arguments: Namespace, *, again: bool) -> int:
    with accounts_of(arguments) as accounts:
        accounts.set_disabled(arguments.name, not again)
    terminal.say(f"{arguments.name} is let in {'again' if again else 'no more'}.")
    return 0


def _key(arguments: Namespace) -> int:
    with accounts_of(arguments) as accounts:
        key = accounts.add_key(arguments.name, arguments.label)
    terminal.say("This key is not shown again:", error=True)
    terminal.say(key)
    return 0


def _keys(arguments: Namespace) -> int:
    with accounts_of(arguments) as accounts:
        keys = accounts.keys(arguments.name)
    made = [f"{one.name}  {datetime.fromtimestamp(one.created).astimezone():%Y-%m-%d %H:%M}" for one in keys]
    terminal.say("\n".join(made) or f"No keys. Make one with: triptych user key {arguments.name} LABEL")
    return 0


def _revoke(arguments: Namespace) -> int:
    with accounts_of(arguments) as accounts:
        accounts.revoke(arguments.name, arguments.label)
    terminal.say(f"Revoked {arguments.label}.")
    return 0


def _typed() -> str:
    """Twice where somebody types it. Raises `UserError` where the two differ, or nothing is there."""
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise UserError("There is no password on standard input.", "Pipe one in, or say --no-password.")
        return password
    password = getpass("Password: ")
    if getpass("Again: ") != password:
        raise UserError("The two differ.", "Type it again.")
    return password
