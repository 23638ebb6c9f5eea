"""The judgement of a served model is that of the same model in this process, on the prompt as its template has it."""

import math
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from PIL import Image

from agent import Agent, Evidence, Settings, models
from agent.inputs.page_images import image_part, png
from agent.models import hf

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(400)]
SAID = ("hello", "the moon", "Say True")
TOLERANCE = 1e-3


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> hf.LocalModel:
    """The model that is served, made again: its weights are seeded."""
    import tiny_models

    return hf.load(f"hf:{tiny_models.write(tmp_path_factory.mktemp('tiny'))}", Settings())


@pytest.mark.parametrize("said", SAID)
def test_it_is_what_transformers_computes(served: str, local: hf.LocalModel, said: str) -> None:
    import torch

    tokenizer = local.reader.tokenizer
    inputs = tokenizer(f"<|im_start|>user\n{said}<|im_end|>\n<|im_start|>assistant\n", return_tensors="pt")
    with torch.no_grad():
        probable = local.network(**inputs).logits[0, -1].softmax(-1)
    true, false = (sum(probable[tokenizer.convert_tokens_to_ids(one)].item() for one in word) for word in ("Tt", "Ff"))
    assert 0.05 < true / (true + false) < 0.95
    model: Any = models.load(Settings(model=served))
    assert model.p_true([HumanMessage(said)]) == pytest.approx(true / (true + false), abs=TOLERANCE)


def test_pictures_are_judged(served: str, local: hf.LocalModel) -> None:
    model: Any = models.load(Settings(model=served))
    chances = []
    for color in ("red", "blue"):
        picture = image_part(png(Image.new("RGB", (32, 32), color)))
        messages = [HumanMessage([{"type": "text", "text": "hello"}, picture])]
        chances.append(model.p_true(messages))
        assert chances[-1] == pytest.approx(local.p_true(messages), abs=TOLERANCE)
    assert not math.isclose(*chances, abs_tol=TOLERANCE)


def test_agent_judges_with_it(served: str, tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text("The lighthouse keeper is called Ottilie Brandt.\n")
    with Agent.from_corpus(
        tmp_path / "note.md", data_dir=tmp_path / "data", model=served, router="switch", judged=1
    ) as agent:
        *events, answer = agent.stream("What is the lighthouse keeper called?")
    hits = [hit for event in events if isinstance(event, Evidence) for hit in event.hits]
    told = [notice for notice in answer.notices if "found none that answers" in notice]
    assert all(0.5 <= hit.relevance <= 1.0 for hit in hits)
    assert bool(hits) != bool(told)
    assert not any("not judged" in notice for notice in answer.notices)
