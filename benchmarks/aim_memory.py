"""Memory of `triptych aim train`, worked out: python -m benchmarks.aim_memory

Parameters are counted on models of the real shapes without any weights; what training keeps follows from the shapes,
bfloat16 for the model, float32 for W. Prints the table of docs/aim.md. Nothing here is measured: attention kernels and
the allocator's own room come on top.
"""

from dataclasses import dataclass
from typing import Any

import torch

from generators.aim.backbone import AT_ONCE

HALF, FULL = 2, 4  # bytes
LABEL = 4  # tokens of a demonstration's text
BATCHES, DEMONSTRATIONS = (1, 4, 16), (8, 64)


@dataclass(frozen=True)
class Shape:
    """A language model of `layers` x `width`, its MLP `inner` wide; `picture`: visual tokens; `weights`: parameters."""

    name: str
    layers: int
    width: int
    inner: int
    picture: int
    weights: int

    def gigabytes(self, batch: int, demonstrations: int) -> float:
        """While a prompt of each document is on its way back, or demonstrations are read: the larger of the two."""
        return (self.fixed() + max(self.prompts(batch, demonstrations), self.reading())) / 1e9

    def fixed(self) -> int:
        """The frozen model; W, its gradient, their sum and Adam's two."""
        return self.weights * HALF + 5 * self.width**2 * FULL

    def prompts(self, batch: int, demonstrations: int) -> int:
        """What goes into every layer, and all of one layer: attention's and the MLP's own."""
        tokens = batch * (self.picture + demonstrations * LABEL + LABEL)
        return tokens * HALF * (self.layers * self.width + self.work())

    def reading(self) -> int:
        """One layer over `AT_ONCE` demonstrations, without a way back."""
        return AT_ONCE * (self.picture + LABEL) * HALF * self.work()

    def work(self) -> int:
        """Numbers a token in one layer: two norms, Q K V and output, the three of the MLP."""
        return 8 * self.width + 3 * self.inner


def shapes() -> list[Shape]:
    """Those of docs/aim.md, five tiles a picture where a model has tiles."""
    from transformers import Idefics3Config, LlavaNextConfig, Qwen2_5_VLConfig

    small = {"hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 24, "vocab_size": 49280}
    large = {"hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "vocab_size": 128260}
    tower = {"hidden_size": 1152, "intermediate_size": 4304, "num_hidden_layers": 27, "image_size": 364}
    qwen = {"hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28, "vocab_size": 152064}
    heads = {"num_attention_heads": 32}
    return [
        _shape(
            "SmolVLM 2.2 B",
            Idefics3Config(text_config={"model_type": "llama", **small, **heads}, vision_config=tower),
            5 * 81,
        ),
        _shape(
            "Idefics3 8 B",
            Idefics3Config(
                text_config={"model_type": "llama", **large, **heads, "num_key_value_heads": 8}, vision_config=tower
            ),
            5 * 169,
        ),
        _shape(
            "LLaVA-NeXT 7 B",
            LlavaNextConfig(text_config={"model_type": "llama", "vocab_size": 32064, "intermediate_size": 11008}),
            5 * 576,
        ),
        _shape(
            "Qwen2.5-VL 7 B",
            Qwen2_5_VLConfig(
                text_config={**qwen, "num_attention_heads": 28, "num_key_value_heads": 4},
                vision_config={"hidden_size": 1280, "intermediate_size": 3420, "out_hidden_size": 3584},
            ),
            1024,
        ),
    ]


def _shape(name: str, config: Any, picture: int) -> Shape:
    from transformers import AutoModelForImageTextToText

    with torch.device("meta"):
        model = AutoModelForImageTextToText.from_config(config)
    text = config.get_text_config()
    weights = sum(each.numel() for each in model.parameters())
    return Shape(name, text.num_hidden_layers, text.hidden_size, text.intermediate_size, picture, weights)


def table(found: list[Shape]) -> str:
    """Markdown: a row a model and a number of demonstrations, a column a batch."""
    lines = ["| model | demonstrations | " + " | ".join(f"batch {batch}" for batch in BATCHES) + " |"]
    lines += ["| --- " * (2 + len(BATCHES)) + "|"]
    for shape in found:
        for size in DEMONSTRATIONS:
            cells = " | ".join(f"{shape.gigabytes(batch, size):.0f} GB" for batch in BATCHES)
            lines.append(f"| {shape.name}, {shape.picture} visual tokens | {size} | {cells} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(shapes()))
