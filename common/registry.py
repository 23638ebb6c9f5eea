"""Registry: a name -> "module:attribute" table that imports nothing until a name is used.

Built-ins are the table; third parties join through an entry-point group of the same name, and any dotted
"module:attribute" works without registration.
"""

from collections.abc import Mapping
from importlib.metadata import entry_points
from pkgutil import resolve_name
from typing import Any

from common.errors import MissingExtra, UnknownName

OURS = {"agent", "common", "generators", "retrievers", "ui"}  # a module of ours that is missing is a bug


class Registry:
    """Names of one kind of part (`store`, `embedder`, ...).

    `extras` maps a name to the pip extra its module needs, so that a missing dependency is reported with its
    install command rather than as an unknown name.
    """

    def __init__(self, kind: str, table: Mapping[str, str], extras: Mapping[str, str] | None = None) -> None:
        self.kind = kind
        self._table = dict(table)
        self._extras = dict(extras or {})
        self._all: dict[str, str] = {}

    def names(self) -> dict[str, str]:
        """Every known name and where it lives, built-in first, then entry points."""
        if not self._all:  # reading every distribution's entry points takes a while
            plugins = entry_points(group=f"triptych.{self.kind}")
            self._all = self._table | {plugin.name: plugin.value for plugin in plugins}
        return self._all

    def get(self, name: str) -> Any:
        """The object behind `name`. Raises `UnknownName` or `MissingExtra`."""
        path = name if ":" in name else self.names().get(name)
        if path is None:
            choices = ", ".join(sorted(self.names()))
            raise UnknownName(f"There is no {self.kind} called {name!r}.", f"Choose one of: {choices}.")
        try:
            return resolve_name(path)
        except ModuleNotFoundError as error:
            extra = self._extras.get(name)
            if extra is None or (error.name or "").partition(".")[0] in OURS:
                raise
            raise MissingExtra(
                f"The {self.kind} {name!r} needs the package {error.name!r}, which is not installed.",
                command=f'Install it with: pip install "triptych[{extra}]"',
            ) from error
