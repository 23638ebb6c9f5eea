"""`read_picture`: the words, or the table, in a picture that came with the request."""

from typing import Literal

from langchain_core.tools import BaseTool, ToolException, tool

from agent.answering.evidence import unbracketed
from agent.tools.base import READS, Scope
from generators.core.base import Kind, Medium, Table
from retrievers.table_forms import markdown

KINDS: dict[str, Kind] = {"words": "text", "table": "table"}


def build(scope: Scope) -> BaseTool | None:
    """None without a picture to read."""
    images, converters = scope.images, scope.converters
    if not images or converters is None:
        return None

    @tool("read_picture", response_format="content_and_artifact")
    def read_picture(what: Literal["words", "table"], picture: int = 1) -> tuple[str, Table | None]:
        """Read a picture of the request: the words in it, or the table, which can then be made into a chart.

        what: "words" or "table".
        picture: which of the request's pictures, counted from 1.
        """
        if not 1 <= picture <= len(images):
            raise ToolException(f"The request has {len(images)} pictures; there is no picture {picture}.")
        found = converters.read(Medium.of_file(images[picture - 1]), KINDS[what])
        if found.table is None:
            return unbracketed(found.text), None
        return unbracketed(markdown((found.table.columns, *found.table.rows))), found.table

    read_picture.metadata = READS
    return read_picture
