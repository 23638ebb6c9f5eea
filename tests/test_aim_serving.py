"""What is sent to a server, what it refuses, and the way without a server. Real servers: `tests/vllm`."""

import base64
import io
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import aim_lab
import pytest
import torch
from aim_endpoint import Endpoint, listening
from safetensors.torch import save_file

from common.errors import ModelUnavailable, UserError
from experiments.aim_lab import arms, model, table
from generators.aim import local, parts
from generators.aim.backbone import Backbone
from generators.aim.data import Document
from generators.aim.fuser import Fuser
from generators.aim.lab import MODEL, PROJECTOR
from generators.aim.serving import Server


@pytest.fixture
def server() -> Iterator[Server]:
    with listening(str(MODEL)) as url:
        yield Server(url, "lab", timeout=5)


@pytest.fixture(scope="module")
def fuser() -> Fuser:
    return aim_lab.fuser()


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return aim_lab.documents()


def rows_of(part: dict[str, Any]) -> torch.Tensor:
    found: torch.Tensor = torch.load(io.BytesIO(base64.b64decode(part["data"])), weights_only=True)
    return found


def test_one_request_holds_system_history_demonstrations_picture_and_question_in_order(server, fuser, documents):
    document, history = documents[0], [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    fused = fuser.fuse(document.demonstrations)
    asked = server.prepare(
        document.demonstrations, fused, fuser, document.asked.image, "which?", system="be brief", history=history
    )
    assert "".join(server.stream(asked.messages)) == " apple"
    [body] = Endpoint.bodies
    assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "user"]
    first, picture, question = body["messages"][-1]["content"]
    assert torch.equal(rows_of(first), torch.cat(fused))
    assert picture["type"] == "image_url"
    assert question == {"type": "text", "text": "which?"}
    assert body["stream"]


def test_a_separator_stands_between_two_as_in_training(fuser):
    from dataclasses import replace

    meta = replace(fuser.projector.meta, separator="one two")
    spaced = Fuser(fuser.model, fuser.processor, fuser.adapter, replace(fuser.projector, meta=meta))
    first, second = torch.ones(2, meta.width), torch.zeros(1, meta.width)
    ids = fuser.processor.tokenizer("one two", add_special_tokens=False)["input_ids"]
    gap = fuser.model.get_input_embeddings()(torch.tensor(ids))
    assert len(ids) >= 2
    torch.testing.assert_close(spaced.joined([first, second]), torch.cat([first, gap, second]))


def test_another_model_behind_the_server_means_raw_pictures_and_a_word_about_it(server, fuser, documents, tmp_path):
    save_file({"other": torch.ones(3)}, tmp_path / "model.safetensors")
    Endpoint.root = str(tmp_path)
    document = documents[0]
    asked = server.prepare(
        document.demonstrations, fuser.fuse(document.demonstrations), fuser, document.asked.image, "which?"
    )
    assert asked.way == "raw"
    assert "not what is served" in asked.note
    kinds = [part["type"] for part in asked.messages[-1]["content"]]
    assert kinds == ["image_url", "text"] * 9
    with pytest.raises(ModelUnavailable, match="does not serve 'other'"):
        Server(server.url, "other").misfit(fuser)


def test_a_vocabulary_without_a_row_to_spare_means_raw_pictures_and_a_word_about_it(server, fuser, documents):
    full = deepcopy(fuser.processor)
    rows = fuser.model.get_input_embeddings().num_embeddings
    full.tokenizer.add_tokens([f"word{i}" for i in range(rows - len(full.tokenizer))])
    crowded = Fuser(fuser.model, full, fuser.adapter, fuser.projector)
    shown, asked = documents[0].demonstrations, documents[0].asked
    prepared = server.prepare(shown, fuser.fuse(shown), crowded, asked.image, asked.question)
    assert prepared.way == "raw"
    assert "no row to spare" in prepared.note


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (torch.zeros(2, model.WIDTH + 1), "not some rows of"),
        (torch.zeros(model.WIDTH), "not some rows of"),
        (torch.zeros(0, model.WIDTH), "not some rows of"),
        (torch.zeros(2, model.WIDTH, dtype=torch.long), "int64"),
        (torch.full((2, model.WIDTH), float("nan")), "not finite"),
    ],
)
def test_rows_that_would_be_misread_are_not_sent(rows, reason):
    with pytest.raises(UserError, match=reason):
        parts.fused_part(rows, model.WIDTH)


@pytest.mark.parametrize(
    ("refusal", "cure"),
    [
        ("You must set `--enable-prompt-embeds` to input `prompt_embeds`", "Start the server with"),
        ("`prompt_embeds` hidden_size 128 does not match the model's hidden_size 64.", "serve that one"),
        ("Token id 400 is out of vocabulary", "no row to spare"),
        ("At most 1 image(s) may be provided in one prompt.", "limit-mm-per-prompt"),
    ],
)
def test_what_a_server_refuses_comes_with_its_cure(server, documents, refusal, cure):
    Endpoint.refusal = refusal
    with pytest.raises(UserError, match=cure):
        list(server.stream(parts.messages([], documents[0].asked.image, "")))


def test_no_server_is_said_so(documents):
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        list(Server("http://127.0.0.1:9/v1", "lab", timeout=2).stream(parts.messages([], documents[0].asked.image, "")))


def test_in_process_the_answer_is_that_of_the_whole_way(fuser, documents):
    backbone, right = Backbone(MODEL), 0
    used = table.fusing(backbone, PROJECTOR)
    for document in documents:
        said = local.answer(backbone, fuser, fuser.fuse(document.demonstrations), document.asked)
        with torch.inference_mode():
            best = int(arms.ask(backbone, [document], "aim", used).scores[0].argmax())
        assert said == backbone.processor.tokenizer.decode([best])
        right += said == document.asked.text
    assert right >= 0.8 * len(documents)
