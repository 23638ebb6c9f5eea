"""The projection W and what it belongs to. Nothing else of AIM is trained (arXiv 2406.07588; W is d x d, as in UniICL).

F_i = W (H_i / rms(H_i)) * s, with s the usual size of the states: W = identity hands them on as they are. This module
does not know how H_i [T_i, d] is read.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.errors import UserError
from generators.aim.demonstrations import DEFAULT_TEMPLATE

if TYPE_CHECKING:
    import torch

WEIGHTS, META = "projector.safetensors", "projector.json"
FORMAT = 2
SAMPLED = 16 << 10  # bytes read at the start, middle and end of each tensor to recognise it
TABLES = ("embed_tokens.weight", "lm_head.weight")  # a row a token: rows may be added at their ends
SAMPLED_ROWS = 16
CURE = "Train one for this model with: triptych aim train --model MODEL --data DATA"


@dataclass(frozen=True)
class Meta:
    """Which model a projection was trained on, and how.

    `revision` is `revision_of` the model; `layers` is k; `scale` is s; `training` the record of its making.
    """

    backbone: str
    revision: str
    layers: int
    width: int
    scale: float
    template: str = DEFAULT_TEMPLATE
    separator: str = "\n"
    training: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Projector:
    """`weight` [d, d]."""

    weight: "torch.Tensor"
    meta: Meta

    def __call__(self, states: "torch.Tensor") -> "torch.Tensor":
        """H [..., d] -> F [..., d]."""
        return project(self.weight, states, self.meta.scale)

    def save(self, folder: Path) -> None:
        """Two files: weights as safetensors, the rest as JSON."""
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        save_file({"weight": self.weight.detach().contiguous()}, folder / WEIGHTS)
        record = {"format": FORMAT, **asdict(self.meta)}
        (folder / META).write_text(json.dumps(record, indent=2) + "\n")

    @cached_property
    def fingerprint(self) -> str:
        """Changes with the weights, the layer, the template and the backbone: part of a bank's keys.

        Taken once: W is as large as the layer's width squared, and no projection changes once it is loaded.
        """
        parts = json.dumps([self.meta.revision, self.meta.layers, self.meta.template, self.meta.scale])
        return hashlib.sha256(parts.encode() + self.weight.detach().float().numpy().tobytes()).hexdigest()


def project(weight: "torch.Tensor", states: "torch.Tensor", scale: float) -> "torch.Tensor":
    """W [d, d] and states [..., d] -> fused tokens [..., d] in the states' type."""
    wide = states.float()
    wide = wide * (wide.square().mean(-1, keepdim=True) + 1e-6).rsqrt() * scale
    return (wide @ weight.float().T).to(states.dtype)


def load(folder: Path) -> Projector:
    """Raises `UserError` where the files are missing, damaged or of another version."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        record = json.loads((folder / META).read_text())
        weight = load_file(folder / WEIGHTS)["weight"]
        if record.pop("format") != FORMAT:
            raise UserError(f"The projector in {folder} was written by another version of Triptych.", command=CURE)
        meta = Meta(**record)
    except FileNotFoundError as error:
        raise UserError(f"There is no projector in {folder}: {error.filename} is missing.", command=CURE) from error
    except (json.JSONDecodeError, SafetensorError, TypeError, KeyError) as error:
        raise UserError(f"The projector in {folder} cannot be read: {error}.", command=CURE) from error
    if tuple(weight.shape) != (meta.width, meta.width):
        raise UserError(
            f"The projector in {folder} is {tuple(weight.shape)}, not the {meta.width} squared it says.", command=CURE
        )
    return Projector(weight, meta)


def check(meta: Meta, *, revision: str, width: int, layers: int) -> None:
    """Refuse a projection that was not trained on this very model. `layers`: how many the model has."""
    reasons = []
    if meta.width != width:
        reasons.append(f"it is {meta.width} wide and the model {width}")
    if meta.layers > layers:
        reasons.append(f"it reads layer {meta.layers} and the model has {layers}")
    if meta.revision != revision:
        reasons.append(f"it was trained on weights {meta.revision[:12]} and the model's are {revision[:12]}")
    if reasons:
        raise UserError(f"The projector trained on {meta.backbone} does not fit: {'; '.join(reasons)}.", command=CURE)


def revision_of(folder: Path) -> str:
    """A name for the weights in a model's folder, in milliseconds whatever their size.

    SHA-256 of each tensor's name, type, shape, start, middle and end: a re-trained model differs; one that was moved,
    split into other files or given rows for more tokens does not. Files are read again only once they have changed.
    """
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise UserError(f"There are no safetensors weights in {folder}.", "Give a model's own folder.")
    return _digest(tuple(_version(path) for path in files))


@dataclass(frozen=True)
class _Version:
    """A file as it was last written: any write makes another."""

    path: Path
    size: int
    inode: int
    written: int
    changed: int


def _version(path: Path) -> _Version:
    found = path.stat()
    return _Version(path, found.st_size, found.st_ino, found.st_mtime_ns, found.st_ctime_ns)


@lru_cache(maxsize=16)
def _digest(files: tuple[_Version, ...]) -> str:
    tensors = sorted(tensor for file in files for tensor in _tensors(file))
    return hashlib.sha256("".join(tensors).encode()).hexdigest()


def _tensors(file: _Version) -> Iterator[str]:
    """A line for each tensor of a safetensors file. Format: https://github.com/huggingface/safetensors"""
    with file.path.open("rb") as weights:
        head = int.from_bytes(weights.read(8), "little")
        if head > file.size:
            raise UserError(f"{file.path} is not a safetensors file.", "Copy or download the model again.")
        for name, told in json.loads(weights.read(head)).items():
            if name != "__metadata__":
                start, end = (8 + head + offset for offset in told["data_offsets"])
                shape, size = told["shape"], min(SAMPLED, end - start)
                places = {start, (start + end - size) // 2, end - size}
                if name.endswith(TABLES):
                    size, places = (end - start) // shape[0] * min(SAMPLED_ROWS, shape[0]), {start}
                    shape = shape[1:]
                digest = hashlib.sha256()
                for place in sorted(places):
                    weights.seek(place)
                    digest.update(weights.read(size))
                yield f"{name} {told['dtype']} {shape} {digest.hexdigest()}\n"
