"""The lab model behind a real vLLM server: fused demonstrations beside an image, answers as transformers gives them."""

import base64
import io
import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from PIL.Image import Image

from evals.aim import vllm
from experiments.aim_lab import arms, episodes, glyphs, model, table
from generators.aim import projector
from generators.aim.backbone import Backbone, Fusing
from generators.aim.data import Document
from generators.aim.lab import MODEL, PROJECTOR

PROMPTS = 100


@pytest.fixture(scope="module")
def post() -> Iterator[Callable[[list[dict[str, Any]]], str]]:
    """Asks the served lab model: parts of a user message -> greedy answer."""
    if not os.environ.get("TRIPTYCH_VLLM_PYTHON"):
        pytest.skip("run make test-vllm")
    with vllm.serving(MODEL, "lab", *vllm.LAB, "--enable-prompt-embeds") as url:
        yield lambda parts: _answer(f"{url}/chat/completions", parts)


def _answer(url: str, parts: list[dict[str, Any]]) -> str:
    body = {"model": "lab", "messages": [{"role": "user", "content": parts}], "max_tokens": 4, "temperature": 0}
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as reply:
        return str(json.load(reply)["choices"][0]["message"]["content"]).strip()


def picture(image: Image) -> dict[str, Any]:
    file = io.BytesIO()
    image.save(file, "PNG")
    url = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    return {"type": "image_url", "image_url": {"url": url}}


def rows(fused: torch.Tensor) -> dict[str, Any]:
    file = io.BytesIO()
    torch.save(fused.contiguous().clone(), file)
    return {"type": "prompt_embeds", "data": base64.b64encode(file.getvalue()).decode()}


def question(document: Document) -> list[dict[str, Any]]:
    return [picture(document.asked.image), {"type": "text", "text": document.asked.question}]


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    torch.set_num_threads(1)  # the server has threads of its own
    return Backbone(MODEL)


@pytest.fixture(scope="module")
def used(backbone: Backbone) -> Fusing:
    return table.fusing(backbone, PROJECTOR)


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    pictures = episodes.from_glyphs(glyphs.make(seed=99, doodles=100, most_characters=0), takes=8)
    return episodes.evaluation(pictures, PROMPTS, 5)


def fused(backbone: Backbone, used: Fusing, document: Document) -> torch.Tensor:
    with torch.inference_mode():
        states, _ = backbone.states([document], used.layers, used.written.template)
        return projector.project(used.weight, states, used.scale)


def first_word(backbone: Backbone, used: Fusing, document: Document, arm: str) -> str:
    with torch.inference_mode():
        scores = arms.ask(backbone, [document], arm, used).scores
    return str(backbone.processor.tokenizer.decode([int(scores[0].argmax())]))


@pytest.mark.vllm
def test_fused_answers_are_those_of_transformers(post, backbone, used, documents):
    served = [post([rows(fused(backbone, used, document)), *question(document)]) for document in documents]
    ours = [first_word(backbone, used, document, "aim") for document in documents]
    assert sum(a == b for a, b in zip(served, ours, strict=True)) >= 0.99 * PROMPTS
    right = sum(a == document.asked.text for a, document in zip(served, documents, strict=True))
    assert right >= 0.8 * PROMPTS


@pytest.mark.vllm
def test_order_matters_only_as_the_model_makes_it(post, backbone, used, documents):
    turned = [replace(document, demonstrations=document.demonstrations[::-1]) for document in documents[:40]]
    for before, after in zip(documents, turned[:5], strict=False):
        torch.testing.assert_close(
            fused(backbone, used, after), fused(backbone, used, before).flip(0), rtol=1e-4, atol=1e-4
        )
    served = [post([rows(fused(backbone, used, document)), *question(document)]) for document in turned]
    assert sum(a == first_word(backbone, used, d, "aim") for a, d in zip(served, turned, strict=True)) >= 39


@pytest.mark.vllm
def test_raw_answers_are_those_of_transformers(post, backbone, used, documents):
    same = 0
    for document in documents:
        shown = [part for d in document.demonstrations for part in (picture(d.image), {"type": "text", "text": d.text})]
        same += post([*shown, *question(document)]) == first_word(backbone, used, document, "raw")
    assert same >= 0.99 * PROMPTS


@pytest.mark.vllm
def test_one_part_a_demonstration_or_one_for_all_is_the_same(post, backbone, used, documents):
    for document in documents[:20]:
        together = fused(backbone, used, document)
        apart = [rows(row[None]) for row in together]
        assert post([*apart, *question(document)]) == post([rows(together), *question(document)])


@pytest.mark.vllm
def test_swapped_images_change_the_answer(post, backbone, used, documents):
    changed = 0
    for document in documents[:40]:
        shown = document.demonstrations
        turned = tuple(replace(d, image=shown[(i + 1) % len(shown)].image) for i, d in enumerate(shown))
        told = replace(document, demonstrations=turned)
        before = post([rows(fused(backbone, used, document)), *question(document)])
        changed += before != post([rows(fused(backbone, used, told)), *question(document)])
    assert changed >= 30


@pytest.mark.vllm
@pytest.mark.parametrize("wrong", [torch.zeros(2, model.WIDTH + 1), torch.zeros(model.WIDTH), torch.zeros(2, 2, 2)])
def test_rows_of_a_wrong_shape_are_refused(post, documents, wrong):
    with pytest.raises(urllib.error.HTTPError) as refused:
        post([rows(wrong), *question(documents[0])])
    assert 400 <= refused.value.code < 500


@pytest.mark.vllm
def test_a_cached_prefix_is_not_reused_for_other_embeds(post, backbone, used, documents):
    """Prompts that differ in their embeds alone, long enough to fill blocks of the cache, which is on."""
    first, second = (fused(backbone, used, document).repeat(30, 1) for document in documents[:2])
    asked = question(documents[0])
    apart = [ask(post, rows(embeds), asked) for embeds in (first, second)]
    for _ in range(3):
        assert [ask(post, rows(embeds), asked) for embeds in (first, second)] == apart
    assert apart[0] != apart[1]


def ask(post: Callable[[list[dict[str, Any]]], str], part: dict[str, Any], asked: list[dict[str, Any]]) -> str:
    return post([part, *asked])
