"""Converters behind an endpoint, against a small real HTTP server in this process."""

import json
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any

import pytest
from converter_checks import picture, pixels_of, samples_of_wav, tone

from common.errors import ModelUnavailable
from generators.audio.speech_served import ServedSpeech
from generators.audio.transcript_served import ServedTranscript
from generators.core.base import Cancelled, CannotConvert, Medium, NotConfigured, Watch
from generators.core.served import Served
from generators.images.edit_served import ServedEdit
from generators.images.picture_served import ServedPicture
from generators.video.film_served import ServedFilm

SERVED: tuple[type[Served], ...] = (ServedPicture, ServedEdit, ServedFilm, ServedSpeech, ServedTranscript)
FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(64)
Answer = tuple[int, str, bytes]


@dataclass
class Asked:
    """One request the server got: fields of its JSON or form (files as bytes)."""

    method: str
    path: str
    key: str
    fields: dict[str, Any]


@dataclass
class Server:
    """Answers every request by `answer`, and remembers it."""

    answer: Callable[[Asked], Answer] = lambda _asked: (404, "application/json", b"{}")
    asked: list[Asked] = field(default_factory=list)
    url: str = ""


def form_of(content_type: str, body: bytes) -> dict[str, Any]:
    message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    fields: dict[str, Any] = {}
    for part in message.get_payload():
        assert not isinstance(part, str)
        data = part.get_payload(decode=True)
        name = part.get_param("name", header="content-disposition")
        fields[str(name)] = data if part.get_filename() else bytes(data).decode()
    return fields


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            kind = self.headers.get("content-type", "")
            fields = form_of(kind, body) if "multipart" in kind else json.loads(body or b"{}")
            asked = Asked(self.command, self.path, self.headers.get("authorization", ""), fields)
            state.asked.append(asked)
            status, mime, data = state.answer(asked)
            with suppress(BrokenPipeError, ConnectionResetError):  # the client may have given up
                self.send_response(status)
                self.send_header("content-type", mime)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        do_GET = do_POST = do_DELETE = handle_any  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    state.url = f"http://127.0.0.1:{http.server_port}/v1"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield state
    http.shutdown()
    thread.join()
    http.server_close()


def as_json(value: Any, status: int = 200) -> Answer:
    return status, "application/json", json.dumps(value).encode()


def inline(_asked: Asked) -> Answer:
    return as_json({"data": [{"b64_json": b64encode(picture()).decode()}]})


def source_for(kind: type[Served]) -> Medium:
    data = {"audio": tone(0.2), "image": picture()}.get(kind.info.source, b"")
    return Medium(kind.info.source, text="a red moon", data=data)


def test_a_picture_from_words(server: Server) -> None:
    server.answer = inline
    maker = ServedPicture(server.url, model="painter", api_key="secret")
    made = maker.convert(Medium.of_text("a red moon"), "", {"size": "64x48", "seed": 7})
    assert pixels_of(made.data).shape == (48, 64, 3)
    (asked,) = server.asked
    assert (asked.path, asked.key) == ("/v1/images/generations", "Bearer secret")
    expected = {"model": "painter", "prompt": "a red moon", "n": 1, "size": "64x48", "seed": 7}
    assert asked.fields == expected | {"response_format": "b64_json"}
    with pytest.raises(CannotConvert, match="size"):
        maker.convert(Medium.of_text("a red moon"), "", {"size": "huge"})


def test_a_picture_behind_a_link_of_the_same_host(server: Server) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.method == "GET":
            return 200, "image/png", picture()
        return as_json({"data": [{"url": server.url.replace("/v1", "/files/1.png")}]})

    server.answer = answer
    assert pixels_of(ServedPicture(server.url).convert(Medium.of_text("a moon")).data).shape == (48, 64, 3)
    assert server.asked[-1].path == "/files/1.png"


def test_a_link_elsewhere_is_not_followed(server: Server) -> None:
    server.answer = lambda _asked: as_json({"data": [{"url": "http://169.254.169.254/secret"}]})
    with pytest.raises(ModelUnavailable, match="not followed"):
        ServedPicture(server.url).convert(Medium.of_text("a moon"))


def test_a_picture_is_changed(server: Server) -> None:
    server.answer = inline
    before = picture()
    made = ServedEdit(server.url).convert(Medium("image", data=before), "make it red")
    pixels_of(made.data)
    (asked,) = server.asked
    assert asked.path == "/v1/images/edits"
    assert asked.fields["prompt"] == "make it red"
    assert (pixels_of(asked.fields["image"]) == pixels_of(before)).all()


def test_speech_in_pieces(server: Server) -> None:
    server.answer = lambda _asked: (200, "audio/wav", tone(0.5, 24_000))
    text = "Mars has **two** moons [1]. " * 500
    made = ServedSpeech(server.url, model="speaker").convert(Medium.of_text(text), "", {"voice": "nova", "speed": 1.5})
    samples, rate = samples_of_wav(made.data)
    assert len(server.asked) == 3
    assert (len(samples), rate) == (3 * 12_000, 24_000)
    first = server.asked[0]
    assert first.path == "/v1/audio/speech"
    assert first.fields["input"].startswith("Mars has two moons. ")
    assert (first.fields["voice"], first.fields["speed"], first.fields["response_format"]) == ("nova", 1.5, "wav")
    assert max(len(asked.fields["input"]) for asked in server.asked) <= 4096


def test_transcript(server: Server) -> None:
    server.answer = lambda _asked: as_json({"text": " Mars has two moons. "})
    made = ServedTranscript(server.url, model="listener").convert(Medium("audio", data=tone(2)), "", {"language": "en"})
    assert made.text == "Mars has two moons."
    (asked,) = server.asked
    assert (asked.path, asked.fields["model"], asked.fields["language"]) == (
        "/v1/audio/transcriptions",
        "listener",
        "en",
    )
    assert len(samples_of_wav(asked.fields["file"])[0]) == 32_000


def test_corrupt_sound_is_refused_before_it_is_sent(server: Server) -> None:
    with pytest.raises(CannotConvert, match="cannot be read"):
        ServedTranscript(server.url).convert(Medium("audio", data=b"RIFF no sound"))
    assert not server.asked


def test_a_film_is_waited_for(server: Server) -> None:
    states = iter([{"status": "queued"}, {"status": "in_progress", "progress": 50}, {"status": "completed"}])

    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            return as_json({"id": "video_1", "status": "queued"})
        if asked.path.endswith("/content"):
            return 200, "video/mp4", FILM
        return as_json(next(states))

    server.answer = answer
    shares: list[float] = []
    maker = ServedFilm(server.url, poll=0.02)
    made = maker.convert(
        Medium.of_text("the moon rises"), "", {"seconds": 4}, Watch(lambda share, _: shares.append(share))
    )
    assert (made.data, made.mime) == (FILM, "video/mp4")
    assert server.asked[0].fields == {"prompt": "the moon rises", "seconds": "4"}
    assert 0.95 * 0.5 in shares


def test_a_film_that_fails_says_why(server: Server) -> None:
    failed = {"id": "video_1", "status": "failed", "error": {"message": "no moons allowed"}}
    server.answer = lambda _asked: as_json(failed)
    with pytest.raises(ModelUnavailable, match="no moons allowed"):
        ServedFilm(server.url, poll=0.02).convert(Medium.of_text("the moon rises"))


def test_a_film_that_takes_too_long_is_given_up(server: Server) -> None:
    server.answer = lambda _asked: as_json({"id": "video_1", "status": "queued"})
    with pytest.raises(ModelUnavailable, match="not ready"):
        ServedFilm(server.url, poll=0.02, patience=0.1).convert(Medium.of_text("the moon rises"))


def test_a_cancelled_film_is_deleted(server: Server) -> None:
    server.answer = lambda _asked: as_json({"id": "video_1", "status": "queued"})
    stop = Event()
    watch = Watch(lambda *_: stop.set(), stop)  # as it begins to wait, for longer than a test may take
    with pytest.raises(Cancelled):
        ServedFilm(server.url, poll=1000).convert(Medium.of_text("the moon rises"), watch=watch)
    assert (server.asked[-1].method, server.asked[-1].path) == ("DELETE", "/v1/videos/video_1")


def test_nobody_waits_for_an_answer_that_is_not_wanted_any_more(server: Server) -> None:
    stop, left, answered = Event(), Event(), Event()

    def late(asked: Asked) -> Answer:
        stop.set()
        left.wait(60)
        answered.set()
        return inline(asked)

    server.answer = late
    with pytest.raises(Cancelled):
        ServedPicture(server.url).convert(Medium.of_text("a moon"), watch=Watch(stop=stop))
    assert not answered.is_set()
    left.set()


@pytest.mark.parametrize("kind", SERVED, ids=lambda kind: kind.info.name)
class TestTrouble:
    """Every served converter, when its endpoint is not as it should be."""

    def convert(self, kind: type[Served], url: str, timeout: float = 60.0) -> Medium:
        made: Medium = kind(url, timeout=timeout).convert(source_for(kind), "a red moon")  # type: ignore[attr-defined]
        return made

    def test_no_address(self, kind: type[Served]) -> None:
        with pytest.raises(NotConfigured, match=r"base_url"):
            self.convert(kind, "")
        with pytest.raises(NotConfigured, match="no web address"):
            self.convert(kind, "localhost")

    def test_down(self, kind: type[Served]) -> None:
        with pytest.raises(ModelUnavailable, match="cannot be reached"):
            self.convert(kind, "http://127.0.0.1:9/v1")

    def test_slow(self, kind: type[Served], server: Server) -> None:
        left = Event()

        def late(asked: Asked) -> Answer:
            left.wait(60)
            return inline(asked)

        server.answer = late
        with pytest.raises(ModelUnavailable, match=r"within 0\.1 s"):
            self.convert(kind, server.url, timeout=0.1)
        left.set()

    @pytest.mark.parametrize("body", [b"<html>hello</html>", b"[]", b"{}", b'{"data": [{"b64_json": "bm90"}]}', b""])
    def test_garbage(self, kind: type[Served], server: Server, body: bytes) -> None:
        server.answer = lambda _asked: (200, "text/html", body)
        with pytest.raises(ModelUnavailable, match="something else"):
            self.convert(kind, server.url)

    def test_refused(self, kind: type[Served], server: Server) -> None:
        server.answer = lambda _asked: as_json({"error": {"message": "wrong key"}}, 401)
        with pytest.raises(ModelUnavailable, match="wrong key") as caught:
            self.convert(kind, server.url)
        assert "api_key" in caught.value.command

    def test_cancelled(self, kind: type[Served], server: Server) -> None:
        stop = Event()
        stop.set()
        maker: Any = kind(server.url)
        server.answer = lambda _asked: as_json({"id": "video_1", "status": "queued"})
        with pytest.raises(Cancelled):
            maker.convert(source_for(kind), "a red moon", watch=Watch(stop=stop))
