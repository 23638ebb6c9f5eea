"""Prompts with room for fused tokens: the model's own chat template, cut where the demonstrations go.

The order is F_1 sep F_2 .. sep F_N, image, question, as AIM (arXiv 2406.07588) has it, in one user message; a server
that is handed the same rows as one embeddings part of that message sees the same prompt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generators.aim.demonstrations import Demonstration

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image
    from transformers import ProcessorMixin

MARK = "demonstrations-go-here"
IGNORED = -100


@dataclass(frozen=True)
class Prompts:
    """`inputs`: for the model; `places` [B, T] bool: where fused tokens go; `answers` [B, T]: targets or -100."""

    inputs: "dict[str, torch.Tensor]"
    places: "torch.Tensor"
    answers: "torch.Tensor"


@dataclass(frozen=True)
class Shown:
    """A demonstration written out in the prompt; without an image, its text alone."""

    text: str
    image: "Image | None" = None


def build(
    processor: "ProcessorMixin",
    asked: Sequence[Demonstration],
    rooms: Sequence[Sequence[int]],
    sep: str,
    shown: Sequence[Sequence[Shown]] = (),
) -> Prompts:
    """A prompt per question, padded on the right; `rooms[b]`: the fused tokens of each demonstration before it.

    Demonstrations in `shown[b]` are written out instead. The answer is `asked[b].text`; where that is empty the
    prompt ends where the model is to speak.
    """
    import torch

    tokenizer = processor.tokenizer
    written = shown or [()] * len(asked)
    pieces = [_pieces(processor, item, before) for item, before in zip(asked, written, strict=True)]
    heads, tails, replies = zip(*pieces, strict=True)
    images = [
        [*(each.image.convert("RGB") for each in before if each.image), item.image.convert("RGB")]
        for item, before in zip(asked, written, strict=True)
    ]
    read = processor(
        images=images,
        text=list(tails),
        padding=True,
        padding_side="right",
        add_special_tokens=False,
        return_tensors="pt",
    )
    gap = _ids(tokenizer, sep)
    tokenwise = read["input_ids"].shape  # [B, tokens after the demonstrations]
    inputs = {key: value for key, value in read.items() if value.shape != tokenwise}
    rows: dict[str, list[torch.Tensor]] = {}
    for b, (head, reply, sizes) in enumerate(zip(heads, replies, rooms, strict=True)):
        before, after = _ids(tokenizer, head), _ids(tokenizer, reply)
        room = _room(sizes, len(gap))
        fillers = iter(gap * len(sizes))
        ids = [*before, *(tokenizer.eos_token_id if fused else next(fillers) for fused in room)]
        kept = read["attention_mask"][b].bool()
        for key, value in read.items():
            if value.shape == tokenwise:
                front, back = _around(key, ids, after)
                rows.setdefault(key, []).append(torch.cat([front, value[b][kept], back]))
        rows.setdefault("places", []).append(torch.tensor([0] * len(before) + room))
        rows.setdefault("answers", []).append(
            torch.tensor([IGNORED] * (len(ids) + int(kept.sum())) + after, dtype=torch.long)
        )
    longest = max(len(row) for row in rows["answers"])
    fill = {"input_ids": tokenizer.pad_token_id or 0, "answers": IGNORED}
    whole = {key: torch.stack([_longer(row, longest, fill.get(key, 0)) for row in each]) for key, each in rows.items()}
    places, answers = whole.pop("places").bool(), whole.pop("answers")
    return Prompts(inputs | whole, places, answers)


def _room(sizes: Sequence[int], gap: int) -> list[int]:
    """1 for each fused token, 0 for each token of the separators between."""
    room: list[int] = []
    for number, size in enumerate(sizes):
        room += [*([0] * gap if number else []), *[1] * size]
    return room


def _around(key: str, before: list[int], after: list[int]) -> "tuple[torch.Tensor, torch.Tensor]":
    """What stands in a per-token input before and after what the processor read."""
    import torch

    if key == "input_ids":
        return torch.tensor(before, dtype=torch.long), torch.tensor(after, dtype=torch.long)
    value = 1 if key == "attention_mask" else 0
    return torch.full((len(before),), value), torch.full((len(after),), value)


def _longer(row: "torch.Tensor", length: int, fill: int) -> "torch.Tensor":
    import torch

    return torch.cat([row, row.new_full((length - len(row),), fill)])


def _pieces(processor: "ProcessorMixin", item: Demonstration, shown: Sequence[Shown]) -> tuple[str, str, str]:
    """Text before the demonstrations, text after them, and the reply with the mark that ends it."""
    parts: list[dict[str, Any]] = [{"type": "text", "text": MARK}]
    for each in shown:
        parts += [*([{"type": "image"}] if each.image else []), {"type": "text", "text": each.text}]
    parts += [{"type": "image"}]
    parts += [{"type": "text", "text": item.question}] if item.question else []
    turns: list[dict[str, Any]] = [{"role": "user", "content": parts}]
    prompt: str = processor.apply_chat_template(turns, add_generation_prompt=True)
    head, _, tail = prompt.partition(MARK)
    if not item.text:
        return head, tail, ""
    reply = {"role": "assistant", "content": [{"type": "text", "text": item.text}]}
    whole: str = processor.apply_chat_template([*turns, reply])
    if whole.startswith(prompt):
        return head, tail, whole.removeprefix(prompt).rstrip("\n")
    return head, tail, item.text + processor.tokenizer.eos_token


def _ids(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"]) if text else []
