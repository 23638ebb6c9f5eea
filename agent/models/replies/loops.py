"""A reply that has begun to repeat itself will not end: small models write the same words until the context is full."""

import math

SPAN = 400
"""Characters that a repetition must fill: rules, dots and rows of zeros are shorter."""

TIMES = 4
LONGEST = 400  # characters of what is repeated
LOOPED = "it began to repeat itself"


class Loop:
    """The end of a text as it grows."""

    def __init__(self) -> None:
        self._end = ""

    def goes_on(self, text: str) -> bool:
        """Whether the text with this piece ends in the same characters over and over."""
        self._end = (self._end + text)[-TIMES * LONGEST :]
        return any(self._repeats(length) for length in range(1, min(LONGEST, len(self._end) // TIMES) + 1))

    def _repeats(self, length: int) -> bool:
        times = max(TIMES, math.ceil(SPAN / length))
        return self._end.endswith(self._end[-length:] * times)
