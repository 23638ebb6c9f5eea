"""The corpora as one account sees them: what it may not read is not there, what it may only read does not change."""

import threading
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from common.errors import UserError
from retrievers.library import Corpus, Library, check_name
from retrievers.search.gallery import Gallery
from ui.users.access import Access, access_of, write_access
from ui.users.accounts import Account

_making = threading.Lock()  # two accounts may make a corpus of one name at the same moment
Did = Callable[[str, str], None]  # what was done, to what


class ReadOnly(Corpus):
    """A corpus that shares everything with `corpus`, and changes nothing of it."""

    def __init__(self, corpus: Corpus) -> None:
        self.__dict__ = corpus.__dict__  # so that its store is opened once, whoever asks first

    def _refuse(self, *args: Any, **options: Any) -> NoReturn:
        raise _unwritable(self.name)

    ingest = complete = remove = read_again = follow = forget_pages = destroy = _refuse


class UserLibrary(Library):
    """Of all corpora, in `everything`, those of `account`, whose own labelled pictures are in `folder`."""

    def __init__(self, everything: Library, account: Account, folder: Path) -> None:
        self._everything, self._account, self._own = everything, account, folder

    def names(self) -> list[str]:
        return [name for name in self._everything.names() if self._access(name).readable_by(self._account)]

    def open(self, name: str, *, create: bool = False) -> Corpus:
        """As `Library.open`; one that is made belongs to the account."""
        check_name(name)
        with _making:
            if name not in self._everything.names():
                return self._made(name) if create else self._missing(name)
        access = self._access(name)
        if not access.readable_by(self._account):
            if create:
                raise UserError(f"The name {name!r} is taken.", "Choose another name.")
            self._missing(name)
        corpus = self._everything.open(name)
        return corpus if access.writable_by(self._account) else ReadOnly(corpus)

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

    def delete(self, name: str) -> None:
        """As `Library.delete`, for its owner."""
        self._check_owned(name)
        self._everything.delete(name)

    def shut(self, name: str) -> None:
        self._check_owned(name)
        self._everything.shut(name)

    @cached_property
    def gallery(self) -> Gallery:
        return self._everything.gallery_in(self._own, f"triptych-demonstrations-{self._account.id}")

    def close(self) -> None:
        """The corpora are the others' too, and stay open."""
        if "gallery" in self.__dict__:
            self.gallery.close()

    def _access(self, name: str) -> Access:
        return access_of(self._everything.folder(name))

    def _made(self, name: str) -> Corpus:
        folder = self._everything.folder(name)
        folder.mkdir(parents=True, exist_ok=True)
        write_access(folder, Access(self._account.id))  # first: the corpus is never there without
        return self._everything.open(name, create=True)

    def _check_owned(self, name: str) -> None:
        if name not in self.names():
            self._missing(name)
        if not self._access(name).owned_by(self._account):
            raise UserError(f"The corpus {name!r} is not yours.", "Ask its owner, or copy its documents to your own.")

    def _missing(self, name: str) -> NoReturn:
        there = ", ".join(self.names()) or "none yet"
        raise UserError(f"There is no corpus {name!r} (there are: {there}).", command=self._making(name))


def _unwritable(name: str) -> UserError:
    return UserError(f"You may read the corpus {name!r}, not change it.", "Ask its owner, or add to one of your own.")
