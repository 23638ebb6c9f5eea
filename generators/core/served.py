"""An OpenAI-compatible endpoint: one request, its answer in full, and errors that say what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from json import JSONDecodeError, loads
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

from common.errors import ModelUnavailable
from generators.core.base import Info, NotConfigured, Watch
from generators.core.threads import run_cancellable

CONNECT = 10.0  # seconds
LARGEST = 512 * 2**20  # bytes of one answer


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
            cure = f'Serve a model (vLLM-Omni does) and set base_url = "http://host:8000/v1" under {table}.'
            raise NotConfigured(f"The converter {info.name!r} has no endpoint.", cure)
        if urlsplit(self.base_url).scheme not in {"http", "https"} or not urlsplit(self.base_url).netloc:
            raise NotConfigured(f"{self.base_url!r} is no web address.", f"Mend base_url under {table}.")

    def with_model(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Fields that say something, and the model's name if one is set."""
        named = {"model": self.model} if self.model else {}
        return named | {key: value for key, value in fields.items() if value not in (None, "")}

    def post(self, path: str, watch: Watch, **content: Any) -> Reply:
        """`content` is httpx's `json=`, or `files=` for a form. Raises `ModelUnavailable` or `Cancelled`."""
        return self._send("POST", path, watch, **content)

    def get(self, path: str, watch: Watch) -> Reply:
        """Raises `ModelUnavailable` or `Cancelled`. `path` may be a whole address of the same host."""
        return self._send("GET", path, watch)

    def delete(self, path: str) -> None:
        """Ask to drop something; whether that works is the server's affair."""
        self._send("DELETE", path, Watch(), refused_is_fine=True)

    def _send(self, method: str, path: str, watch: Watch, *, refused_is_fine: bool = False, **content: Any) -> Reply:
        url = self._url(path)
        watch.step(0.0, f"asking {self.name}")
        status, reply = run_cancellable(lambda: self._exchange(method, url, watch, content), watch)
        if status >= 300 and not refused_is_fine:
            raise _refused(url, status, reply.data)
        return reply

    def _exchange(self, method: str, url: str, watch: Watch, content: Mapping[str, Any]) -> tuple[int, Reply]:
        import httpx2

        headers = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        timeout = httpx2.Timeout(self.timeout, connect=min(CONNECT, self.timeout))
        body = bytearray()
        try:
            with (
                httpx2.Client(timeout=timeout) as client,
                client.stream(method, url, headers=headers, **content) as response,
            ):
                for chunk in response.iter_bytes():
                    watch.check()
                    body += chunk
                    if len(body) > LARGEST:
                        raise garbage(url, f"more than {LARGEST // 2**20} MB")
        except httpx2.TimeoutException as error:
            cure = "Wait until it is less busy, or raise `timeout`."
            raise ModelUnavailable(f"{url} did not answer within {self.timeout:g} s.", cure) from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise ModelUnavailable(f"{url} cannot be reached: {error}.", "Is the server running there?") from error
        mime = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return response.status_code, Reply(bytes(body), mime)

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
        f"{who} answered with something else than was asked for ({what}).", "Check that it serves this kind of model."
    )


def _refused(url: str, status: int, body: bytes) -> ModelUnavailable:
    """The server's own words, where it gives some."""
    try:
        said = loads(body)
        said = said.get("error", said.get("detail", "")) if isinstance(said, dict) else ""
        said = said.get("message", "") if isinstance(said, dict) else said
    except (JSONDecodeError, UnicodeDecodeError):
        said = ""
    cures = {
        401: "Check `api_key`.",
        403: "Check `api_key`.",
        404: "Check `base_url` and `model`; this server may not serve this kind of model.",
        429: "It is busy: try again later.",
    }
    cure = cures.get(status, "Try again later." if status >= 500 else "Change the request.")
    return ModelUnavailable(f"{url} answered {status}{f': {str(said)[:300]}' if said else ''}.", cure)
