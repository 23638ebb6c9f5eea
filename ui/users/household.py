"""The server for accounts: each has an application of its own, over an agent of its own, so that what belongs to one is
not there for another: conversations, uploads, what was made, files and streams of the page, sessions of MCP.

Only models are shared, and corpora, as far as each may see them (`ui.users.library`). One application takes 4 MB and a
fifth of a second to make, when its account first asks.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from gradio.utils import get_upload_folder
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from agent import Agent
from ui.api.places import Places
from ui.app import opened
from ui.gate import guard, health
from ui.gate.accounts import AccountAuthentication, Member
from ui.gate.sign_in import SignedIn
from ui.users.accounts import Account, Accounts, Role
from ui.users.library import UserLibrary
from ui.users.uploads import OwnUploads

FOLDER = "users"  # of the data folder, one in it for each account


def application(agent: Agent, accounts: Accounts) -> FastAPI:
    """Everybody's own application, behind one gate. Like `ui.app.application` it is run once."""
    household = Household(agent)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=household.lifespan)
    inside = Mount("/", household, middleware=[Middleware(SignedIn)])
    guard(app, agent.settings, AccountAuthentication(agent.settings, accounts), [*health.routes(agent), inside])
    return app


class Household:
    """ASGI application: leads each account to its own."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._rooms: dict[tuple[str, Role], _Room] = {}
        self._making = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        member = scope["user"]
        assert isinstance(member, Member)
        room = await self._of(member.account)
        await room.app(scope, receive, send)

    async def _of(self, account: Account) -> "_Room":
        """Made anew for an account that has another role by now."""
        async with self._making:
            room = self._rooms.get((account.id, account.role))
            if room is None:
                room = await run_in_threadpool(_Room, self._agent, account)
                await room.open()
                self._rooms[account.id, account.role] = room
            return room

    @asynccontextmanager
    async def lifespan(self, _: Any) -> AsyncIterator[None]:
        try:
            yield
        finally:
            for room in self._rooms.values():
                await room.close()
            self._rooms.clear()


class _Room:
    """What one account is led to."""

    def __init__(self, agent: Agent, account: Account) -> None:
        settings, folder = agent.settings, agent.settings.data_dir / FOLDER / account.id
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        library = UserLibrary(agent.library, account, folder)
        corpus = settings.corpus if settings.corpus in library.names() else own_corpus(account)
        self._agent = agent.beside(folder, library, corpus, lambda corpus, event: None)
        self._agent.conversations.newest("")  # opens them before several requests do at once
        uploads = Path(get_upload_folder()) / account.id
        places = Places(settings.at_once, settings.most_waiting)
        self._running, routes = opened(self._agent, places, uploads, alone=True)
        self.app: ASGIApp = OwnUploads(_router(routes), account.id)
        self._opened, self._ending = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self._task = asyncio.create_task(self._run())
        await self._opened.wait()

    async def close(self) -> None:
        self._ending.set()
        if self._task:
            await self._task
        await run_in_threadpool(self._agent.close)

    async def _run(self) -> None:
        """In a task of its own: what is entered here has to be left in the same one."""
        async with self._running.router.lifespan_context(self._running):
            self._opened.set()
            await self._ending.wait()


def own_corpus(account: Account) -> str:
    """What the corpus is called that an account begins with, where it may not see that of the settings."""
    from agent.corpora import name_of

    return name_of(account.name)


def _router(routes: Any) -> ASGIApp:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.router.routes = routes
    return app
