"""What was worked out lately is not worked out again, and what was not asked for any more is forgotten."""

from collections.abc import Sequence

from common.kept import Kept


def test_each_is_worked_out_once_and_the_oldest_is_forgotten() -> None:
    worked: list[str] = []

    def lengths(words: Sequence[str]) -> list[int]:
        worked.extend(words)
        return [len(word) for word in words]

    kept: Kept[str, int] = Kept(2)
    assert kept.of(["a", "bcd", "a"], lengths) == [1, 3, 1]
    assert kept.of(["a"], lengths) == [1]
    assert worked == ["a", "bcd"]
    assert kept.of(["ef"], lengths) == [2]
    assert kept.of(["a", "bcd"], lengths) == [1, 3]
    assert worked == ["a", "bcd", "ef", "bcd"], "the one that was not asked for last"
    assert kept.of([], lengths) == []
    assert kept.of(["1", "22", "333"], lengths) == [1, 2, 3], "more than are kept"
