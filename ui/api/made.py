"""`/made/<hash>/<name>`: the files that answers bring, and those that came with questions, for who is signed in and was
given the link. It names what is in a file, and not where it lies."""

import mimetypes
import re
from collections.abc import Sequence
from os import fsencode
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from ui.api.errors import error_body

NAME = re.compile(r"[0-9a-f]{64}(?:(?:\.[a-z0-9]{1,9}){1,2}|/[^/\0]{1,255})")
SHOWN = re.compile("(?:audio|video)/|image/(?!svg)")  # a browser shows or plays them, and runs nothing of theirs
UNCHANGING = {"cache-control": "private, max-age=86400, immutable"}


class MadeFiles:
    """Those in `folders`, named by what they hold. What is no picture, sound or film is a download: none is a page of
    this server's."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders

    async def show(self, request: Request) -> Response:
        name = request.path_params["name"]
        path = next((path for folder in self._folders if (path := folder / name).is_file()), None)
        if not NAME.fullmatch(name) or path is None:
            return JSONResponse(error_body("There is no such file."), 404)
        shown = SHOWN.match(mimetypes.guess_type(path.name)[0] or "")
        how = "inline" if shown else "attachment"
        return FileResponse(path, filename=path.name, content_disposition_type=how, headers=UNCHANGING)


def link(path: Path, base: str = "") -> str:
    """Of a file there, on the server whose address is `base`; else relative, so that it holds behind a proxy."""
    named = path.parent.name if re.fullmatch("[0-9a-f]{64}", path.parent.name) else ""
    return f"{base}made/{quote(fsencode('/'.join(filter(None, (named, path.name)))))}"
