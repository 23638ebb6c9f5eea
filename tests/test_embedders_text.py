"""MiniLM and others: vectors are those of the published model, however texts are batched, in whatever numbers."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from common.errors import UserError
from retrievers import embedders
from retrievers.embedders import minilm, sentences
from retrievers.library import Library

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


def test_any_model_of_sentence_transformers_is_an_embedder(tmp_path: Path) -> None:
    """MiniLM's own folder, taken for a stranger's: the same vectors, found by name in a corpus of its own."""
    name = f"sentences:{minilm.weights_path()}"
    embedder, known = embedders.load(name), minilm.MiniLM()
    assert embedder.info.spec.dim == 384
    assert np.dot(embedder.embed_query(TEXTS[0]), known.embed_query(TEXTS[0])) > 0.9995
    assert embedder.scaled(0.5) == pytest.approx(0.5, abs=0.02)
    document = tmp_path / "moons.md"
    document.write_text("# Moons\n\nTitan has lakes of methane.\n")
    with Library(tmp_path, embedder=name).open("moons", create=True) as corpus:
        corpus.ingest([document])
        (hit, *_) = corpus.search("Which moon has lakes?")
    assert "methane" in hit.element.text


def test_another_scale_of_similarity_is_put_on_the_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some models never fall under .7: what was fitted to MiniLM must not take that for near."""
    shifted, known = sentences.SentenceEmbedder(str(minilm.weights_path())), minilm.MiniLM()
    encode = shifted._encoded

    def raised(role: str, texts: Sequence[str]) -> np.ndarray:
        rows = encode(role, texts) * 0.3**0.5
        return np.hstack([rows, np.full((len(texts), 1), 0.7**0.5, np.float32)])

    monkeypatch.setattr(shifted, "_encoded", raised)
    question, text = "What has no atmosphere?", TEXTS[2]
    unlike = float(raised("query", [question])[0] @ raised("document", [text])[0])
    assert unlike > 0.6
    assert shifted.scaled(unlike) == pytest.approx(float(np.dot(*known.embed_texts([question, text]))), abs=0.03)
    assert shifted.scaled(1.0) == pytest.approx(1.0, abs=0.03)


def test_what_is_no_model_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be loaded") as told:
        embedders.load(f"sentences:{tmp_path}")
    assert "sentence-transformers" in told.value.cure
