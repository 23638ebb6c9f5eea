"""Tunes a causal language model with LoRA (Hu et al., 2021) on the conversations of `dataset.py`. Needs extra `lora`.

    python -m experiments.switch_lora.train --model FOLDER_OR_REPO --data FOLDER --to FOLDER [--steps N] [--rank R]

Prints loss and, on held-out requests, the share whose written modalities are exactly right, before and after; writes
the adapter (safetensors). Serve it with `vllm serve MODEL --enable-lora --lora-modules switch=FOLDER`, then set
TRIPTYCH_MODEL=openai:switch@URL and TRIPTYCH_ROUTER=written.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from agent.routers.written import parsed
from common import jsonl
from common.errors import MissingExtra

if TYPE_CHECKING:
    import torch

IGNORED = -100  # label of tokens that are read, not learned
Conversation = dict[str, Any]  # {"messages": [{"role", "content"}, ...]}, the last one the reply to learn


@dataclass(frozen=True)
class Recipe:
    steps: int = 600
    batch: int = 16
    rate: float = 2e-4
    rank: int = 16
    seed: int = 0


def with_adapter(model: Any, recipe: Recipe) -> Any:
    """`model` with LoRA on every linear layer but the head; only the adapter learns. Raises `MissingExtra`."""
    if find_spec("peft") is None:
        raise MissingExtra(
            "LoRA needs the package 'peft', which is not installed.", 'Install it with: pip install "triptych[lora]"'
        )
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=recipe.rank, lora_alpha=2 * recipe.rank, target_modules="all-linear", task_type="CAUSAL_LM", lora_dropout=0.05
    )
    return get_peft_model(model, config)


def tune(model: Any, tokenizer: Any, conversations: Sequence[Conversation], recipe: Recipe) -> list[float]:
    """Train what may learn in `model`; the loss of every step."""
    import torch

    torch.manual_seed(recipe.seed)
    draw = random.Random(recipe.seed)
    learning = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=recipe.rate, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.rate, total_steps=recipe.steps, pct_start=0.1)
    encoded = [encode(tokenizer, one) for one in conversations]
    losses = []
    model.train()
    for _ in range(recipe.steps):
        ids, mask, labels = padded(draw.choices(encoded, k=recipe.batch), tokenizer.pad_token_id)
        loss = model(
            input_ids=ids.to(model.device), attention_mask=mask.to(model.device), labels=labels.to(model.device)
        ).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


def encode(tokenizer: Any, conversation: Conversation) -> tuple[list[int], list[int]]:
    """Token ids and labels of one conversation; only the reply is learned."""
    messages = conversation["messages"]
    asked = tokenizer.apply_chat_template(messages[:-1], add_generation_prompt=True, tokenize=False)
    reply = messages[-1]["content"] + tokenizer.eos_token
    prompt = tokenizer(asked, add_special_tokens=False)["input_ids"]
    answer = tokenizer(reply, add_special_tokens=False)["input_ids"]
    return [*prompt, *answer], [*[IGNORED] * len(prompt), *answer]


def padded(
    batch: Sequence[tuple[list[int], list[int]]], filler: int
) -> "tuple[torch.Tensor, torch.Tensor, torch.Tensor]":
    """Ids, attention mask and labels [B, T], filled up on the right."""
    import torch

    longest = max(len(ids) for ids, _ in batch)
    rows = [(ids, labels, longest - len(ids)) for ids, labels in batch]
    ids = torch.tensor([[*ids, *[filler] * gap] for ids, _, gap in rows])  # [B, T]
    mask = torch.tensor([[*[1] * len(ids), *[0] * gap] for ids, _, gap in rows])  # [B, T]
    labels = torch.tensor([[*labels, *[IGNORED] * gap] for _, labels, gap in rows])  # [B, T]
    return ids, mask, labels


def accuracy(model: Any, tokenizer: Any, conversations: Sequence[Conversation], new_tokens: int = 200) -> float:
    """Share of conversations whose greedy reply is valid and names exactly the right modalities."""
    import torch

    model.eval()
    right = 0
    for one in conversations:
        asked = tokenizer.apply_chat_template(one["messages"][:-1], add_generation_prompt=True, tokenize=False)
        inputs = tokenizer(asked, add_special_tokens=False, return_tensors="pt").to(model.device)
        with torch.inference_mode():
            written = model.generate(
                input_ids=inputs["input_ids"],
                attention_mask=inputs["attention_mask"],
                max_new_tokens=new_tokens,
                do_sample=False,
                pad_token_id=tokenizer.pad_token_id,
                eos_token_id=tokenizer.eos_token_id,
            )
        reply = tokenizer.decode(written[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        try:
            right += parsed(reply).modalities == parsed(one["messages"][-1]["content"]).modalities
        except ValidationError:
            continue  # no plan is a wrong plan
    return right / len(conversations)


def read(path: Path) -> list[Conversation]:
    return [json.loads(line) for _, line in jsonl.lines(path)]


def main() -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--batch", type=int, default=Recipe.batch)
    parser.add_argument("--rate", type=float, default=Recipe.rate)
    parser.add_argument("--rank", type=int, default=Recipe.rank)
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    parser.add_argument("--tests", type=int, default=200, help="held-out requests to judge on (default: 200)")
    arguments = parser.parse_args()
    recipe = Recipe(arguments.steps, arguments.batch, arguments.rate, arguments.rank, arguments.seed)
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    model = AutoModelForCausalLM.from_pretrained(
        arguments.model, dtype="auto", device_map="auto", use_safetensors=True, trust_remote_code=False
    )
    model = with_adapter(model, recipe)
    held_out = read(arguments.data / "test.jsonl")[: arguments.tests]
    print(f"before: {accuracy(model, tokenizer, held_out):.3f} exactly right")
    losses = tune(model, tokenizer, read(arguments.data / "train.jsonl"), recipe)
    print(f"loss: {losses[0]:.3f} at first, {sum(losses[-20:]) / len(losses[-20:]):.3f} at last")
    print(f"after: {accuracy(model, tokenizer, held_out):.3f} exactly right")
    model.save_pretrained(arguments.to)


if __name__ == "__main__":
    main()
