"""Errors in the shape that OpenAI's clients read: `{"error": {"message", "type", "param", "code"}}`."""

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from common.errors import UserError
from ui.api.places import Busy

INVALID = "invalid_request_error"
WRONG = "Something went wrong here."


class ApiError(Exception):
    """What a request is refused for. `param` is the field of it that is wrong, `code` a word for programs."""

    def __init__(self, message: str, *, status: int = 400, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message, self.status, self.param, self.code = message, status, param, code


def error_body(message: str, kind: str = INVALID, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    words = message.encode(errors="replace").decode()  # half a surrogate of the request could not be sent back
    return {"error": {"message": words, "type": kind, "param": param, "code": code}}


def too_many(error: Busy) -> JSONResponse:
    body = error_body(str(error), "rate_limit_error", code="rate_limit_exceeded")
    return JSONResponse(body, 429, {"retry-after": str(error.seconds)})


def answer_errors(api: FastAPI) -> None:
    """Has `api` answer each in that shape; what is a bug is also seen in the log."""

    async def refused(_: Request, error: Any) -> JSONResponse:
        return JSONResponse(error_body(error.message, INVALID, error.param, error.code), error.status)

    async def not_valid(_: Request, error: Any) -> JSONResponse:
        first = error.errors()[0]
        param = ".".join(str(part) for part in first["loc"] if part != "body")
        return JSONResponse(error_body(f"{param or 'The body'}: {first['msg']}", INVALID, param or None), 400)

    async def user_error(_: Request, error: Any) -> JSONResponse:
        return JSONResponse(error_body(str(error)), 400)

    async def busy(_: Request, error: Any) -> JSONResponse:
        return too_many(error)

    async def http_error(_: Request, error: Any) -> JSONResponse:
        return JSONResponse(error_body(str(error.detail)), error.status_code, error.headers)

    async def bug(_: Request, error: Any) -> JSONResponse:
        return JSONResponse(error_body(WRONG, "server_error"), 500)

    api.add_exception_handler(ApiError, refused)
    api.add_exception_handler(RequestValidationError, not_valid)
    api.add_exception_handler(Busy, busy)
    api.add_exception_handler(UserError, user_error)
    api.add_exception_handler(HTTPException, http_error)
    api.add_exception_handler(Exception, bug)
