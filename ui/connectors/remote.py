"""Files of object storage and other places that fsspec reaches, by address: `s3://bucket/folder`.

They are copied into the data folder, as pages of the web are, so that a citation opens what was read.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from common.disk import require_space
from common.errors import MissingExtra, UserError
from generators.core.media import write_whole
from retrievers.parsers import supported
from ui.connectors.web import Visit

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

STATES = ".states.json"  # beside copies: what each file was like when it was copied
PART = ".part"  # a copy that is not whole yet
Listed = Mapping[str, Mapping[str, Any]]  # path -> what its file system says of a file


def copied(url: str, folder: Path, min_free: int, tell: Callable[[str], None], *, prune: bool = False) -> Visit:
    """The file or folder at `url`, copied below `folder` where it is not there as it is now; `file://` stays in place.

    Files of types that cannot be read stay away. With `prune` copies of what is there no longer are deleted. `tell` is
    told of each file. Raises `MissingExtra` without the package for such addresses, `DiskFull` before fewer than
    `min_free` bytes are left, and `UserError` where nothing is to be had.
    """
    system, root = _reached(url)
    if "file" in system.protocol:
        return Visit([Path(root)])
    with _telling(url):
        listed: Listed = system.find(root, detail=True)
    if not listed:
        raise UserError(f"There is nothing at {url}.", "Check the address.")
    place = folder / sha256(url.rstrip("/").encode()).hexdigest()[:8]
    if list(listed) == [root]:  # a file
        copies = _Copies(system, place, min_free, tell)
        copies.update({PurePosixPath(root).name: root}, listed)
        return Visit([place / PurePosixPath(root).name], copies.problems)
    copies = _Copies(system, place / PurePosixPath(root).name, min_free, tell)
    names = {str(PurePosixPath(path).relative_to(root)): path for path in listed}
    copies.update({name: path for name, path in names.items() if supported(Path(name))}, listed)
    if prune:
        copies.keep_only(set(names))
    return Visit([copies.folder], copies.problems)


class _Copies:
    """Those in a folder, with why some of them could not be made."""

    def __init__(self, system: "AbstractFileSystem", folder: Path, min_free: int, tell: Callable[[str], None]) -> None:
        self._system, self.folder, self._min_free, self._tell = system, folder, min_free, tell
        self.problems: list[str] = []
        self._states = folder / STATES
        folder.mkdir(parents=True, exist_ok=True)
        self._known: dict[str, str] = json.loads(self._states.read_text()) if self._states.exists() else {}

    def update(self, names: Mapping[str, str], listed: Listed) -> None:
        """Each of these `names` with the path it is copied from."""
        for name, path in names.items():
            state, copy = _state(listed[path]), self.folder / name
            if self._known.get(name) == state and copy.exists():
                continue
            self._tell(path)
            require_space(self.folder, self._min_free + int(listed[path].get("size") or 0))
            try:
                self._copy(path, copy)
            except UserError as error:
                self.problems.append(str(error))
            else:
                self._note(self._known | {name: state})

    def keep_only(self, names: set[str]) -> None:
        for name in self._known.keys() - names:
            (self.folder / name).unlink(missing_ok=True)
        self._note({name: state for name, state in self._known.items() if name in names})

    def _copy(self, path: str, copy: Path) -> None:
        """Never seen half written. Raises `UserError`, also for a name that leads out of the folder."""
        if ".." in copy.parts:
            raise UserError(f"{path} is called by a name that no file can have.", "Rename it there.")
        with _telling(path):
            part = copy.with_name(PART)
            part.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._system.get_file(path, str(part))
                part.replace(copy)
            finally:
                part.unlink(missing_ok=True)

    def _note(self, known: dict[str, str]) -> None:
        self._known = known
        write_whole(self._states, json.dumps(known, indent=1).encode())


def _reached(url: str) -> "tuple[AbstractFileSystem, str]":
    """What reads such addresses, and what it calls this one."""
    from fsspec.core import url_to_fs

    kind = url.partition("://")[0]
    try:
        with _telling(url):
            system, root = url_to_fs(url)
    except ImportError as error:  # fsspec's words: the package that it wants
        raise MissingExtra(f"{kind}:// addresses need a package that is not here: {error}.") from error
    return system, root.rstrip("/")


@contextmanager
def _telling(what: str) -> Iterator[None]:
    """Every package of fsspec raises errors of its own."""
    try:
        yield
    except (UserError, ImportError):
        raise
    except Exception as error:
        raise UserError(f"{what} cannot be fetched: {str(error) or type(error).__name__}.") from error


def _state(info: Mapping[str, Any]) -> str:
    """Another once the file is another: its size, times, tags."""
    return sha256(repr(sorted((str(key), str(value)) for key, value in info.items())).encode()).hexdigest()
