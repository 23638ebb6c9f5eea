"""Reading a frozen model: states above the text of a demonstration, and vectors put in the place of tokens.

Follows AIM (arXiv 2406.07588): with V_i [M, d] the visual tokens and E_i [T_i, d] the embedded text of demonstration
i, H_i = layers[:k](cat(V_i, E_i))[-T_i:] [T_i, d].
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from common.errors import UserError
from generators.aim.adapters import Adapter
from generators.aim.demonstrations import Demonstration

if TYPE_CHECKING:
    import torch
    from torch import nn
    from transformers import BatchFeature, ProcessorMixin


def demonstration_inputs(
    processor: "ProcessorMixin", adapter: Adapter, demonstrations: Sequence[Demonstration], template: str
) -> "tuple[BatchFeature, torch.Tensor]":
    """What the model reads, padded on the right, and where the text is: inputs, [n, T] bool."""
    import torch

    texts = [demonstration.words(template) for demonstration in demonstrations]
    for text in texts:
        if not text or adapter.closing in text or adapter.picture in text:
            raise UserError(
                f"A demonstration cannot have the text {text!r}.", "Write some, without the model's own image tokens."
            )
    inputs = processor(
        images=[[demonstration.image.convert("RGB")] for demonstration in demonstrations],
        text=[adapter.picture + text for text in texts],
        padding=True,
        padding_side="right",
        return_tensors="pt",
    )
    ids = inputs["input_ids"]
    closes = ids == processor.tokenizer.convert_tokens_to_ids(adapter.closing)
    past_picture = closes.flip(1).cumsum(1).flip(1) == 0  # [n, T]: no closing token from here on
    is_text: torch.Tensor = past_picture & inputs["attention_mask"].bool()
    return inputs, is_text


def has_spare_row(embedding: "nn.Embedding", processor: "ProcessorMixin") -> bool:
    """Whether the table has a row for one more token: vLLM adds a placeholder where fused tokens are to stand."""
    return bool(embedding.num_embeddings > len(processor.tokenizer))


@contextmanager
def shortened(stack: Any, layers: int) -> Iterator[None]:
    """Within it, the language model is its first `layers` layers, and its output is theirs, un-normed."""
    from torch import nn

    whole, norm = stack.layers, stack.norm
    stack.layers, stack.norm = whole[:layers], nn.Identity()
    try:
        yield
    finally:
        stack.layers, stack.norm = whole, norm


@contextmanager
def checkpointed(stack: Any) -> Iterator[None]:
    """Within it, a layer that is to have a gradient keeps only what goes into it, and is computed again on the way back
    (Chen et al., arXiv 1604.06174): the memory of one layer for that of all, at one more pass.

    Layers checkpoint themselves in training alone; the modules in them stay as they are.
    """
    from functools import partial

    from torch.utils.checkpoint import checkpoint

    for layer in stack.layers:
        layer.gradient_checkpointing, layer.training = True, True
        layer._gradient_checkpointing_func = partial(checkpoint, use_reentrant=False)
    try:
        yield
    finally:
        for layer in stack.layers:
            layer.gradient_checkpointing, layer.training = False, False


@contextmanager
def placed(embedding: "nn.Module", places: "torch.Tensor", vectors: "torch.Tensor") -> Iterator[None]:
    """Within it, tokens at `places` [B, T] bool embed as `vectors` [places.sum(), d], row by row.

    The model still sees token ids, so that masks and positions (M-RoPE too) come out as for any text.
    """

    def put(_embedding: "nn.Module", inputs: Any, output: "torch.Tensor") -> "torch.Tensor":
        if inputs[0].shape != places.shape:  # a later step of decoding
            return output
        return output.masked_scatter(places[..., None], vectors.to(output.dtype))

    hook = embedding.register_forward_hook(put)
    try:
        yield
    finally:
        hook.remove()
