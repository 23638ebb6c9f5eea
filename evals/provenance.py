"""What trained weights say of themselves: what they were made of, by name and SHA-256."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digests(files: Iterable[Path]) -> dict[str, str]:
    return {file.name: digest(file) for file in files}
