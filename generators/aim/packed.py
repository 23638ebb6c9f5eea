"""A set in one ZIP file, as a browser can send it: a sub-folder of pictures for each label, or pictures and a list.

A list is a CSV or JSONL file as `data.load` reads it, such as that of an exported set. The file may come from anybody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from zipfile import BadZipFile, ZipFile, ZipInfo

from common.errors import UserError
from generators.aim.data import IMAGES, Pair, load

LISTS = {".csv", ".jsonl"}
CURE = "Pack a folder with a sub-folder of pictures for each label, or an exported set."


@contextmanager
def unpacked(file: Path, most_bytes: int, question: str = "") -> Iterator[list[Pair]]:
    """Its pairs, while their pictures lie in a folder that goes afterwards.

    Raises `UserError` for a file that is no ZIP, would take more than `most_bytes` or names pictures outside it.
    """
    with TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        try:
            with ZipFile(file) as packed:
                wanted = [member for member in packed.infolist() if _is_wanted(member)]
                if sum(member.file_size for member in wanted) > most_bytes:
                    raise UserError(f"{file.name} holds more than {most_bytes >> 20} MB.", "Split it.")
                packed.extractall(root, wanted)
        except (OSError, BadZipFile, RuntimeError, NotImplementedError) as error:  # missing, damaged, locked, unknown
            raise UserError(f"{file.name} cannot be unpacked: {error}.", CURE) from error
        pairs = load(_source(root), question)
        if any(not pair.image.resolve().is_relative_to(root) for pair in pairs):
            raise UserError(f"{file.name} names pictures that are not in it.", CURE)
        yield pairs


def _is_wanted(member: ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return not hidden and path.suffix.lower() in IMAGES | LISTS | {".txt"}


def _source(folder: Path) -> Path:
    """The list, if there is one, else the folder of sub-folders; either may lie in a folder of its own."""
    lists = [path for path in folder.iterdir() if path.suffix.lower() in LISTS]
    if lists:
        return min(lists)
    inner = list(folder.iterdir())
    if (
        len(inner) == 1
        and inner[0].is_dir()
        and any(p.is_dir() or p.suffix.lower() in LISTS for p in inner[0].iterdir())
    ):
        return _source(inner[0])
    return folder
