"""An OpenAI-compatible endpoint: one request, its answer in full, and errors that say what to do."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from json import JSONDecodeError, loads
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urljoin, urlsplit

from common.errors import ModelUnavailable, UserError
from generators.core.base import Info, NotConfigured, Watch
from generators.core.threads import run_cancellable

if TYPE_CHECKING:
    import httpx2
    import openai

LARGEST = 512 * 2**20  # bytes of one answer
Upload = tuple[str, bytes, str]
"""A file of a form: its name, what is in it, and its MIME type."""

Ask = Callable[["openai.OpenAI", str, type["httpx2.Response"]], "httpx2.Response"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What an endpoint answered: the bytes and their MIME type."""

    data: bytes
    mime: str

    def json(self, who: str) -> dict[str, Any]:
        """The object inside. Raises `ModelUnavailable` if there is none."""
        try:
            found = loads(self.data)
        except (JSONDecodeError, UnicodeDecodeError):
            found = None
        if not isinstance(found, dict):
            raise garbage(who, f"{self.mime or 'nothing known'}: {self.data[:80]!r}")
        return found


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is served. `base_url` ends in /v1 ("http://host:8000/v1"); `timeout` is seconds without a byte."""

    name: str
    base_url: str
    model: str
    api_key: str
    timeout: float

    def check(self, info: Info) -> None:
        """Raise `NotConfigured` if no address is set, or it is none."""
        table = f"[converters.{info.name}] in triptych.toml"
        if not self.base_url:
            command = f'Serve a model (vLLM-Omni does) and set base_url = "http://host:8000/v1" under {table}.'
            raise NotConfigured(f"The converter {info.name!r} has no endpoint.", command=command)
        if urlsplit(self.base_url).scheme not in {"http", "https"} or not urlsplit(self.base_url).netloc:
            raise NotConfigured(f"{self.base_url!r} is no web address.", command=f"Mend base_url under {table}.")

    def with_model(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Fields that say something, and the model's name if one is set."""
        named = {"model": self.model} if self.model else {}
        return named | {key: value for key, value in fields.items() if value not in (None, "")}

    def post(
        self, path: str, watch: Watch, fields: Mapping[str, Any], files: Mapping[str, Upload] | None = None
    ) -> Reply:
        """`fields` as JSON, or with `files` (which may be none) as a form. Raises `ModelUnavailable` or `Cancelled`."""
        kind = "application/json" if files is None else "multipart/form-data"
        options: Any = {"headers": {"Content-Type": kind}}
        return self._asked(
            path,
            watch,
            lambda client, url, whole: client.post(
                url, cast_to=whole, body=dict(fields), files=files or None, options=options
            ),
        )

    def get(self, path: str, watch: Watch) -> Reply:
        """Raises `ModelUnavailable` or `Cancelled`. `path` may be a whole address of the same host."""
        return self._asked(path, watch, lambda client, url, whole: client.get(url, cast_to=whole))

    def delete(self, path: str) -> None:
        """Ask to drop something; whether that works is the server's affair."""
        with suppress(ModelUnavailable):
            self._asked(path, Watch(), lambda client, url, whole: client.delete(url, cast_to=whole))

    def _asked(self, path: str, watch: Watch, ask: Ask) -> Reply:
        from httpx2 import Response

        from common.wire import Wire, connect

        url, over = self._url(path), Wire()

        def exchange() -> Reply:
            with over.carrying(), explained(url, self.timeout, _refused):
                client = connect(url, self.api_key, self.timeout, most=LARGEST, most_line=LARGEST)
                response = ask(client, url, Response)
            mime = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            return Reply(response.content, mime)

        watch.step(0.0, f"asking {self.name}")
        try:
            return run_cancellable(exchange, watch)
        finally:
            over.cut()  # who has given up reads no more of it

    def _url(self, path: str) -> str:
        base = self.base_url.rstrip("/")
        base = base if urlsplit(base).path else f"{base}/v1"
        url = urljoin(f"{base}/", path)
        if urlsplit(url).netloc != urlsplit(base).netloc:
            raise garbage(base, f"a link to {urlsplit(url).netloc}, which is not followed")
        return url


class Served:
    """A converter behind an endpoint. Settings: `base_url`, `api_key`, `timeout`; `model` where it serves several."""

    info: ClassVar[Info]

    def __init__(self, base_url: str = "", model: str = "", api_key: str = "", timeout: float = 120.0) -> None:
        self._endpoint = Endpoint(self.info.name, base_url, model, api_key, timeout)

    def check(self) -> None:
        self._endpoint.check(self.info)


def garbage(who: str, what: str) -> ModelUnavailable:
    """An answer that is not what was asked for."""
    return ModelUnavailable(
        f"{who} answered with something else than was asked for ({what}).",
        command="Check that it serves this kind of model.",
    )


@contextmanager
def explained(url: str, timeout: float, refused: Callable[[str, int, str], UserError]) -> Iterator[None]:
    """What goes wrong with the SDK's requests to `url`, as `ModelUnavailable`, or as `refused` makes it of a status and
    the server's own words."""
    import httpx2
    import openai

    from common.wire import TooMuch

    try:
        yield
    except openai.APIStatusError as error:
        raise refused(url, error.status_code, error.response.text) from error
    except (openai.APITimeoutError, httpx2.TimeoutException) as error:
        cures = "Wait until it is less busy.", "Or raise `timeout`."
        raise ModelUnavailable(f"{url} did not answer within {timeout:g} s.", *cures) from error
    except (openai.APIConnectionError, httpx2.HTTPError, httpx2.InvalidURL, TooMuch) as error:
        why = error.__cause__ or error
        if isinstance(why, TooMuch):
            raise garbage(url, f"more than {why}") from error
        raise ModelUnavailable(f"{url} cannot be reached: {why}.", command="Is the server running there?") from error
    except openai.APIError as error:  # among the pieces of a stream
        raise refused(url, 500, error.message) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:  # a stranger's JSON
        raise garbage(url, "no such reply") from error


def _refused(url: str, status: int, body: str) -> ModelUnavailable:
    """The server's own words, where it gives some."""
    try:
        said = loads(body)
        said = said.get("error", said.get("detail", "")) if isinstance(said, dict) else ""
        said = said.get("message", "") if isinstance(said, dict) else said
    except JSONDecodeError:
        said = ""
    commands = {
        401: "Check `api_key`.",
        403: "Check `api_key`.",
        404: "Check `base_url` and `model`; this server may not serve this kind of model.",
    }
    cure = "Try again later." if status >= 500 or status == 429 else "" if status in commands else "Change the request."
    what = f"{url} answered {status}{f': {str(said)[:300]}' if said else ''}."
    return ModelUnavailable(what, cure, commands.get(status, ""))
