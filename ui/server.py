"""Serves the page: the address it listens on, who can reach that, and the web server."""

import socket
import threading
import time
import webbrowser
from collections.abc import Sequence
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from agent import Agent, Settings
from agent.keeping import DAY
from common.errors import UserError
from retrievers.corpus_ingestion import BrokenOff
from ui import terminal
from ui.app import application
from ui.users import household
from ui.users.accounts import Accounts

SERVER: dict[str, Any] = {
    "log_level": "warning",
    "timeout_graceful_shutdown": 2,  # seconds that open pages are waited for when it is stopped: they listen for ever
    "proxy_headers": False,  # by `ui.gate.peers`
}


def serve(settings: Settings, browser: bool = True, paths: Sequence[Path] = ()) -> bool:
    """Serves the page until it is interrupted, and meanwhile reads `paths` into its corpus; returns whether some could
    not be read. Raises `UserError` when the address or the corpus cannot be had, or anybody would be let in without
    `settings.open`."""
    with listen(settings) as listening, Agent(settings) as agent:
        app = _application(agent)
        reading = Reading(agent, paths)
        for beside in (agent.warm_up, reading.run, partial(_clear_daily, agent)):
            threading.Thread(target=beside, daemon=True).start()
        host, port = listening.getsockname()[:2]
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        terminal.serving(address, guarded=is_loopback(host) or settings.asks)
        if browser:  # some launchers keep their caller waiting for seconds
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        uvicorn.Server(uvicorn.Config(app, **SERVER)).run(sockets=[listening])
    return reading.failed


class Reading:
    """What is read beside the page: the words of `paths`, then all that this and earlier ingestions have left to do.
    It ends with the agent. Raises `UserError` when the corpus cannot be had to read something into."""

    def __init__(self, agent: Agent, paths: Sequence[Path]) -> None:
        self.failed = False  # whether some of `paths` could not be read
        self._agent, self._paths = agent, paths
        if paths:
            _ = agent.library.open(agent.settings.corpus, create=True).store  # which another process may have open

    def run(self) -> None:
        name = self._agent.settings.corpus
        if name not in self._agent.library.names():
            return
        corpus = self._agent.library.open(name)
        try:
            with terminal.progress() as show:
                if self._paths:
                    report = corpus.ingest(self._paths, show, words_only=True)
                    self.failed = bool(report.failed)
                    terminal.failures(report)
                corpus.complete(show)
        except BrokenOff:  # what was read is kept; the same command goes on from there
            return
        except UserError as error:
            terminal.say(f"triptych: {error}", error=True)
            self.failed = True


def _application(agent: Agent) -> FastAPI:
    """Raises `UserError` where users are to sign in and there is none."""
    if agent.settings.users:
        accounts = Accounts.of(agent.settings)
        if not accounts.all():
            raise UserError("There are no users to sign in.", command="Add the first: triptych user add NAME --admin")
        return household.application(agent, accounts)
    app = application(agent)
    agent.conversations.newest("")  # opens them before several visitors do at once
    return app


def _clear_daily(agent: Agent) -> None:
    while True:
        agent.clear()
        household.clear(agent.settings)
        time.sleep(DAY)


def listen(settings: Settings) -> socket.socket:
    """The socket of `settings.host`. Raises `UserError` as `serve` does."""
    if settings.users and (settings.password or settings.api_key):
        raise UserError(
            "Users sign in with their own passwords and keys, and there is one for all besides.",
            command="Unset TRIPTYCH_PASSWORD and TRIPTYCH_API_KEY, or TRIPTYCH_USERS.",
        )
    if settings.username and not settings.password.get_secret_value():
        raise UserError("There is a user name without a password.", command="Set TRIPTYCH_PASSWORD too.")
    try:
        family, *_, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        if not (is_loopback(str(address[0])) or settings.asks or settings.open):
            raise UserError(
                f"Others can reach {settings.host}, and none would be asked for a password.",
                command="Set TRIPTYCH_USERNAME and TRIPTYCH_PASSWORD, or TRIPTYCH_API_KEY, or TRIPTYCH_USERS;"
                " or say --open (TRIPTYCH_OPEN=true).",
            )
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        raise UserError(
            f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}.", "Choose another --port or --host."
        ) from error


def is_loopback(address: str) -> bool:
    """Whether an IP address is of this machine alone."""
    return ip_address(address.partition("%")[0]).is_loopback
