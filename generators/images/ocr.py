"""Image to text and to table, by callables handed in: reading (OCR), describing (a chat model), finding a table.

The models live elsewhere; whoever composes the parts passes them as settings.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from generators.core.base import (
    NOTHING,
    CannotConvert,
    Info,
    Medium,
    NoOptions,
    NotConfigured,
    Watch,
    read_options,
)
from generators.core.threads import run_cancellable
from generators.images.pixels import open_picture, png_of
from generators.tables.columns import table_of

DESCRIBE = "Describe this picture for somebody who cannot see it: what it shows, and what can be read in it."


class Ocr:
    """Reads the words in a picture. Settings: `read`, from PNG bytes to text."""

    info: ClassVar[Info] = Info(
        name="ocr",
        source="image",
        target="text",
        form="reading",
        summary="Reads the words in a picture.",
        cost=2.0,
        quality=4,
        licence="the reader's",
        needs="a reader",
    )
    Options: ClassVar[type] = NoOptions

    def __init__(self, read: Callable[[bytes], str] | None = None) -> None:
        self._read = read

    def check(self) -> None:
        if self._read is None:
            raise NotConfigured(
                "No reader of pictures (OCR) was handed in.", "Pass one: build({'ocr': {'read': ...}})."
            )

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """Raises `NotConfigured`, or `CannotConvert` if the picture does not open or holds no words."""
        self.check()
        read = self._read
        assert read is not None
        read_options(NoOptions, options, self.info.name)
        picture = png_of(open_picture(source.data))
        text = run_cancellable(lambda: read(picture), watch or Watch()).strip()
        if not text:
            raise CannotConvert("There are no words in the picture.", "Ask for a description instead.")
        return Medium.of_text(text, converter=self.info.name)


class Caption:
    """Describes a picture, or answers a question about it. Settings: `chat`, from (question, PNG) to an answer."""

    info: ClassVar[Info] = Info(
        name="caption",
        source="image",
        target="text",
        form="caption",
        summary="Describes a picture, or answers a question about it.",
        cost=5.0,
        quality=4,
        licence="the model's",
        needs="a chat model that sees",
    )
    Options: ClassVar[type] = NoOptions

    def __init__(self, chat: Callable[[str, bytes], str] | None = None) -> None:
        self._chat = chat

    def check(self) -> None:
        if self._chat is None:
            command = "Choose a chat model that takes images (the setting `model`)."
            raise NotConfigured("No model that sees was handed in.", command=command)

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """`request` is the question. Raises `NotConfigured`, or `CannotConvert` if the picture does not open."""
        self.check()
        chat = self._chat
        assert chat is not None
        read_options(NoOptions, options, self.info.name)
        question = request.strip() or DESCRIBE
        picture = png_of(open_picture(source.data))
        answer = run_cancellable(lambda: chat(question, picture), watch or Watch()).strip()
        if not answer:
            raise CannotConvert("The model said nothing about the picture.", "Ask in other words.")
        return Medium.of_text(answer, converter=self.info.name, question=question)


class TableReading:
    """Finds the table in a picture of one. Settings: `read`, from PNG bytes to rows of cells, header first."""

    info: ClassVar[Info] = Info(
        name="table-reading",
        source="image",
        target="table",
        form="table",
        summary="Reads the table in a picture.",
        cost=3.0,
        quality=3,
        licence="the reader's",
        needs="a reader of tables",
    )
    Options: ClassVar[type] = NoOptions

    def __init__(self, read: Callable[[bytes], Sequence[Sequence[str]]] | None = None) -> None:
        self._read = read

    def check(self) -> None:
        if self._read is None:
            command = "Pass one: build({'table-reading': {'read': ...}})."
            raise NotConfigured("No reader of tables in pictures was handed in.", command=command)

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """Raises `NotConfigured`, or `CannotConvert` if the picture does not open or holds no table."""
        self.check()
        read = self._read
        assert read is not None
        read_options(NoOptions, options, self.info.name)
        picture = png_of(open_picture(source.data))
        rows = run_cancellable(lambda: read(picture), watch or Watch())
        if not rows:
            raise CannotConvert("There is no table in the picture.", "Choose a picture of one.")
        return Medium.of_table(table_of(rows, source.text, str(source.facts.get("file", ""))), converter=self.info.name)
