"""What went wrong at an endpoint, in words for whoever asked: without its address, its log and its own words.

Those are for whoever runs the server: they are logged (`triptych.models`), once.
"""

import logging

import httpx2
import openai

from common import wire
from common.errors import ModelUnavailable

SLOW = "Set TRIPTYCH_MODEL_TIMEOUT higher, or see what keeps it busy."
PAUSED = "Set TRIPTYCH_MODEL_PAUSE higher, or see what keeps it busy."
AGAIN = "Ask again in a moment."
ADDRESS = "Check the name and the URL, which usually ends in /v1."
TOO_LARGE = (
    "If the question is too large for the model, set TRIPTYCH_MODEL_IMAGES, TRIPTYCH_TOP_K or "
    "TRIPTYCH_MODEL_TOKENS lower."
)
MOST_DETAIL = 300  # characters of an endpoint's own message

_log = logging.getLogger("triptych.models")


def unavailable(name: str, url: str, what: str, cure: str, detail: str = "") -> ModelUnavailable:
    """`what` happened to the model `name`; where, and the endpoint's own words, are logged.

    Whoever asked can ask again; any other `cure` is for whoever runs it.
    """
    _log.warning("%s at %s %s", name, url, f"{what} {detail}".strip())
    cures = (AGAIN, "") if cure == AGAIN else ("", cure)
    return ModelUnavailable(f"The model {name} {what}", *cures)


def explained(error: Exception) -> tuple[str, str, str] | None:
    """What an endpoint's failure means, its cure, and the endpoint's own words; None for a bug of ours."""
    meaning: tuple[str, str, str] | None = None
    match error:
        case openai.APIStatusError():
            meaning = f"answered with an error ({error.status_code}).", _cure(error), _words(error)
        case openai.APITimeoutError() | httpx2.TimeoutException():
            meaning = "did not answer in time.", SLOW, ""
        case openai.APIConnectionError():
            meaning = "cannot be reached.", f"Start the server. {ADDRESS}", ""
        case httpx2.HTTPError():
            meaning = "broke off.", AGAIN, str(error)
        case openai.APIError():
            meaning = "reported an error.", AGAIN, _words(error)
        case wire.TooMuch() | ValueError() | TypeError() | KeyError() | AttributeError():  # a stranger's JSON
            meaning = "sent something that is no chat completion.", ADDRESS, ""
    return meaning


def _words(error: openai.APIError) -> str:
    """The endpoint's own words on one line, cut short."""
    body = error.body
    words = body["message"] if isinstance(body, dict) and isinstance(body.get("message"), str) else error.message
    line = " ".join(words.split()).rstrip(".")
    return f"{line}." if len(line) <= MOST_DETAIL else f"{line[:MOST_DETAIL]} ..."


def _cure(error: openai.APIStatusError) -> str:
    if error.status_code in (401, 403):
        return "Set TRIPTYCH_MODEL_API_KEY."
    if error.status_code == 404:
        return ADDRESS
    if error.status_code == 400 and "tool choice" in error.message:
        return "Start the server with tool calling enabled, or set TRIPTYCH_ROUTER=switch."
    return TOO_LARGE if error.status_code in (400, 413, 422) else AGAIN
