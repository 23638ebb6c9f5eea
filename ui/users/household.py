"""The server for accounts: each has an application of its own, over an agent of its own, so that what belongs to one is
not there for another: conversations, uploads, what was made, files and streams of the page, sessions of MCP.

Only models are shared, and corpora, as far as each may see them (`ui.users.library`). One application takes 4 MB and a
fifth of a second to make, when its account first asks.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Semaphore
from typing import Any

from fastapi import FastAPI
from gradio.utils import get_upload_folder
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from agent import Agent, Settings, keeping
from agent.corpora import name_of
from agent.keeping import CLEARED
from ui.api.places import Places, Rate
from ui.app import opened
from ui.gate import guard, health
from ui.gate.accounts import AccountAuthentication, Member
from ui.gate.sign_in import SignedIn, refused, welcomed
from ui.users.accounts import Account, Accounts, Role
from ui.users.audit import FILE, AuditLog
from ui.users.library import UserLibrary
from ui.users.limits import Limited
from ui.users.openid import OpenId
from ui.users.uploads import OwnUploads

FOLDER = "users"  # of the data folder, one in it for each account


def application(agent: Agent, accounts: Accounts) -> FastAPI:
    """Everybody's own application, behind one gate. Like `ui.app.application` it is run once."""
    household = Household(agent, accounts)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=household.lifespan)
    inside = Mount("/", household, middleware=[Middleware(SignedIn)])
    authentication = AccountAuthentication(agent.settings, accounts)
    openid = _openid(agent.settings, accounts, authentication) if agent.settings.openid_issuer else []
    guard(app, agent.settings, authentication, [*health.routes(agent), *openid, inside])
    return app


@dataclass(frozen=True)
class _Common:
    """What all share. Questions of all together have so many `places`."""

    agent: Agent
    accounts: Accounts
    log: AuditLog
    places: Semaphore


class Household:
    """ASGI application: leads each account to its own."""

    def __init__(self, agent: Agent, accounts: Accounts) -> None:
        settings = agent.settings
        self._common = _Common(agent, accounts, AuditLog(settings.data_dir / FILE), Semaphore(settings.at_once))
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
                room = await run_in_threadpool(_Room, self._common, account)
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

    def __init__(self, common: _Common, account: Account) -> None:
        agent, folder = common.agent, common.agent.settings.data_dir / FOLDER / account.id
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        library = UserLibrary(agent.library, account, common.accounts, folder, common.log)
        settings = _settings(agent.settings, account, folder, library.names())
        self._agent = agent.beside(settings, library, partial(common.log.event, account), common.places)
        self._agent.conversations.newest("")  # opens them before several requests do at once
        places, rate = Places(settings.at_once, settings.most_waiting), Rate(settings.user_per_minute)
        uploads = Path(get_upload_folder()) / account.id
        self._running, routes = opened(self._agent, places, uploads, alone=True, rate=rate)
        self.app: ASGIApp = Limited(OwnUploads(_router(routes), account.id), rate)
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


def clear(settings: Settings) -> int:
    """What `Agent.clear` deletes, of everybody; how many files there were."""
    folders = [folder / name for folder in (settings.data_dir / FOLDER).glob("*/") for name in CLEARED]
    return keeping.clear(folders, settings.keep_days)


def _openid(settings: Settings, accounts: Accounts, authentication: AccountAuthentication) -> list[Route]:
    openid = OpenId(
        settings,
        accounts,
        lambda request, account: welcomed(request, authentication.begin(account)),
        partial(refused, authentication),
    )
    authentication.elsewhere = openid.name
    return openid.routes()


def _settings(settings: Settings, account: Account, folder: Path, corpora: Sequence[str]) -> Settings:
    """Those of an account: it begins with a corpus that it may see, or with one of its own name."""
    corpus = settings.corpus if settings.corpus in corpora else name_of(account.name)
    at_once = min(settings.user_at_once, settings.at_once)
    return settings.model_copy(update={"data_dir": folder, "corpus": corpus, "at_once": at_once})


def _router(routes: Any) -> ASGIApp:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.router.routes = routes
    return app
