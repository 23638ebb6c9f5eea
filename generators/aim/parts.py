"""Parts of a Chat Completions message: pictures, texts and fused tokens, in the order they are to be read."""

import base64
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from common.errors import UserError
from generators.aim.demonstrations import DEFAULT_TEMPLATE, Demonstration
from generators.images.pixels import png_of

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

Part = dict[str, Any]
Message = Mapping[str, Any]


def fused_part(rows: "torch.Tensor", width: int) -> Part:
    """Rows [n, width] of any floating type as vLLM takes them. Raises `UserError` for others."""
    import torch

    if rows.ndim != 2 or rows.shape[1] != width or not len(rows):
        raise UserError(
            f"Fused demonstrations are {tuple(rows.shape)}, not some rows of {width}.", "Fuse them for this model."
        )
    if not rows.is_floating_point() or not rows.isfinite().all():
        raise UserError(f"Fused demonstrations are {rows.dtype} or not finite.", "Fuse them again, as floats.")
    file = io.BytesIO()
    torch.save(rows.contiguous().clone(), file)
    return {"type": "prompt_embeds", "data": base64.b64encode(file.getvalue()).decode()}


def joined(gap: "torch.Tensor", fused: "Sequence[torch.Tensor]") -> "torch.Tensor":
    """F_1 sep F_2 .. sep F_N [rows, d]: `gap` [rows, d], the embedded separator, between two, as W was trained with."""
    import torch

    return torch.cat([piece for rows in fused for piece in (gap, rows)][1:])


def image_part(image: "Image") -> Part:
    url = "data:image/png;base64," + base64.b64encode(png_of(image.convert("RGB"))).decode()
    return {"type": "image_url", "image_url": {"url": url}}


def raw_parts(demonstrations: Sequence[Demonstration], template: str = DEFAULT_TEMPLATE) -> list[Part]:
    """Picture, text, picture, text: what fused tokens save."""
    return [
        part
        for shown in demonstrations
        for part in (image_part(shown.image), {"type": "text", "text": shown.words(template)})
    ]


def messages(
    shown: Sequence[Part], image: "Image", question: str, system: str = "", history: Sequence[Message] = ()
) -> list[Message]:
    """System prompt and history as usual; then one user message: demonstrations, picture, question."""
    parts = [*shown, image_part(image), *([{"type": "text", "text": question}] if question else [])]
    first = [{"role": "system", "content": system}] if system else []
    return [*first, *history, {"role": "user", "content": parts}]
