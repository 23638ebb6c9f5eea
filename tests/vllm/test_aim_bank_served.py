"""Asking a real vLLM server after demonstrations from a bank: the answers of this process, or a clear refusal."""

import os
from collections.abc import Iterator

import aim_lab
import pytest

from common.errors import UserError
from evals.aim import vllm
from generators.aim import local
from generators.aim.backbone import Backbone
from generators.aim.bank import Bank
from generators.aim.data import Document
from generators.aim.fuser import Fuser
from generators.aim.lab import MODEL
from generators.aim.parts import messages
from generators.aim.serving import Server

HISTORY = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "yes"}]


def running(*flags: str) -> Iterator[Server]:
    if not os.environ.get("TRIPTYCH_VLLM_PYTHON"):
        pytest.skip("run make test-vllm")
    with vllm.serving(MODEL, "lab", *vllm.LAB, *flags) as url:
        yield Server(url, "lab")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    yield from running("--enable-prompt-embeds")


@pytest.fixture(scope="module")
def plain_server() -> Iterator[Server]:
    yield from running()


@pytest.fixture(scope="module")
def fuser() -> Fuser:
    return aim_lab.fuser()


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return aim_lab.documents()


@pytest.mark.vllm
def test_fused_from_a_bank_it_answers_as_in_this_process(server, fuser, documents, tmp_path):
    backbone, bank, same, right = Backbone(MODEL), Bank(tmp_path), 0, 0
    for number, document in enumerate(documents):
        fused = bank.fused(fuser, bank.add(f"set {number}", document.demonstrations))
        asked = document.asked
        prepared = server.prepare(document.demonstrations, fused, fuser, asked.image, asked.question)
        assert (prepared.way, prepared.note) == ("fused", "")
        said = "".join(server.stream(prepared.messages, 4)).strip()
        same += said == local.answer(backbone, fuser, fused, asked, 4)
        right += said == asked.text
    assert same == len(documents)
    assert right >= 0.8 * len(documents)


@pytest.mark.vllm
def test_without_a_projector_they_are_shown_raw_and_it_says_so(server, fuser, documents):
    right = 0
    for document in documents:
        asked = document.asked
        prepared = server.prepare(document.demonstrations, [], None, asked.image, asked.question)
        assert prepared.way == "raw"
        assert "no projector" in prepared.note
        right += "".join(server.stream(prepared.messages, 4)).strip() == asked.text
    assert right >= 0.8 * len(documents)
    fused = server.prepare(document.demonstrations, fuser.fuse(document.demonstrations), fuser, asked.image, "")
    assert server.tokens(fused.messages) < server.tokens(prepared.messages) / 2


@pytest.mark.vllm
def test_system_prompt_and_history_go_along(server, fuser, documents):
    document = documents[0]
    fused = fuser.fuse(document.demonstrations)
    ask = (document.demonstrations, fused, fuser, document.asked.image, document.asked.question)
    alone = server.prepare(*ask)
    longer = server.prepare(*ask, system="say one word", history=HISTORY)
    assert server.tokens(longer.messages) > server.tokens(alone.messages)
    assert "".join(server.stream(longer.messages, 4))


@pytest.mark.vllm
def test_a_server_without_prompt_embeds_says_how_to_start_it(plain_server, fuser, documents):
    document = documents[0]
    fused = fuser.fuse(document.demonstrations)
    prepared = plain_server.prepare(document.demonstrations, fused, fuser, document.asked.image, "")
    with pytest.raises(UserError, match=r"Start the server with: .*--enable-prompt-embeds"):
        list(plain_server.stream(prepared.messages, 4))


@pytest.mark.vllm
def test_too_many_pictures_says_so(server, documents):
    shown = documents[0].demonstrations * 3
    asked = server.prepare(shown, [], None, shown[0].image, "")
    with pytest.raises(UserError, match="limit-mm-per-prompt"):
        list(server.stream(asked.messages, 4))
    assert "".join(server.stream(messages([], shown[0].image, "what is this"), 4))
