"""What a model that plans, or writes, is shown of what was found: short, fenced, with a mark that no document knows."""

import re

from langchain_core.messages import ToolMessage

from agent.answering.candidates.found import Found
from agent.answering.digest import FEW, PLACES, shown
from agent.answering.evidence import fence
from retrievers.elements import WHOLE_PAGE, Element, Hit


def hit(page: int, text: str = "The mill grinds barley.") -> Hit:
    return Hit(Element("mill.md", "0", page, "text", text, WHOLE_PAGE, page), 1.0)


def told(*hits: Hit) -> str:
    return shown(ToolMessage("2 regions", tool_call_id="1", artifact=Found(hits, (), "What does it grind?", None))).text


def test_long_regions_are_cut_and_short_ones_are_not() -> None:
    words = [f"word{number}" for number in range(FEW + 1)]
    short, long = told(hit(1, " ".join(words[:-1]))), told(hit(1, " ".join(words)))
    assert f"{words[-2]}\n" in short and "…" not in short
    assert f"{words[-2]} …" in long and words[-1] not in long


def test_each_page_is_told_once_and_so_many_at_most() -> None:
    text = told(hit(1), hit(1), *(hit(page) for page in range(2, PLACES + 5)))
    assert re.findall(r"page (\d+)", text) == [str(page) for page in range(1, PLACES + 1)]
    assert "Nothing was found." in told()


def test_the_mark_of_a_fence_is_one_for_all_of_it_and_never_the_same() -> None:
    marks = [set(re.findall(r"</?source-(\w+)", fence([hit(1), hit(2)]))) for _ in range(3)]
    assert all(len(one) == 1 and re.fullmatch(r"[0-9a-f]{8}", min(one)) for one in marks)
    assert len(set.union(*marks)) == 3
