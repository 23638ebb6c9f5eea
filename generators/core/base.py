"""What a converter is: one medium in, one medium out, and an info record that can be read without loading anything.

Knows nothing of documents or plans; a converter that needs a model of someone else's (OCR, a chat model) is handed a
callable.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Protocol, TypeVar, get_type_hints

from common.errors import MissingExtra, UserError

Kind = Literal["text", "table", "image", "audio", "video", "document"]
KINDS: tuple[Kind, ...] = ("text", "table", "image", "audio", "video", "document")
NOTHING: Mapping[str, Any] = MappingProxyType({})

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

OptionsType = TypeVar("OptionsType")


class CannotConvert(UserError):
    """The input does not hold what was asked of it, or an option makes no sense."""


class NotConfigured(UserError):
    """A converter lacks a model or an address; the cure names the setting."""


class Cancelled(UserError):
    """Somebody stopped the conversion."""


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as they were written: `columns` names them, every row has as many cells as there are columns.

    `title` and `source` ("Report.pdf, page 7") go with the table into what is made of it.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Medium:
    """One piece of content.

    `text` holds a text (and what a medium says, where that is known), `table` a table, `data` the bytes of a file of
    type `mime`. `others` are further renderings of the same thing, by MIME type (a chart's SVG and Vega-Lite spec).
    `facts` say how it was made: converter, seed, options, columns; they are JSON-ready.
    """

    kind: Kind
    text: str = ""
    table: Table | None = None
    data: bytes = b""
    mime: str = ""
    others: Mapping[str, bytes] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_text(cls, text: str, **facts: Any) -> "Medium":
        return cls("text", text=text, mime="text/plain", facts=facts)

    @classmethod
    def of_table(cls, table: Table, **facts: Any) -> "Medium":
        return cls("table", table=table, facts=facts)

    @classmethod
    def of_file(cls, path: Path) -> "Medium":
        """Read a file; its kind follows from its name. Raises `CannotConvert` if the kind is not one of ours."""
        from mimetypes import guess_type

        mime = guess_type(path.name)[0] or ""
        family = mime.partition("/")[0]
        if family == "text":
            return cls("text", text=path.read_text(encoding="utf-8", errors="replace"), mime=mime)
        for kind in KINDS:
            if kind == family:
                return cls(kind, data=path.read_bytes(), mime=mime, facts={"file": path.name})
        raise CannotConvert(f"{path.name} is no text, image, audio or video.", "Choose a file of one of these kinds.")


class Stop(Protocol):
    """Says that somebody wants no more, as `threading.Event` does."""

    def is_set(self) -> bool: ...


class Watch:
    """Progress out, cancel in. `step` is called between pieces of work; it raises `Cancelled` once `stop` is set."""

    def __init__(self, report: Callable[[float, str], None] | None = None, stop: Stop | None = None) -> None:
        self._report = report
        self._stop = stop

    @property
    def stopped(self) -> bool:
        """Whether somebody asked to stop; the next `step` will raise."""
        return self._stop is not None and self._stop.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if somebody asked to stop."""
        if self.stopped:
            raise Cancelled("The conversion was stopped.")

    def step(self, share: float, what: str = "") -> None:
        """`share` of the work done, 0..1."""
        self.check()
        if self._report is not None:
            self._report(min(max(share, 0.0), 1.0), what)

    def part(self, start: float, end: float) -> "Watch":
        """A watch for a piece of the work: its 0..1 is `start`..`end` of the whole."""
        return Watch(lambda share, what: self.step(start + share * (end - start), what), self._stop)


@dataclass(frozen=True, slots=True)
class Info:
    """What can be known of a converter without loading it.

    `form` says what it makes ("chart", "speech", "picture"), `cost` the seconds a usual input takes, `quality` runs
    from 1 (robotic, rough) to 5 (as good as it gets). `packages` are the modules it imports, `extra` the pip extra
    that brings them. A `narrow` converter takes only some inputs of its source kind (Mermaid, numbers) or makes
    something special of them (music), so it is used only when a form is asked for.
    """

    name: str
    source: Kind
    target: Kind
    form: str
    summary: str
    cost: float
    quality: int
    licence: str
    packages: tuple[str, ...] = ()
    extra: str = ""
    needs: str = ""
    needs_network: bool = False
    narrow: bool = False


@dataclass(frozen=True, slots=True)
class NoOptions:
    """For converters that take none."""


class Converter(Protocol):
    """One way from one kind to another. The constructor takes settings by keyword, each with a default."""

    info: ClassVar[Info]
    Options: ClassVar[type]
    """A frozen dataclass: what may be set for one conversion, each field with a default."""

    def check(self) -> None:
        """Raise `UserError` if a package, model or address is missing. Loads nothing."""
        ...

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """Convert `source` as `request` (in words) and `options` (fields of `Options`) say.

        Raises `UserError` for anything the user can put right, `Cancelled` among them.
        """
        ...


def check_packages(info: Info) -> None:
    """Raise `MissingExtra` for the first package of `info` that is not installed; imports none of them."""
    for package in info.packages:
        if find_spec(package) is None:
            cure = f'pip install "triptych[{info.extra}]"' if info.extra else f"pip install {package}"
            raise MissingExtra(
                f"The converter {info.name!r} needs the package {package!r}, which is not installed.",
                command=f"Install it with: {cure}",
            )


def read_options(kind: type[OptionsType], options: Mapping[str, Any], converter: str) -> OptionsType:
    """`options` as the dataclass `kind`; numbers may be given as text. Raises `CannotConvert`."""
    hints = get_type_hints(kind)
    known = {each.name for each in fields(kind)}  # type: ignore[arg-type]
    read: dict[str, Any] = {}
    for name, value in options.items():
        if name not in known:
            choices = ", ".join(sorted(known)) or "none"
            raise CannotConvert(f"The converter {converter!r} has no option {name!r}.", f"It takes: {choices}.")
        read[name] = _coerced(name, value, hints[name])
    return kind(**read)


def _coerced(name: str, value: Any, hint: Any) -> Any:
    if hint not in (int, float, str) or (hint is not int and isinstance(value, hint)):
        return value
    try:
        number = hint(value)
    except (TypeError, ValueError):
        number = None
    if number is None or (hint is int and isinstance(value, float) and number != value):
        raise CannotConvert(f"The option {name!r} cannot be {value!r}.", f"Give a {hint.__name__}.") from None
    return number


def text_of(source: Medium, request: str = "") -> str:
    """The words of a text medium, or else the request. Raises `CannotConvert` if both are blank."""
    text = clean(source.text).strip() or clean(request).strip()
    if not text:
        raise CannotConvert("There is no text to work on.", "Write it, or choose an answer that has some.")
    return text


def clean(text: str) -> str:
    """Without control characters and halves of letters, which neither XML nor UTF-8 has a place for."""
    return NOT_XML.sub("", text)
