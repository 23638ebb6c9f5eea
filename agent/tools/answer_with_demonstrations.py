"""`answer_with_demonstrations`: what a picture is, as a set of labelled pictures teaches it."""

from langchain_core.tools import BaseTool, ToolException, tool

from agent.answering.evidence import unbracketed
from agent.demonstrations import Demonstrated
from agent.tools.base import READS, Scope
from generators.aim.choice import Way

SETS = "sets"  # their names, among the tool's metadata


def build(scope: Scope) -> BaseTool | None:
    """None without a picture to ask about, or without a set to answer by."""
    demonstrator, images = scope.demonstrator, scope.images
    names = demonstrator.bank.names() if demonstrator else []
    if demonstrator is None or not images or not names:
        return None

    @tool("answer_with_demonstrations", response_format="content_and_artifact")
    def answer_with_demonstrations(
        set_name: str, question: str = "", picture: int = 1, shown: Way | None = None
    ) -> tuple[str, Demonstrated]:
        """Answer about a picture of the request by the user's own labelled examples ("which kind of flaw is this?").

        set_name: the name of the user's set of demonstrations.
        question: what is asked of the picture; may be left out when it is just which label fits.
        picture: which of the request's pictures, counted from 1.
        shown: which examples: as many of each label ("balanced"), the "nearest" to the picture, or "all"; may be left
        out.
        """
        if not 1 <= picture <= len(images):
            raise ToolException(f"The request has {len(images)} pictures; there is no picture {picture}.")
        found = demonstrator.ask(set_name, images[picture - 1], question, shown)
        used = f"from {len(found.shown)} demonstrations of the set {set_name!r}"
        return unbracketed(f"{found.text} ({used}). {found.note}".strip()), found

    answer_with_demonstrations.description += f"\n\nSets there are: {', '.join(map(repr, names))}."
    answer_with_demonstrations.metadata = READS | {SETS: names}
    return answer_with_demonstrations
