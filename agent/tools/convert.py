"""`convert`: notes that a chart, speech, a picture and so on is wanted; it is made once the answer stands."""

from langchain_core.tools import BaseTool, tool

from agent.converting.requests import Form, OutputRequest
from agent.tools.base import Scope


def build(scope: Scope) -> BaseTool:
    @tool("convert", response_format="content_and_artifact")
    def convert(to: Form, request: str, again: bool = False) -> tuple[str, OutputRequest]:
        """Make something beside the written answer, from the sources found, the answer, or the request itself.

        to: "chart" from a table or from numbers in the request; "speech" reads the answer, or words in quotation
        marks, aloud; "picture" makes a new picture (to show one of the documents, search instead); "diagram";
        "film"; "music"; "document" exports the conversation as PDF, Word, HTML or Markdown; "sheet" saves the cells of
        a table as CSV or as an Excel file.
        request: what to make, in words that stand alone, with the kind of chart, the names of columns and the like.
        again: change the last thing of this kind ("same, but as a line chart") instead of making a new one.
        """
        return f"Making the {to}: it is shown below this answer.", OutputRequest(to, request, again)

    return convert
