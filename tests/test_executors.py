"""How many actors a cluster is asked for."""

import pytest

from common.errors import UserError
from retrievers.ingestion.executors.plan import planned


@pytest.mark.parametrize(
    ("nodes", "wanted", "there"),
    [([2], 0, 2), ([2], 1, 1), ([2], 2, 2), ([4, 8, 8], 0, 12), ([4, 8, 8], 12, 12), ([1, 1], 0, 1)],
)
def test_as_many_actors_as_there_is_room_for(nodes: list[float], wanted: int, there: int) -> None:
    assert planned(nodes, wanted) == there


@pytest.mark.parametrize(
    ("nodes", "wanted", "told"),
    [
        ([2], 3, "needs 3 CPUs.*has 2\\."),
        ([4, 8], 5, "needs 5 CPUs.*has 4 once the largest of its 2 nodes is lost, with 8"),
        ([16, 0], 0, "needs 1 CPUs.*has 0 once the largest"),
        ([], 0, "needs 1 CPUs.*has 0"),
    ],
)
def test_a_plan_without_room_is_refused_with_its_numbers(nodes: list[float], wanted: int, told: str) -> None:
    with pytest.raises(UserError, match=told):
        planned(nodes, wanted)
