"""Outputs made with the converters there are. What was made once is not made twice."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from mimetypes import guess_extension
from pathlib import Path
from types import MappingProxyType
from typing import Any

from agent.converting.requests import TARGETS, Form
from generators.core import registry
from generators.core.base import Converter, Kind, Medium, NotConfigured, Watch
from generators.core.media import MediaStore
from generators.core.route import Chain, route, run

OFFICE = "application/vnd.openxmlformats-officedocument"
SUFFIXES = {  # of types that Python does not know, or only where the system has a table of them
    "audio/wav": ".wav",
    "application/vnd.vegalite.v6+json": ".vl.json",
    "text/vnd.mermaid": ".mmd",
    "text/markdown": ".md",
    "text/csv": ".csv",
    f"{OFFICE}.wordprocessingml.document": ".docx",
    f"{OFFICE}.spreadsheetml.sheet": ".xlsx",
}


@dataclass(frozen=True, slots=True)
class ConversionResult:
    """A thing made: its file, the same thing in other file types, and how it was made (JSON-ready)."""

    path: Path
    mime: str
    text: str
    others: Mapping[str, Path] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


class ConverterService:
    """`settings` are keyword arguments by converter name, as under `[converters.<name>]` of `triptych.toml`.

    `callables` likewise, for those that are handed one (`agent.inputs.ocr_converters`).
    """

    def __init__(
        self,
        media: MediaStore,
        settings: Mapping[str, Mapping[str, Any]],
        callables: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    ) -> None:
        self._media = media
        self._settings = settings
        self._callables = callables

    @cached_property
    def _converters(self) -> dict[str, Converter]:
        """Those with settings of their own are preferred to the others."""
        return registry.build({**self._callables, **self._settings})

    def kept_in(self, media: MediaStore) -> "ConverterService":
        """The same converters; what they make is put into `media`."""
        other = ConverterService(media, self._settings, self._callables)
        other._converters = self._converters
        return other

    def makes(self, form: Form) -> bool:
        """Whether something here makes `form` of a text."""
        try:
            return bool(self._route("text", form))
        except NotConfigured:
            return False

    def make(
        self, form: Form, source: Medium, request: str, options: Mapping[str, Any], watch: Watch
    ) -> ConversionResult:
        """Raises `NotConfigured` with the cures if nothing makes `form`, and what the converters raise."""
        chain = self._route(source.kind, form)
        key = _key(chain, source, request, options, self._settings)
        if (known := self._media.recall(key)) is not None:
            return _made(known)
        made = self.keep(run(chain, source, request, options, watch), form)
        self._media.remember(key, _record(made))
        return made

    def read(self, source: Medium, target: Kind) -> Medium:
        """What a picture or a recording says: as words, or as a table.

        Raises `NotConfigured` with the cures if nothing here reads it, and what the converters raise.
        """
        return run(self._reading(source.kind, target), source)

    def reads(self, source: Kind, target: Kind) -> bool:
        """Whether something here does."""
        try:
            return bool(self._reading(source, target))
        except NotConfigured:
            return False

    def _reading(self, source: Kind, target: Kind) -> Chain:
        return route(self._converters.values(), source, target, prefer=tuple(self._settings))

    def _route(self, source: Kind, form: Form) -> Chain:
        target = "edit" if form == "picture" and source == "image" else form
        return route(self._converters.values(), source, TARGETS[form], target, prefer=tuple(self._settings))

    def keep(self, medium: Medium, form: Form) -> ConversionResult:
        """A medium that is there already, put into files named after its form."""
        others = {mime: self._put(data, mime, form) for mime, data in medium.others.items()}
        return ConversionResult(
            self._put(medium.data, medium.mime, form), medium.mime, medium.text, others, dict(medium.facts)
        )

    def _put(self, data: bytes, mime: str, form: Form) -> Path:
        return self._media.put(data, SUFFIXES.get(mime) or guess_extension(mime) or ".bin", form)


def _record(made: ConversionResult) -> dict[str, Any]:
    others = {mime: str(path) for mime, path in made.others.items()}
    return {"path": str(made.path), "mime": made.mime, "text": made.text, "others": others, "facts": made.facts}


def _made(record: Mapping[str, Any]) -> ConversionResult:
    others = {mime: Path(path) for mime, path in record["others"].items()}
    return ConversionResult(Path(record["path"]), record["mime"], record["text"], others, record["facts"])


def _key(chain: Chain, source: Medium, request: str, options: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """SHA-256 over all that decides what comes out."""
    names = [each.info.name for each in chain]
    table = [source.table.columns, source.table.rows, source.table.title, source.table.source] if source.table else []
    data = hashlib.sha256(source.data).hexdigest()
    chosen = {name: settings.get(name, {}) for name in names}
    parts = [names, source.kind, source.text, table, data, source.mime, request, dict(options), chosen]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
