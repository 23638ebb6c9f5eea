"""The encoder of BERT (Devlin et al., 2019, arXiv 1810.04805) on torch alone, for inference and for training without
dropout. Importing transformers' takes longer than all else that a question needs; its names of weights are kept.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Size:
    """By the names of a checkpoint's `config.json`."""

    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_attention_heads: int
    num_hidden_layers: int
    max_position_embeddings: int
    type_vocab_size: int
    layer_norm_eps: float


class Embeddings(nn.Module):
    """Ids of word pieces [B, T], all of the first type -> states [B, T, hidden]."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.word_embeddings = _table(size.vocab_size, size)
        self.position_embeddings = _table(size.max_position_embeddings, size)
        self.token_type_embeddings = _table(size.type_vocab_size, size)
        self.LayerNorm = nn.LayerNorm(size.hidden_size, size.layer_norm_eps)

    def forward(self, ids: Tensor) -> Tensor:
        states = self.word_embeddings(ids) + self.token_type_embeddings.weight[0]
        normed: Tensor = self.LayerNorm(states + self.position_embeddings.weight[: ids.shape[1]])
        return normed


def _table(rows: int, size: Size) -> nn.Embedding:
    """Of vectors to be loaded. Filled with random ones on no device, torch would import its compiler for it: 1.5 s."""
    vectors = torch.empty(rows, size.hidden_size)
    table: nn.Embedding = nn.Embedding.from_pretrained(vectors, freeze=False)  # type: ignore[no-untyped-call]
    return table


class Closing(nn.Module):
    """What a part of a layer ends with: mixed, added to the states it began with, normed."""

    def __init__(self, width: int, size: Size) -> None:
        super().__init__()
        self.dense = nn.Linear(width, size.hidden_size)
        self.LayerNorm = nn.LayerNorm(size.hidden_size, size.layer_norm_eps)

    def forward(self, found: Tensor, states: Tensor) -> Tensor:
        normed: Tensor = self.LayerNorm(self.dense(found) + states)
        return normed


class Attention(nn.Module):
    """States [B, T, hidden] -> the same. `mask` [B, 1, 1, T] says which tokens may be read; without one, all."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        width = size.hidden_size
        self.self = nn.ModuleDict({name: nn.Linear(width, width) for name in ("query", "key", "value")})
        self.output = Closing(width, size)
        self._heads = size.num_attention_heads

    def forward(self, states: Tensor, mask: Tensor | None) -> Tensor:
        query, key, value = (
            part(states).unflatten(-1, (self._heads, -1)).transpose(1, 2) for part in self.self.values()
        )  # each [B, heads, T, hidden / heads]
        read = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        closed: Tensor = self.output(read.transpose(1, 2).flatten(2), states)
        return closed


class Layer(nn.Module):
    """As `Attention`, and a step of each token by itself."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.attention = Attention(size)
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(size.hidden_size, size.intermediate_size)})
        self.output = Closing(size.intermediate_size, size)

    def forward(self, states: Tensor, mask: Tensor | None = None) -> Tensor:
        states = self.attention(states, mask)
        closed: Tensor = self.output(functional.gelu(self.intermediate["dense"](states)), states)
        return closed


class Encoder(nn.Module):
    """Layers, one on the other."""

    def __init__(self, size: Size, layers: int) -> None:
        super().__init__()
        self.layer = nn.ModuleList(Layer(size) for _ in range(layers))

    def forward(self, states: Tensor, mask: Tensor | None = None) -> Tensor:
        for layer in self.layer:
            states = layer(states, mask)
        return states


class Bert(nn.Module):
    """Ids [B, T] -> states [B, T, hidden]."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.size = size
        self.embeddings = Embeddings(size)
        self.encoder = Encoder(size, size.num_hidden_layers)

    @property
    def dtype(self) -> torch.dtype:
        return self.embeddings.word_embeddings.weight.dtype

    def forward(self, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        states: Tensor = self.encoder(self.embeddings(ids), mask)
        return states


def load(folder: Path, dtype: torch.dtype) -> Bert:
    """The checkpoint in `folder` (`config.json`, `model.safetensors`), not to be trained."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    with torch.device("meta"):
        model = Bert(Size(**{name: config[name] for name in Size.__dataclass_fields__}))
    kept = load_file(folder / "model.safetensors")
    model.load_state_dict({name: kept[name].to(dtype) for name in model.state_dict()}, assign=True)
    return model.requires_grad_(False)
