"""Files that programs upload, each in a folder of its own, called by the hash of its name and content."""

import json
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from agent import Settings
from common.disk import require_space
from common.errors import UserError
from common.untrusted import one_line, whole
from generators.core.media import write_whole
from retrievers.ingestion.sources import file_sha256
from ui import uploads
from ui.api.errors import ApiError
from ui.api.files.ids import FOLDER

ID = re.compile("file-[0-9a-f]{32}")
LONGEST = 200  # bytes of a name


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """`created` in seconds since the epoch."""

    id: str
    path: Path
    purpose: str
    created: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "file",
            "bytes": self.path.stat().st_size,
            "created_at": self.created,
            "filename": self.path.name,
            "purpose": self.purpose,
            "status": "processed",
            "expires_at": None,
        }


class UploadedFiles:
    """Those in the data folder of `settings`, which also bound them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.data_dir / FOLDER

    def add(self, name: str, content: BinaryIO, purpose: str) -> UploadedFile:
        """The same name and content is the same file. Raises `UserError` for a type or size that is not taken."""
        name, settings = _checked_name(name), self._settings
        self._folder.mkdir(parents=True, exist_ok=True)
        require_space(self._folder, settings.min_free_mb * 1_000_000)
        with TemporaryDirectory(dir=self._folder) as folder:
            part = Path(folder) / name
            with part.open("wb") as file:
                shutil.copyfileobj(content, file)
            uploads.check([part], most=1, megabytes=settings.max_upload_mb)
            id = f"file-{sha256(f'{name} {file_sha256(part)}'.encode()).hexdigest()[:32]}"
            if not self._record(id).exists():
                (self._folder / id).mkdir(exist_ok=True)
                part.replace(self._folder / id / name)
                record = {"name": name, "purpose": purpose, "created": int(time.time())}
                write_whole(self._record(id), json.dumps(record).encode())
        return self.get(id)

    def get(self, id: str) -> UploadedFile:
        """Raises `ApiError` where there is none."""
        if not ID.fullmatch(id) or not self._record(id).is_file():
            raise ApiError(f"There is no file {one_line(id)!r}.", status=404, param="file_id", code="not_found")
        record = json.loads(self._record(id).read_text(encoding="utf-8"))
        return UploadedFile(id, self._folder / id / record["name"], record["purpose"], record["created"])

    def __iter__(self) -> Iterator[UploadedFile]:
        """The newest first."""
        found = [self.get(path.stem) for path in self._folder.glob("file-*.json")]
        return iter(sorted(found, key=lambda file: (-file.created, file.id)))

    def delete(self, id: str) -> None:
        """Raises like `get`."""
        shutil.rmtree(self.get(id).path.parent, ignore_errors=True)
        self._record(id).unlink()

    def _record(self, id: str) -> Path:
        return self._folder / f"{id}.json"


def _checked_name(name: str) -> str:
    """Without folders. Raises `UserError` where nothing that can be a name is left."""
    last = one_line(whole(name, "The name of the file").replace("\\", "/").rpartition("/")[2])
    if last.strip(". ") == "" or len(last.encode()) > LONGEST:
        raise UserError(f"A file cannot be called {last[:40]!r}.", f"Give it a name of at most {LONGEST} bytes.")
    return last
