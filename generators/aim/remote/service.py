"""A fuser for others to ask, over HTTP: `triptych aim serve`.

`GET /v1/fuser` tells what it fuses with; `POST /v1/fuse` takes demonstrations, pictures as base64, and gives their
fused tokens as safetensors, "0", "1" ... [T_i, d] in the order they came. One request is fused at a time: a second
would want the same memory.
"""

import base64
import binascii
import secrets
from dataclasses import asdict
from threading import Lock
from typing import TYPE_CHECKING, Any

from common.errors import ModelUnavailable, UserError
from generators.aim.demonstrations import Demonstration
from generators.images.pixels import open_picture

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

    from generators.aim.fuser import Fuser

MOST = 64  # demonstrations in a request
LARGEST = 256 << 20  # bytes of a request


def application(fuser: "Fuser", key: str = "") -> "Starlette":
    """With a `key`, who asks must name it as a bearer token."""
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.exceptions import HTTPException
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    one_at_a_time = Lock()

    def check(request: "Request") -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if key and not secrets.compare_digest(given.encode(), key.encode()):
            raise HTTPException(401, "The key is missing or wrong.")

    async def tell(request: "Request") -> "Response":
        check(request)
        return JSONResponse(told(fuser))

    async def fuse(request: "Request") -> "Response":
        check(request)
        demonstrations = await run_in_threadpool(parsed, await _body(request))
        data = await run_in_threadpool(fused, demonstrations)
        return Response(data, media_type="application/octet-stream")

    def fused(demonstrations: list[Demonstration]) -> bytes:
        import torch
        from safetensors.torch import save

        try:
            with one_at_a_time:
                rows = fuser.fuse(demonstrations)
        except torch.OutOfMemoryError as error:
            raise ModelUnavailable(
                "The GPU has no room to fuse these demonstrations.", "Send fewer at once."
            ) from error
        return save({str(number): each.contiguous() for number, each in enumerate(rows)})

    def refused(_request: "Request", error: Any) -> "Response":
        status = getattr(error, "status_code", 503 if isinstance(error, ModelUnavailable) else 400)
        return JSONResponse({"error": {"message": getattr(error, "detail", str(error))}}, status)

    routes = [Route("/v1/fuser", tell), Route("/v1/fuse", fuse, methods=["POST"])]
    return Starlette(routes=routes, exception_handlers={UserError: refused, HTTPException: refused})


def told(fuser: "Fuser") -> dict[str, Any]:
    """What whoever asks must know: which weights, whether they have a row to spare, the separator's rows."""
    from safetensors.torch import save

    gap = base64.b64encode(save({"gap": fuser.gap.contiguous()})).decode()
    return {"meta": asdict(fuser.meta), "maker": fuser.maker, "spare_row": fuser.has_spare_row, "gap": gap}


def parsed(body: bytes) -> list[Demonstration]:
    """The demonstrations of a request. Raises `UserError` for one that is none."""
    import json

    try:
        given = json.loads(body)["demonstrations"]
        if len(given) > MOST:
            raise UserError(f"{len(given)} demonstrations are too many.", f"Send {MOST} at most at once.")
        return [
            Demonstration(
                open_picture(base64.b64decode(each["image"], validate=True)),
                str(each["text"]),
                str(each.get("question", "")),
            )
            for each in given
        ]
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(
            "The request holds no demonstrations.",
            'Send {"demonstrations": [{"image": base64, "text": ..., "question": ...}]}.',
        ) from error


async def _body(request: "Request") -> bytes:
    """At most `LARGEST` bytes of it are read."""
    from starlette.exceptions import HTTPException

    whole = bytearray()
    async for piece in request.stream():
        whole += piece
        if len(whole) > LARGEST:
            raise HTTPException(413, f"A request may hold {LARGEST >> 20} MB.")
    return bytes(whole)
