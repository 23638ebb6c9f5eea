"""MiniLM: the vectors are those of the published model, however texts are batched and whatever numbers it counts in."""

from pathlib import Path

import numpy as np
import pytest

from common.errors import UserError
from retrievers.embedders import minilm

TEXTS = [
    "The moon has no atmosphere.",
    "A year on Mercury lasts 88 days. " * 12,
    "Revenue grew by 12% in the third quarter of 2022.",
    "",
    "word " * 600,  # cut at 256 tokens
]


@pytest.fixture(scope="module")
def published() -> np.ndarray:
    """Mean of the last states, text by text, in float32."""
    import torch
    from transformers import AutoTokenizer, BertModel

    folder = minilm.weights_path()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = BertModel.from_pretrained(folder, add_pooling_layer=False, dtype=torch.float32)
    rows = []
    for text in TEXTS:
        with torch.inference_mode():
            cut = tokenizer(text, truncation=True, max_length=256, return_tensors="pt")
            rows.append(torch.nn.functional.normalize(model(**cut).last_hidden_state.mean(1), dim=-1)[0].numpy())
    return np.array(rows)


@pytest.mark.parametrize(("bfloat16", "least"), [(False, 0.999999), (True, 0.9995)])
def test_vectors_are_the_published_models(
    published: np.ndarray, bfloat16: bool, least: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(minilm, "multiplies_bfloat16", lambda: bfloat16)
    embedder = minilm.MiniLM()
    vectors = embedder.embed_texts(TEXTS)
    assert vectors.dtype == np.float32 and vectors.shape == (len(TEXTS), embedder.info.spec.dim)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert (vectors * published).sum(1).min() > least
    assert np.dot(embedder.embed_query(TEXTS[0]), vectors[0]) > least


def test_nothing_to_embed() -> None:
    assert minilm.MiniLM().embed_texts([]).shape == (0, 384)


def test_other_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = minilm.weights_path()
    for name in ("tokenizer.json", "config.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"other")
    monkeypatch.setattr(minilm, "weights_path", lambda: tmp_path)
    with pytest.raises(UserError, match="are not all-MiniLM-L6-v2"):
        minilm.MiniLM().embed_query("moon")
