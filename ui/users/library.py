"""The corpora as one account sees them: what it may not read is not there, what it may only read does not change."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NoReturn

from common.errors import UserError
from retrievers.ingestion.ingest import IngestReport, Progress, ignore
from retrievers.ingestion.manifest import DocumentRecord
from retrievers.library import Corpus, Library, check_name
from retrievers.search.gallery import Gallery
from ui.users.access import EVERYBODY, Access, access_of, names_of, write_access
from ui.users.accounts import Account, Accounts
from ui.users.audit import AuditLog

Written = Callable[..., None]  # what was done, to which corpus, and what else is to be said
_making = threading.Lock()  # two accounts may make a corpus of one name at the same moment


class ReadOnly(Corpus):
    """A corpus that shares everything with `corpus`, and changes nothing of it."""

    def __init__(self, corpus: Corpus) -> None:
        self.__dict__ = corpus.__dict__  # so that its store is opened once, whoever asks first

    def _refuse(self, *args: Any, **options: Any) -> NoReturn:
        raise _unwritable(self.name)

    ingest = complete = remove = read_again = follow = forget_pages = destroy = _refuse


class Watched(Corpus):
    """Likewise; what is added to it and removed is `written` down."""

    __slots__ = ("_written",)  # beside what is shared

    def __init__(self, corpus: Corpus, written: Written) -> None:
        self.__dict__ = corpus.__dict__
        self._written = written

    def ingest(
        self,
        paths: Sequence[Path],
        progress: Callable[[Progress], None] = ignore,
        *,
        prune: bool = False,
        words_only: bool = False,
    ) -> IngestReport:
        report = super().ingest(paths, progress, prune=prune, words_only=words_only)
        for record in report.documents:
            self._written("added", self.name, document=record.name)
        return report

    def remove(self, document: str) -> DocumentRecord:
        record = super().remove(document)
        self._written("removed", self.name, document=record.name)
        return record


class UserLibrary(Library):
    """Of all corpora, in `everything`, those of `account`, one of the `accounts`, whose own labelled pictures are in
    `folder`; what it does to them is written into `log`."""

    def __init__(self, everything: Library, account: Account, accounts: Accounts, folder: Path, log: AuditLog) -> None:
        self._everything, self._account, self._accounts, self._own = everything, account, accounts, folder
        self._written: Written = partial(log.write, account)

    def names(self) -> list[str]:
        return [name for name in self._everything.names() if self._access(name).readable_by(self._account)]

    def open(self, name: str, *, create: bool = False) -> Corpus:
        """As `Library.open`; one that is made belongs to the account."""
        check_name(name)
        with _making:
            if name not in self._everything.names():
                if not create:
                    raise self._unknown(name)
                return self._made(name)
        access = self._access(name)
        if not access.readable_by(self._account):
            if create:
                raise UserError(f"The name {name!r} is taken.", "Choose another name.")
            raise self._unknown(name)
        corpus = self._everything.open(name)
        return Watched(corpus, self._written) if access.writable_by(self._account) else ReadOnly(corpus)

    def folder(self, name: str) -> Path:
        return self._everything.folder(name)

    def uploads(self, name: str) -> Path:
        """Raises `UserError` unless the account may add to the corpus."""
        if name in self._everything.names() and not self._access(name).writable_by(self._account):
            raise _unwritable(name)
        return self._everything.uploads(name)

    def rename(self, name: str, new: str) -> None:
        """As `Library.rename`, for its owner."""
        self._check_owned(name)
        self._everything.rename(name, new)
        self._written("renamed", name, to=new)

    def delete(self, name: str) -> None:
        """As `Library.delete`, for its owner."""
        self._check_owned(name)
        self._everything.delete(name)
        self._written("deleted", name)

    def shut(self, name: str) -> None:
        self._check_owned(name)
        self._everything.shut(name)

    def shared_with(self, name: str) -> tuple[set[str], set[str]] | None:
        """Names of the users who may read a corpus, and of those who may also change it, or `EVERYBODY`; None where
        that is not for the account to say."""
        if name not in self._everything.names() or not (access := self._access(name)).owned_by(self._account):
            return None
        names = names_of(self._accounts)
        readers, writers = ({names[id] for id in ids if id in names} for ids in (access.readers, access.writers))
        return readers, writers

    def share(self, name: str, readers: Iterable[str], writers: Iterable[str]) -> None:
        """With the users of these names, or `EVERYBODY`, and no others, for its owner. Raises `UserError` where there
        is no such user."""
        self._check_owned(name)
        reading, writing = ({user: self._id(user) for user in users} for users in (readers, writers))
        shared = replace(self._access(name), readers=frozenset(reading.values()), writers=frozenset(writing.values()))
        write_access(self._everything.folder(name), shared)
        self._written("shared", name, read=", ".join(reading), write=", ".join(writing))

    @cached_property
    def gallery(self) -> Gallery:
        return self._everything.gallery_in(self._own, f"triptych-demonstrations-{self._account.id}")

    def close(self) -> None:
        """The corpora are the others' too, and stay open."""
        if "gallery" in self.__dict__:
            self.gallery.close()

    def _id(self, user: str) -> str:
        return user if user == EVERYBODY else self._accounts.named(user).id

    def _access(self, name: str) -> Access:
        return access_of(self._everything.folder(name))

    def _made(self, name: str) -> Corpus:
        folder = self._everything.folder(name)
        folder.mkdir(parents=True, exist_ok=True)
        write_access(folder, Access(self._account.id))  # first: the corpus is never there without
        corpus = self._everything.open(name, create=True)
        self._written("created", name)
        return Watched(corpus, self._written)

    def _check_owned(self, name: str) -> None:
        if name not in self.names():
            raise self._unknown(name)
        if not self._access(name).owned_by(self._account):
            raise UserError(f"The corpus {name!r} is not yours.", "Ask its owner, or copy its documents to your own.")


def _unwritable(name: str) -> UserError:
    return UserError(f"You may read the corpus {name!r}, not change it.", "Ask its owner, or add to one of your own.")
