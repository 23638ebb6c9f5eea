"""Text to video at an OpenAI-compatible `/v1/videos`: a job that is started, asked after and fetched."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from time import monotonic, sleep
from typing import Any, ClassVar

from common.errors import ModelUnavailable
from generators.core.base import NOTHING, Cancelled, Info, Medium, Watch, read_options, text_of
from generators.core.served import Served, garbage

MIMES = ((4, b"ftyp", "video/mp4"), (0, b"\x1aE\xdf\xa3", "video/webm"))
LOOK = 0.1  # seconds between two looks at the watch


@dataclass(frozen=True, slots=True)
class Options:
    """`size` such as "1280x720" and `seconds`; empty and 0 for the server's own."""

    size: str = ""
    seconds: int = 0


class ServedFilm(Served):
    """Settings beyond those of every endpoint: `poll`, seconds between questions; `patience`, seconds for the whole."""

    info: ClassVar[Info] = Info(
        name="film-served",
        source="text",
        target="video",
        form="film",
        summary="Makes a video from words with a model behind /v1/videos.",
        cost=180.0,
        quality=5,
        licence="the model's",
        needs="an endpoint",
        needs_network=True,
    )
    Options: ClassVar[type] = Options

    def __init__(
        self,
        base_url: str = "",
        model: str = "",
        api_key: str = "",
        timeout: float = 120.0,
        poll: float = 2.0,
        patience: float = 1800.0,
    ) -> None:
        super().__init__(base_url, model, api_key, timeout)
        self._poll, self._patience = poll, patience

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """Raises `NotConfigured`, `ModelUnavailable` or `Cancelled`; a cancelled job is deleted on the server too."""
        self.check()
        chosen, watch = read_options(Options, options, self.info.name), watch or Watch()
        prompt = text_of(source, request)
        fields = self._endpoint.with_model(
            {"prompt": prompt, "size": chosen.size, "seconds": str(chosen.seconds or "")}
        )
        job = self._endpoint.post("videos", Watch(), fields, {})
        number = job.json(self._endpoint.base_url).get("id")
        if not isinstance(number, str) or not number:
            raise garbage(self._endpoint.base_url, "no job")
        try:
            self._wait(number, watch)
            data = self._endpoint.get(f"videos/{number}/content", watch.part(0.95, 1.0)).data
        except Cancelled:
            self._endpoint.delete(f"videos/{number}")
            raise
        mime = next((mime for at, mark, mime in MIMES if data[at : at + len(mark)] == mark), "")
        if not mime:
            raise garbage(self._endpoint.base_url, "bytes that are no video")
        facts = {"converter": self.info.name, "model": self._endpoint.model, "prompt": prompt} | asdict(chosen)
        return Medium("video", text=prompt, data=data, mime=mime, facts=facts)

    def _wait(self, number: str, watch: Watch) -> None:
        """Until the job is done."""
        end = monotonic() + self._patience
        while monotonic() < end:
            state = self._endpoint.get(f"videos/{number}", Watch()).json(self._endpoint.base_url)
            match state.get("status"):
                case "completed":
                    return
                case "failed" | "cancelled" | "expired":
                    said = state.get("error")
                    reason = said.get("message") if isinstance(said, dict) else said
                    raise ModelUnavailable(f"The video could not be made: {reason or 'no reason given'}.", "Try again.")
            progress = state.get("progress")
            share = 0.95 * progress / 100 if isinstance(progress, int | float) else 0.0
            asked = monotonic()
            while monotonic() < asked + self._poll:
                watch.step(share, "filming")
                sleep(min(LOOK, self._poll))
        raise ModelUnavailable(f"The video was not ready after {self._patience:g} s.", "Ask for a shorter one.")
