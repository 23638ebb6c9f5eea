"""Who may read a corpus and who may change it, written down in its own folder: it follows a corpus that is renamed, and
is gone with it."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from generators.core.media import write_whole
from ui.users.accounts import Account, Accounts

FILE = "access.json"
EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class Access:
    """Ids of accounts, or `EVERYBODY`. A corpus without an `owner`, as the command line makes it, is the admins'."""

    owner: str = ""
    readers: frozenset[str] = frozenset()
    writers: frozenset[str] = frozenset()

    def owned_by(self, account: Account) -> bool:
        return self.owner == account.id if self.owner else account.role == "admin"

    def writable_by(self, account: Account) -> bool:
        return self.owned_by(account) or bool(self.writers & {account.id, EVERYBODY})

    def readable_by(self, account: Account) -> bool:
        return self.writable_by(account) or bool(self.readers & {account.id, EVERYBODY})

    def shared(self, whom: str, write: bool) -> Self:
        """With one more, or with somebody who may do more or less than before."""
        taken = self.unshared(whom)
        if write:
            return replace(taken, writers=taken.writers | {whom})
        return replace(taken, readers=taken.readers | {whom})

    def unshared(self, whom: str) -> Self:
        return replace(self, readers=self.readers - {whom}, writers=self.writers - {whom})


def access_of(folder: Path) -> Access:
    """Of the corpus in `folder`."""
    try:
        said = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Access()
    return Access(said["owner"], frozenset(said["readers"]), frozenset(said["writers"]))


def names_of(accounts: Accounts, everybody: str = EVERYBODY) -> dict[str, str]:
    """Id -> name of every user, and what `everybody` is called."""
    return {one.id: one.name for one in accounts.all()} | {EVERYBODY: everybody}


def write_access(folder: Path, access: Access) -> None:
    said = {"owner": access.owner, "readers": sorted(access.readers), "writers": sorted(access.writers)}
    write_whole(folder / FILE, json.dumps(said).encode())
