"""`/made/<hash>/<name>`: the files that answers bring, for who is signed in and was given the link."""

import re
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from ui.api.errors import error_body

NAME = re.compile(r"[0-9a-f]{64}(?:/[a-z]{1,20})?(?:\.[a-z0-9]{1,9}){1,2}")


class MadeFiles:
    """Those in `folder`, which is a `MediaStore`'s. They are downloads: none is a page of this server's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def show(self, request: Request) -> Response:
        name = request.path_params["name"]
        path = self._folder / name
        if not NAME.fullmatch(name) or not path.is_file():
            return JSONResponse(error_body("There is no such file."), 404)
        return FileResponse(path, filename=path.name)


def link(path: Path, base: str) -> str:
    """Of a file of the store, on the server whose address is `base`."""
    named = path.parent.name if re.fullmatch("[0-9a-f]{64}", path.parent.name) else ""
    return f"{base}made/{quote('/'.join(filter(None, (named, path.name))))}"
