"""`/v1/audio/transcriptions` and `/v1/audio/speech`, where something here hears or speaks."""

import io
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Form, UploadFile
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ui.api.asking import Door
from ui.api.errors import ApiError

TYPES = {"wav": "audio/wav", "mp3": "audio/mpeg", "flac": "audio/flac", "opus": "audio/ogg", "pcm": "audio/pcm"}
FORMS: dict[str, dict[str, str]] = {  # as soundfile names them
    "mp3": {"format": "MP3"},
    "flac": {"format": "FLAC"},
    "opus": {"format": "OGG", "subtype": "OPUS"},
    "pcm": {"format": "RAW", "subtype": "PCM_16"},
}
RATE = 24_000  # samples a second: what clients take `pcm` to have, and the nearest that Opus can have


class SpeechRequest(BaseModel):
    """`model`, `voice`, `speed` and `instructions` are taken and do nothing: the settings say who speaks."""

    input: str = Field(min_length=1, max_length=100_000)
    model: str = ""
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = "mp3"


class Audio:
    def __init__(self, door: Door) -> None:
        self.door = door

    def stand_in(self, api: FastAPI) -> None:
        api.post("/audio/transcriptions", response_model=None)(self.transcribe)
        api.post("/audio/speech", response_model=None)(self.speak)

    async def transcribe(
        self,
        file: UploadFile,
        model: Annotated[str, Form()] = "",
        response_format: Annotated[str, Form()] = "json",
        stream: Annotated[bool, Form()] = False,
    ) -> Response:
        """What a recording says. `model` is taken and does nothing."""
        if response_format not in ("json", "text") or stream:
            message = "A transcript comes whole, as json or text."
            param = "stream" if stream else "response_format"
            raise ApiError(message, param=param, code="unsupported_value")
        settings = self.door.agent.settings
        if (file.size or 0) > settings.max_upload_mb * 1024 * 1024:
            raise ApiError(f"A recording may have {settings.max_upload_mb} MB.", status=413, param="file")
        async with self.door.places:
            text = await run_in_threadpool(self.door.agent.transcribe, await file.read())
        return PlainTextResponse(text) if response_format == "text" else JSONResponse({"text": text})

    async def speak(self, body: SpeechRequest) -> Response:
        if body.response_format not in TYPES:
            message = f"Speech is not made as {body.response_format}."
            raise ApiError(message, param="response_format", code="unsupported_value")
        async with self.door.places:
            data = await run_in_threadpool(self._spoken, body.input, body.response_format)
        return Response(data, media_type=TYPES[body.response_format])

    def _spoken(self, text: str, form: str) -> bytes:
        wav = self.door.agent.speak(text).bytes()
        return wav if form == "wav" else _written(wav, FORMS[form])


def _written(wav: bytes, form: dict[str, Any]) -> bytes:
    import soundfile

    from generators.audio.sound import resampled, samples_of

    samples, rate = samples_of(wav)
    buffer = io.BytesIO()
    soundfile.write(buffer, resampled(samples, rate, RATE), RATE, **form)
    return buffer.getvalue()
