"""Text files of one record a line, such as JSON Lines."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from common.errors import UserError


def numbered(file: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Lines of an open file that are not blank, without their ends, numbered from 1.

    A line ends at a line feed (https://jsonlines.org), not at U+2028 or U+0085 as for `str.splitlines`: a JSON string
    may hold those.
    """
    return ((number, line.rstrip("\n")) for number, line in enumerate(file, start=1) if line.strip())


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Those of a UTF-8 file, with or without a byte order mark. Raises `UserError` when it cannot be read as one."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from numbered(file)
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror or error}).") from error
