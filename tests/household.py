"""A served household: accounts that share nothing but what they were given."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from agent_corpus import agent_over
from web import served

from agent import Agent
from ui.users import household
from ui.users.accounts import Accounts

PASSWORD = "correct horse ✓"


@dataclass
class Household:
    agent: Agent
    accounts: Accounts
    app: Any
    address: str
    keys: dict[str, str] = field(default_factory=dict)

    def client(self, name: str = "", **headers: str) -> httpx.Client:
        """A program with the key of this account; without a name a stranger."""
        known = {"authorization": f"Bearer {self.keys[name]}"} if name else {}
        return httpx.Client(base_url=self.address, timeout=60, headers=known | headers)

    @contextmanager
    def browser(self, name: str, password: str = PASSWORD) -> Iterator[httpx.Client]:
        """Signed in at the page."""
        with self.client() as client:
            client.post("/login", data={"username": name, "password": password})
            yield client


@contextmanager
def living(root: Path, members: tuple[str, ...] = ("ada", "bob"), **settings: Any) -> Iterator[Household]:
    """With these members, and the admin `eve`; the corpus `test` is the admins'. Nobody's minute is full soon."""
    with ExitStack() as stack:
        agent = stack.enter_context(agent_over(root, **{"users": True, "user_per_minute": 10_000} | settings))
        accounts = Accounts.of(agent.settings)
        stack.callback(accounts.close)
        home = Household(agent, accounts, household.application(agent, accounts), "")
        for name in (*members, "eve"):
            accounts.add(name, PASSWORD, "admin" if name == "eve" else "member")
            home.keys[name] = accounts.add_key(name, "test")
        home.address = stack.enter_context(served(home.app))
        yield home
