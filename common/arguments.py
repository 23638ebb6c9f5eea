"""Types for `argparse`: numbers that make sense. What does not is refused with the option's name and what it takes."""

import math
from argparse import ArgumentTypeError
from collections.abc import Callable


def at_least(least: int) -> Callable[[str], int]:
    """A whole number."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least:
            raise ArgumentTypeError(f"a whole number of at least {least} is needed, not {text!r}")
        return number

    return read


def above_zero(text: str) -> float:
    """A number, not infinite."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise ArgumentTypeError(f"a number above 0 is needed, not {text!r}")
    return number
