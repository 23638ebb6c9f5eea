"""Fusing and training at real size, random weights: python -m benchmarks.aim_real_size [--size tiny] [--folder DIR]

Writes an Idefics3 model of 8 B parameters into the folder (17 GB; `tiny`: a few hundred kB, for a dry run on a CPU;
`small`: with the vision tower of ViT-S), fuses 64 demonstrations of five tiles each through `triptych aim
serve`, then the same in this process beside the forward pass alone, and trains a projection for ten steps at the
default settings. Prints seconds, and memory of the GPU. Each part stops with its error where it does not fit.

A CPU has its answer about `small` in minutes with `--demonstrations 16 --only here`.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from benchmarks.fuse import beside, seconds, shown
from experiments.aim_lab import words
from generators.aim import projector as projectors
from generators.aim.fuser import Fuser
from generators.aim.remote.client import RemoteFuser
from ui import cli

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
CLASSES, OF_EACH = 4, 12
SIZES: dict[str, dict[str, Any]] = {
    "tiny": {
        "text": {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 4, "num_attention_heads": 2},
        "vision": {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2},
        "side": 56,
        "rows": 600,
    },
    "small": {
        "text": {"hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 8, "num_attention_heads": 8},
        "vision": {"hidden_size": 384, "intermediate_size": 1536, "num_hidden_layers": 12, "num_attention_heads": 6},
        "side": 224,
        "rows": 8192,
    },
    "8b": {
        "text": {"hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32},
        "vision": {"hidden_size": 1152, "intermediate_size": 4304, "num_hidden_layers": 27, "num_attention_heads": 16},
        "side": 364,
        "rows": 128_260,
    },
}
REPEATS = 1
PARTS = ("served", "here", "trained")
PATCH, SHUFFLE, TILES = 14, 2, 2  # tiles a side, and the whole once more


def write(folder: Path, size: str) -> None:
    """A model with random weights and its processor, which parts a picture into five."""
    from transformers import AutoProcessor, Idefics3Config, Idefics3ForConditionalGeneration

    shape = SIZES[size]
    side, ids = shape["side"], words.vocabulary()
    special = {"bos_token_id": ids[words.START], "eos_token_id": ids[words.END], "pad_token_id": ids[words.PAD]}
    text = {"model_type": "llama", "vocab_size": shape["rows"], "num_key_value_heads": 2, **special, **shape["text"]}
    text |= {"num_key_value_heads": 8} if size == "8b" else {}
    vision = {"image_size": side, "patch_size": PATCH, **shape["vision"]}
    config = Idefics3Config(
        text_config={**text, "max_position_embeddings": 32768},
        vision_config=vision,
        scale_factor=SHUFFLE,
        image_token_id=ids[words.IMAGE],
        **special,
    )
    with torch.device(DEVICE):
        model = Idefics3ForConditionalGeneration(config).to(torch.bfloat16)
    model.save_pretrained(folder)
    words.write_processor(folder, side, (side // PATCH // SHUFFLE) ** 2)
    processor: Any = AutoProcessor.from_pretrained(folder)
    places = [f"<row_{row}_col_{column}>" for row in range(1, TILES + 1) for column in range(1, TILES + 1)]
    processor.tokenizer.add_special_tokens({"additional_special_tokens": places})
    processor.image_processor.do_image_splitting = True
    processor.image_processor.size = {"longest_edge": TILES * side}
    processor.save_pretrained(folder)


@contextlib.contextmanager
def serving(model: Path, projector: Path) -> Iterator[RemoteFuser]:
    """`triptych aim serve` in a process of its own."""
    named = {"TRIPTYCH_AIM_MODEL": str(model), "TRIPTYCH_AIM_PROJECTOR": str(projector), "TRIPTYCH_AIM_DEVICE": DEVICE}
    command = [sys.executable, "-u", "-m", "ui.cli", "aim", "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | named)
    assert process.stdout
    try:
        line = next(line for line in process.stdout if line.startswith("Fusing on"))
        yield RemoteFuser(line.split()[-1], timeout=600)
    finally:
        process.terminate()
        process.wait()


def data(folder: Path, side: int) -> Path:
    """A sub-folder of noise a class."""
    rng = np.random.default_rng(0)
    for label in words.LABELS[:CLASSES]:
        (folder / label).mkdir(parents=True)
        for number in range(OF_EACH):
            noise = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
            Image.fromarray(noise).save(folder / label / f"{number}.png")
    return folder


def taken() -> str:
    """Of the GPU's memory, by every process."""
    if DEVICE == "cpu":
        return "no GPU"
    free, whole = torch.cuda.mem_get_info()
    return f"{(whole - free) / 1e9:.1f} of {whole / 1e9:.0f} GB taken"


def fuse_served(model: Path, projector: Path, side: int, count: int) -> None:
    pictures = shown(count, side)
    with serving(model, projector) as remote:
        remote.fuse(pictures[:4])  # warms up
        spent = seconds(lambda: remote.fuse(pictures))
    print(f"served: {count} demonstrations fused in {spent:.2f} s, {taken()}", flush=True)


def fuse_here(model: Path, projector: Path, side: int, count: int) -> None:
    pictures = shown(count, side)
    fuser = Fuser.load(str(model), projector, DEVICE)
    fuse, forward = beside(fuser, pictures, REPEATS)
    print(f"here: {fuse:.2f} s, forward alone {forward:.2f} s, ratio {fuse / forward:.2f}", flush=True)


def train(model: Path, folder: Path, side: int, layer: int) -> None:
    if DEVICE == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    start = time.perf_counter()
    given = ["--model", str(model), "--data", str(data(folder / "data", side)), "--out", str(folder / "trained")]
    code = cli.main(["aim", "train", *given, "--steps", "10", "--every", "10", "--layers", str(layer)])
    if code:
        raise SystemExit(code)
    most = f"{torch.cuda.max_memory_allocated() / 1e9:.1f} GB at most" if DEVICE == "cuda" else "no GPU"
    print(f"trained: ten steps, development loss taken twice, in {time.perf_counter() - start:.1f} s, {most}")


def main(given: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=tuple(SIZES), default="8b")
    parser.add_argument("--folder", type=Path, help="where the model is written; else one that is deleted")
    parser.add_argument("--demonstrations", type=int, default=64)
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS)
    chosen = parser.parse_args(given)
    shape = SIZES[chosen.size]
    side, layer = TILES * shape["side"], shape["text"]["num_hidden_layers"] // 2
    with contextlib.nullcontext(chosen.folder) if chosen.folder else tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        model, projector = folder / "model", folder / "projector"
        print(f"model written in {seconds(lambda: write(model, chosen.size)):.0f} s", flush=True)
        width = shape["text"]["hidden_size"]
        meta = projectors.Meta(chosen.size, projectors.revision_of(model), layer, width, scale=1.0)
        projectors.Projector(torch.eye(width), meta).save(projector)
        if "served" in chosen.only:
            fuse_served(model, projector, side, chosen.demonstrations)
        if "here" in chosen.only:
            fuse_here(model, projector, side, chosen.demonstrations)
        if "trained" in chosen.only:
            train(model, folder, side, layer)


if __name__ == "__main__":
    main()
