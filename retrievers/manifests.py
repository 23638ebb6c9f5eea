"""The manifests of all corpora: a file in the folder of each, or a schema for each in a Postgres database."""

from pathlib import Path

from common import postgres
from common.errors import UserError
from retrievers.ingestion.manifest import SPACE, Manifest

FILE = "manifest.sqlite"


class Manifests:
    """Of the corpora whose folders are in `root`; in the database of a `url` where there is one, which takes over what
    files hold when they are first opened."""

    def __init__(self, root: Path, url: str = "") -> None:
        self._root, self._url = root, url

    def names(self) -> list[str]:
        files = {file.parent.name for file in self._root.glob(f"*/{FILE}")}
        return sorted(files | set(postgres.schemas(self._url, SPACE)) if self._url else files)

    def open(self, name: str) -> Manifest:
        """Raises `UserError` for a name that is too long for a database."""
        self._check(name)
        return Manifest(self._root / name / FILE, self._url)

    def rename(self, name: str, new: str) -> None:
        """A file goes along with its folder. Raises like `open`."""
        self._check(new)
        if self._url:
            postgres.rename(self._url, SPACE + name, SPACE + new)

    def delete(self, name: str) -> None:
        """Likewise."""
        if self._url:
            postgres.drop(self._url, SPACE + name)

    def _check(self, name: str) -> None:
        most = postgres.LONGEST - len(SPACE)
        if self._url and len(name) > most:
            raise UserError(f"The name {name!r} is too long for Postgres.", f"Use at most {most} characters.")
