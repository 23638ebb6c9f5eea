"""Whether a request with a picture names one of the user's sets of demonstrations, and is to be answered by it."""

import re

from agent.plan import Step
from agent.request import Request
from agent.tools.answer_with_demonstrations import SETS

TOOL = "answer_with_demonstrations"


def step_of(request: Request) -> Step | None:
    """The call for the set that is named, the longest name first; None where there is none."""
    tool = request.tools.get(TOOL)
    names = (tool.metadata or {})[SETS] if tool else ()
    for name in sorted(names, key=len, reverse=True):
        if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", request.question, re.IGNORECASE):
            return Step("demonstrations", TOOL, {"set_name": name, "question": request.question})
    return None
