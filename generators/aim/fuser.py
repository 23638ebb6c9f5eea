"""Demonstrations to fused tokens: each read on its own by the first layers of a frozen multimodal model.

Follows AIM (arXiv 2406.07588), section on efficient aggregation. With M visual tokens, T_i text tokens, width d:
V_i [M, d], E_i [T_i, d], H_i = layers[:k](cat(V_i, E_i))[-T_i:] [T_i, d], F_i = W norm(H_i) [T_i, d]. No weights of the
later layers are loaded. The bank, and who serves the fused tokens, are elsewhere.
"""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from threading import local
from typing import TYPE_CHECKING, Any

from generators.aim import projector as projectors
from generators.aim.adapters import Adapter, adapter_for, cut
from generators.aim.demonstrations import Demonstration
from generators.aim.states import demonstration_inputs

if TYPE_CHECKING:
    import torch
    from transformers import BatchFeature, ProcessorMixin

BATCH = 4  # demonstrations: few enough that the first are read while the pictures of the next are prepared
WORKERS = min(8, os.cpu_count() or 1)  # threads that prepare pictures


class Fuser:
    """`fuse` gives one [T_i, d] tensor a demonstration, in the order they came."""

    def __init__(
        self,
        model: Any,
        processor: "ProcessorMixin",
        adapter: Adapter,
        projector: projectors.Projector,
    ) -> None:
        """`model`: a base model cut after k layers, without its last norm. `load` makes one from a folder."""
        self.model, self.processor, self.adapter, self.projector = model, processor, adapter, projector
        self._weight = projector.weight.to(model.device)
        self._workers = ThreadPoolExecutor(WORKERS, "pictures", initializer=self._begin)
        self._own = local()

    @classmethod
    def load(cls, model: str, projector: Path, device: str = "cpu") -> "Fuser":
        """`model`: a folder or a Hugging Face name; `projector`: a folder. Refuses one that does not fit."""
        from transformers import AutoConfig, AutoProcessor

        folder = model_folder(model)
        trained = projectors.load(projector)
        config = AutoConfig.from_pretrained(folder)
        text = config.get_text_config()
        projectors.check(
            trained.meta,
            revision=projectors.revision_of(folder),
            width=text.hidden_size,
            layers=text.num_hidden_layers,
        )
        base = load_first_layers(folder, trained.meta.layers, device)
        processor: Any = AutoProcessor
        return cls(base, processor.from_pretrained(folder), adapter_for(config), trained)

    def fuse(self, demonstrations: Sequence[Demonstration]) -> "list[torch.Tensor]":
        """F_i [T_i, d] of each demonstration; which others come with it makes no difference."""
        batches = [demonstrations[start : start + BATCH] for start in range(0, len(demonstrations), BATCH)]
        return [rows for inputs, is_text in self._prepared(batches) for rows in self._fused(inputs, is_text)]

    def joined(self, fused: "Sequence[torch.Tensor]") -> "torch.Tensor":
        """F_1 sep F_2 .. sep F_N [rows, d]: the embedded separator between two, as W was trained with."""
        import torch

        ids = self.processor.tokenizer(self.projector.meta.separator, add_special_tokens=False)["input_ids"]
        with torch.inference_mode():
            table = self.model.get_input_embeddings()
            gap = table(torch.tensor(ids, dtype=torch.long, device=self.model.device)).cpu()  # [rows, d]
        pieces = [piece for rows in fused for piece in (gap, rows)][1:]
        return torch.cat(pieces)

    def _prepared(self, batches: Sequence[Sequence[Demonstration]]) -> "Iterator[tuple[BatchFeature, torch.Tensor]]":
        """Each batch as the model reads it; while it does, as many of the next as there are workers are prepared."""
        ahead: deque[Future[tuple[BatchFeature, torch.Tensor]]] = deque()
        for batch in batches:
            ahead.append(self._workers.submit(self._prepare, batch))
            if len(ahead) > WORKERS:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()

    def _begin(self) -> None:
        """A processor for each worker: the tokenizer in it cannot be shared by threads."""
        self._own.processor = deepcopy(self.processor)

    def _prepare(self, batch: Sequence[Demonstration]) -> "tuple[BatchFeature, torch.Tensor]":
        return demonstration_inputs(self._own.processor, self.adapter, batch, self.projector.meta.template)

    def _fused(self, inputs: "BatchFeature", is_text: "torch.Tensor") -> "list[torch.Tensor]":
        """Rows of the text alone leave the device, and they are projected there."""
        import torch

        with torch.inference_mode():
            states = self.model(**inputs.to(self.model.device, self.model.dtype), use_cache=False).last_hidden_state
            picked = states[is_text.to(states.device)]  # [sum T_i, d]
            rows = projectors.project(self._weight, picked, self.projector.meta.scale).cpu()
        return [part.clone() for part in torch.split(rows, is_text.sum(1).tolist())]


def load_first_layers(folder: Path, layers: int, device: str = "cpu") -> Any:
    """Vision tower, connector, embeddings and `layers` language layers; its output is the last layer's, un-normed."""
    from torch import nn
    from transformers import AutoConfig, AutoModel

    config = AutoConfig.from_pretrained(folder)
    cut(config, layers)
    base: Any = AutoModel.from_pretrained(folder, config=config, dtype=precision(device)).eval()
    adapter_for(config).stack(base).norm = nn.Identity()
    return base.requires_grad_(False).to(device)


def precision(device: str) -> str:
    """Processors want float32, whatever a model is stored in; accelerators take it as it is stored."""
    return "float32" if device == "cpu" else "auto"


def model_folder(model: str) -> Path:
    """Where a model's files are: its own folder, or the hub's cache after a download."""
    if Path(model).is_dir():
        return Path(model)
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(model, allow_patterns=["*.safetensors", "*.json", "*.jinja", "*.model", "*.txt"]))
