"""Documents and sound through `/v1` by OpenAI's own client: uploaded, read, polled, reported on, searched, removed."""

import io
import json

import httpx
import openai
import pytest
import soundfile
from converter_checks import tone
from docx import Document
from reportlab.pdfgen.canvas import Canvas
from test_agent_as_part import picture
from test_listening import SAID, listening  # noqa: F401 - a fixture
from web import KEY, SIGNED_IN

SETTINGS = {"api_key": KEY, "max_upload_mb": 1}


def pdf(*pages: str) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for text in pages:
        canvas.drawString(72, 700, text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def docx(text: str) -> bytes:
    document, buffer = Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(buffer)
    return buffer.getvalue()


LANTERN = pdf("Handbook of the harbour", "The lantern weighs 17 kg.")
FERRY = docx("The ferry Marigold carries 240 passengers.")
DOCUMENTS = [
    ("lantern.pdf", LANTERN, "How much does the lantern weigh?", "17 kg", 2),
    ("ferry.docx", FERRY, "How many passengers does the ferry Marigold carry?", "240", 1),
]


@pytest.mark.parametrize(("name", "data", "question", "answer", "page"), DOCUMENTS, ids=["pdf", "docx"])
def test_a_file_is_uploaded_read_asked_about_and_removed(client, name, data, question, answer, page):
    store = client.vector_stores.create(name=f"harbour-{name.partition('.')[0]}")
    read = client.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=(name, data))
    assert (read.status, read.last_error, read.vector_store_id) == ("completed", None, store.id)
    assert read.attributes["filename"] == name
    assert client.files.content(read.id).read() == data
    assert client.vector_stores.retrieve(store.id).file_counts.completed == 1

    done = client.chat.completions.create(model=store.id, messages=[{"role": "user", "content": question}])
    assert answer in done.choices[0].message.content
    [found] = [one for one in client.vector_stores.search(store.id, query=question) if one.file_id == read.id][:1]
    assert answer in found.content[0].text
    assert found.attributes["page"] == page
    assert 0 <= found.attributes["x0"] < found.attributes["x1"] <= 1
    searched = client.responses.create(model=store.id, input=question).output[0]
    assert searched.results[0].file_id == read.id

    report = client.get(f"/vector_stores/{store.id}/files/{read.id}/report", cast_to=httpx.Response).json()["data"]
    assert [one["page"] for one in report] == list(range(1, int(read.attributes["pages"]) + 1))
    assert all(one["read"] and one["elements"] for one in report)

    assert client.vector_stores.files.delete(read.id, vector_store_id=store.id).deleted
    assert list(client.vector_stores.files.list(store.id)) == []
    with pytest.raises(openai.NotFoundError):
        client.vector_stores.files.retrieve(read.id, vector_store_id=store.id)
    assert client.vector_stores.delete(store.id).deleted
    assert store.id not in [one.id for one in client.vector_stores.list()]
    assert client.files.delete(read.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(read.id)


def test_a_file_that_cannot_be_read_fails_with_its_reason(client):
    broken = client.files.create(file=("broken.pdf", b"%PDF-1.7 and nothing"), purpose="user_data")
    assert (broken.filename, broken.bytes, broken.purpose) == ("broken.pdf", 20, "user_data")
    read = client.vector_stores.files.create_and_poll(broken.id, vector_store_id="test")
    assert read.status == "failed"
    assert read.last_error.code == "invalid_file"
    assert "broken.pdf" in read.last_error.message
    assert client.vector_stores.retrieve("test").file_counts.failed == 1
    client.files.delete(broken.id)
    assert client.vector_stores.retrieve("test").file_counts.failed == 0, "it is gone from the corpus as well"


def test_the_same_file_is_one_and_one_of_the_same_name_is_another(client):
    first, again = (client.files.create(file=("a.txt", b"The key is blue."), purpose="user_data") for _ in range(2))
    other = client.files.create(file=("a.txt", b"The key is red."), purpose="user_data")
    assert first.id == again.id != other.id
    assert {first.id, other.id} <= {file.id for file in client.files.list()}
    for file in (first, other):
        assert client.vector_stores.files.create_and_poll(file.id, vector_store_id="test").status == "completed"

    def asked(file: str) -> str:
        parts = [{"type": "text", "text": "Which colour is the key?"}, {"type": "file", "file": {"file_id": file}}]
        done = client.chat.completions.create(model="test", messages=[{"role": "user", "content": parts}])
        return done.choices[0].message.content

    assert ("blue" in asked(first.id), "red" in asked(other.id)) == (True, True)
    parts = [{"type": "input_text", "text": "Which colour is the key?"}, {"type": "input_file", "file_id": other.id}]
    assert "red" in client.responses.create(model="test", input=[{"role": "user", "content": parts}]).output_text
    for file in (first, other):
        client.files.delete(file.id)
    with pytest.raises(openai.BadRequestError) as caught:
        asked(first.id)
    assert (caught.value.param, caught.value.code) == ("file_id", "not_found")


def test_documents_that_were_read_otherwise_are_there_too(client):
    files = {one.attributes["filename"]: one for one in client.vector_stores.files.list("test")}
    assert {"moons.md", "planets.md", "pump.txt"} <= files.keys()
    assert client.vector_stores.files.retrieve(files["pump.txt"].id, vector_store_id="test").status == "completed"


def test_a_picture_may_be_an_uploaded_file(client):
    file = client.files.create(file=("photo.png", picture("PNG")), purpose="vision")
    parts = [
        {"type": "input_text", "text": "How hot is Venus?"},
        {"type": "input_image", "file_id": file.id, "detail": "auto"},
    ]
    assert "464" in client.responses.create(model="test", input=[{"role": "user", "content": parts}]).output_text


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("program.exe", b"MZ", 400),
        ("noending", b"x", 400),
        ("large.txt", b"x" * (1024 * 1024 + 1), 400),
        ("larger.txt", b"x" * 8_000_000, 413),
        ("", b"x", 400),
        ("x" * 300 + ".txt", b"x", 400),
    ],
)
def test_what_is_not_taken_is_refused_and_nothing_is_kept(agent, address, name, data, status):
    folder = agent.settings.data_dir / "files"
    before = sorted(folder.rglob("*"))
    body = {"purpose": (None, "user_data"), "file": (name, data)}
    answer = httpx.post(f"{address}/v1/files", files=body, headers=SIGNED_IN)
    assert answer.status_code == status, answer.text
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("name", ["../../escaped.txt", "..\\..\\escaped.txt", "/etc/escaped.txt", "a\nb.txt", "..txt"])
def test_a_name_leads_nowhere_else(agent, client, name):
    file = client.files.create(file=(name, b"hello"), purpose="user_data")
    [path] = (agent.settings.data_dir / "files" / file.id).iterdir()
    assert path.read_bytes() == b"hello"
    assert not list(agent.settings.data_dir.parent.glob("escaped*"))
    client.files.delete(file.id)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/files/file-0", None, 404),
        ("GET", "/files/..%2f..%2fconversations", None, 404),
        ("GET", "/vector_stores/other", None, 404),
        ("DELETE", "/vector_stores/other", None, 404),
        ("DELETE", "/vector_stores/%2e%2e", None, 404),
        ("POST", "/vector_stores", {"name": "Not A Name"}, 400),
        ("POST", "/vector_stores", {"name": "test"}, 409),
        ("POST", "/vector_stores", {"name": "new", "file_ids": ["file-0"]}, 404),
        ("POST", "/vector_stores/test/files", {"file_id": "file-0"}, 404),
        ("GET", "/vector_stores/test/files/file-0", None, 404),
        ("DELETE", "/vector_stores/test/files/file-0", None, 404),
        ("POST", "/vector_stores/test/search", {"query": "x", "max_num_results": 0}, 400),
        ("POST", "/vector_stores/test/search", {"query": ""}, 400),
        ("POST", "/vector_stores/test/search", {"query": "x", "filters": {}}, 400),
        ("POST", "/audio/speech", {"input": "", "model": "x", "voice": "x"}, 400),
        ("POST", "/audio/speech", {"input": "x", "model": "x", "voice": "x", "response_format": "aac"}, 400),
        ("POST", "/audio/speech", {"input": "...", "model": "x", "voice": "x"}, 400),
    ],
)
def test_what_cannot_be_done_is_refused_in_openais_shape(address, method, path, body, status):
    headers = {**SIGNED_IN, "content-type": "application/json"}
    answer = httpx.request(method, f"{address}/v1{path}", content=json.dumps(body) if body else None, headers=headers)
    assert answer.status_code == status, answer.text
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def test_reading_never_hangs_on_one_that_raises(agent, client, monkeypatch):
    good = client.files.create(file=("good.txt", b"The gate is green."), purpose="user_data")
    real, told = agent.ingest, []

    def once(*arguments: object) -> object:
        told.append(arguments)
        if len(told) == 1:
            raise RuntimeError("a bug")
        return real(*arguments)

    monkeypatch.setattr(agent, "ingest", once)
    read = client.vector_stores.files.create_and_poll(good.id, vector_store_id="test")
    assert (read.status, read.last_error.code) == ("failed", "server_error")
    assert "a bug" not in read.last_error.message
    assert client.vector_stores.files.create_and_poll(good.id, vector_store_id="test").status == "completed"
    client.files.delete(good.id)


@pytest.mark.parametrize("form", ["wav", "mp3", "flac", "opus", "pcm"])
def test_speech_comes_in_the_form_that_is_asked_for(client, form):
    pytest.importorskip("espeakng_loader")
    said = client.audio.speech.create(
        model="any", voice="alloy", input="The pump weighs 38 kg.", response_format=form
    ).read()
    raw = {"samplerate": 24_000, "channels": 1, "format": "RAW", "subtype": "PCM_16"} if form == "pcm" else {}
    samples, rate = soundfile.read(io.BytesIO(said), **raw)
    assert 1 < len(samples) / rate < 10
    assert abs(samples).max() > 0.05


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("form", ["json", "text"])
def test_a_recording_is_written_down(client, form):
    done = client.audio.transcriptions.create(model="any", file=("question.wav", tone(1.0)), response_format=form)
    assert (done if form == "text" else done.text).strip() == SAID
    with pytest.raises(openai.BadRequestError) as caught:
        client.audio.transcriptions.create(model="any", file=("question.wav", tone(1.0)), response_format="srt")
    assert caught.value.param == "response_format"
    with pytest.raises(openai.BadRequestError):
        client.audio.transcriptions.create(model="any", file=("question.wav", b"no sound"))
