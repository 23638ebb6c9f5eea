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

from common.errors import UserError
from generators.aim import projector as projectors
from generators.aim.adapters import Adapter, adapter_for, cut, load_processor
from generators.aim.demonstrations import Demonstration
from generators.aim.parts import joined
from generators.aim.states import demonstration_inputs, has_spare_row

if TYPE_CHECKING:
    import torch
    from transformers import BatchFeature, ProcessorMixin

BATCH = 8  # demonstrations: few enough that the first are read while the pictures of the next are prepared
ROOM = "Leave it some: vllm serve --gpu-memory-utilization 0.8 (docs/aim.md), or set TRIPTYCH_AIM_DEVICE=cpu."
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
    def load(cls, model: str, projector: Path, device: str = "cpu", dtype: str = "auto") -> "Fuser":
        """`model`: a folder or a Hugging Face name; `projector`: a folder. Refuses one that does not fit.

        `device`, `dtype`: as the settings `aim_device` and `aim_precision` have them. Raises `UserError` for a GPU
        that is not there or has no room.
        """
        from transformers import AutoConfig

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
        base = load_first_layers(folder, trained.meta.layers, device_for(device, folder), dtype)
        return cls(base, load_processor(folder), adapter_for(config), trained)

    def fuse(self, demonstrations: Sequence[Demonstration]) -> "list[torch.Tensor]":
        """F_i [T_i, d] of each demonstration; which others come with it makes no difference."""
        batches = [demonstrations[start : start + BATCH] for start in range(0, len(demonstrations), BATCH)]
        return [rows for inputs, is_text in self._prepared(batches) for rows in self._fused(inputs, is_text)]

    def joined(self, fused: "Sequence[torch.Tensor]") -> "torch.Tensor":
        """F_1 sep F_2 .. sep F_N [rows, d]."""
        return joined(self.gap, fused)

    @property
    def meta(self) -> projectors.Meta:
        return self.projector.meta

    @property
    def maker(self) -> str:
        """Changes with whatever the fused tokens depend on, demonstrations aside: part of a bank's keys."""
        return f"{self.projector.fingerprint} {self.model.dtype}"

    @property
    def has_spare_row(self) -> bool:
        return has_spare_row(self.model.get_input_embeddings(), self.processor)

    @property
    def gap(self) -> "torch.Tensor":
        """The embedded separator [rows, d]."""
        import torch

        ids = self.processor.tokenizer(self.meta.separator, add_special_tokens=False)["input_ids"]
        with torch.inference_mode():
            table = self.model.get_input_embeddings()
            rows: torch.Tensor = table(torch.tensor(ids, dtype=torch.long, device=self.model.device))
        return rows.cpu()

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


def load_first_layers(folder: Path, layers: int, device: str = "cpu", dtype: str = "auto") -> Any:
    """Vision tower, connector, embeddings and `layers` language layers; its output is the last layer's, un-normed."""
    import torch
    from transformers import AutoConfig, AutoModel

    config = AutoConfig.from_pretrained(folder)
    cut(config, layers)
    kind = precision(device) if dtype == "auto" else dtype
    base: Any = AutoModel.from_pretrained(folder, config=config, dtype=kind).eval()
    adapter_for(config).stack(base).norm = torch.nn.Identity()
    try:
        return base.requires_grad_(False).to(device)
    except torch.OutOfMemoryError as error:
        size = sum(weight.nbytes for weight in base.parameters())
        raise UserError(
            f"The layers that fuse demonstrations take {size / 1e9:.1f} GB, more than {device} has free.", command=ROOM
        ) from error


def device_for(setting: str, folder: Path) -> str:
    """`auto`: the GPU where its free memory holds the whole model in `folder`: what is loaded of it, and its work."""
    import torch

    if setting == "cuda" and not torch.cuda.is_available():
        raise UserError("There is no GPU to fuse demonstrations on.", command="Set TRIPTYCH_AIM_DEVICE to auto or cpu.")
    if setting != "auto":
        return setting
    if not torch.cuda.is_available():
        return "cpu"
    size = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    return "cuda" if torch.cuda.mem_get_info()[0] > size else "cpu"


def precision(device: str) -> str:
    """Processors want float32, whatever a model is stored in; accelerators take it as it is stored."""
    return "float32" if device == "cpu" else "auto"


def model_folder(model: str) -> Path:
    """Where a model's files are: its own folder, or the hub's cache after a download."""
    if Path(model).is_dir():
        return Path(model)
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(model, allow_patterns=["*.safetensors", "*.json", "*.jinja", "*.model", "*.txt"]))
