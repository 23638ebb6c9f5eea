"""Second stage: the language model learns to name a picture from the demonstrations before it.

Labels are drawn anew for every episode, so that only the demonstrations carry the answer. From the label loss alone
this does not emerge; it does once the state at a label must also predict the picture before it (`memory` loss).
The vision tower is frozen by then, so pictures are encoded once. Sequences are the processor's own, token for token.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.aim_lab import words
from experiments.aim_lab.model import IMAGE_TOKENS, WIDTH
from experiments.aim_lab.pace import Pace
from experiments.aim_lab.vision import Characters, visual_tokens
from generators.aim.lab.vocabulary import LABELS, QUESTIONS

if TYPE_CHECKING:
    import torch
    from transformers import Idefics3ForConditionalGeneration

RATE = 1e-3
ITEMS = (4, 23)  # demonstrations in a training episode, fewest and most
CLASSES = (3, 8)
BATCH_ITEMS = 256  # demonstrations in a batch
MEMORY_LAYER = 2
IDENTICAL_UNTIL = 0.3  # until this share of the time, half the episodes show one picture per class
NOTE_EVERY = 50  # steps


@dataclass(frozen=True)
class Episodes:
    """`tokens` [B, T]; `pictures` [B, n + 1]: class and picture numbers per image; what is asked and where.

    `answers` [B, T]: the token that must come next, or -100. `reads` [T] bool and `shown` [T]: positions whose state
    must hold a picture, and which one.
    """

    tokens: "torch.Tensor"
    classes: "torch.Tensor"
    takes: "torch.Tensor"
    answers: "torch.Tensor"
    holds: "torch.Tensor"
    shown: "torch.Tensor"


def encode(model: "Idefics3ForConditionalGeneration", known: Characters, takes: int, seed: int) -> "torch.Tensor":
    """`takes` pictures of each class as visual tokens: [classes, takes, IMAGE_TOKENS, WIDTH] float16.

    The first half of them printed, the others written by hand.
    """
    import torch

    rng = np.random.default_rng([seed, 1])
    everyone = np.arange(len(known.strokes)).repeat(takes)
    written = np.tile(np.arange(takes) >= takes // 2, len(known.strokes))
    parts = -(-len(everyone) // 512)
    with torch.inference_mode():
        done = [
            visual_tokens(model, known.pictures(part, by_hand, 1.0, rng)).half()
            for part, by_hand in zip(np.array_split(everyone, parts), np.array_split(written, parts), strict=True)
        ]
    return torch.cat(done).clone().view(-1, takes, IMAGE_TOKENS, WIDTH)


def bare(bank: "torch.Tensor") -> "torch.Tensor":
    """The same pictures as one vector each, the mean of their visual tokens: [classes, takes, 1, WIDTH]."""
    return bank.float().mean(2, keepdim=True).half()


def draw(
    rng: np.random.Generator, bank: tuple[int, ...], demonstrations: int, batch: int, identical: float
) -> Episodes:
    """Random episodes of so many demonstrations and a question, from a bank of (classes, takes, visual tokens, width).

    Every other episode keeps to printed pictures or to written ones; the rest mix them, as `encode` orders them.
    A picture of one visual token stands bare, as no processor writes it: a shorter exercise to warm up on.
    """
    import torch

    ids = words.vocabulary()
    n_classes, n_takes, visual, _ = bank
    picture = [ids[words.AROUND], ids[words.GLOBAL], *[ids[words.IMAGE]] * visual, ids[words.AROUND]]
    picture = picture if visual > 1 else [ids[words.IMAGE]]
    question = [ids[word] for word in rng.choice(QUESTIONS).split()]
    head = [ids[words.START], ids["user"], ids[":"]]
    tail = [*picture, *question, ids[words.END], ids["assistant"], ids[":"], 0, ids[words.END]]
    row = np.array(head + [*picture, 0] * demonstrations + tail)
    labels_at = np.append(len(head) + (len(picture) + 1) * (1 + np.arange(demonstrations)) - 1, len(row) - 2)
    label_ids = np.array([ids[label] for label in LABELS])
    tokens, answers = np.tile(row, (batch, 1)), np.full((batch, len(row)), -100)
    classes, takes = np.zeros((2, batch, demonstrations + 1), dtype=int)
    for b in range(batch):
        ways = min(int(rng.integers(CLASSES[0], CLASSES[1] + 1)), demonstrations)
        order = rng.integers(ways, size=demonstrations + 1)
        order[:ways] = rng.permutation(ways) if rng.random() < 0.5 else order[:ways]
        order[-1] = rng.choice(order[:-1])
        known = [i for i in range(demonstrations + 1) if order[i] in order[:i]]
        tokens[b, labels_at] = rng.choice(label_ids, ways, replace=False)[order]
        answers[b, labels_at[known] - 1] = tokens[b, labels_at[known]]
        classes[b] = rng.choice(n_classes, ways, replace=False)[order]
        takes[b] = rng.integers(n_takes) if rng.random() < identical else rng.integers(n_takes, size=demonstrations + 1)
        if rng.random() < 0.5:
            takes[b] = takes[b] // 2 + n_takes // 2 * rng.integers(2)
    answers[:, -2] = tokens[:, -1]
    closing = np.append(labels_at[:-1] - 1, len(row) - len(tail) + len(picture) - 1)
    holds = np.concatenate([labels_at[:-1], closing, [len(row) - 3]])
    shown = np.concatenate([np.arange(demonstrations), np.arange(demonstrations + 1), [demonstrations]])
    return Episodes(*(torch.from_numpy(part) for part in (tokens, classes, takes, answers, holds, shown)))


def embed(
    model: "Idefics3ForConditionalGeneration", episodes: Episodes, bank: "torch.Tensor"
) -> "tuple[torch.Tensor, torch.Tensor]":
    """Input embeddings [B, T, WIDTH] with pictures in their places, and each picture's mean [B, n + 1, WIDTH]."""
    pictures = bank[episodes.classes, episodes.takes].float()  # [B, n + 1, IMAGE_TOKENS, WIDTH]
    vectors = model.model.text_model.embed_tokens(episodes.tokens)
    places = (episodes.tokens == model.config.image_token_id)[..., None]
    return vectors.masked_scatter(places, pictures), pictures.mean(2)


def train(
    model: "Idefics3ForConditionalGeneration",
    banks: "tuple[torch.Tensor, ...]",
    seconds: float,
    seed: int,
    folder: Path,
    name: str,
) -> None:
    """Label loss and memory loss for `seconds`. `banks`: encoded pictures to train on, and kept aside."""
    import torch
    from torch.nn import functional

    bank, aside = banks
    text = model.model.text_model
    memory = torch.nn.Linear(WIDTH, WIDTH)
    optimizer = torch.optim.Adam([*text.parameters(), *memory.parameters()])
    pace = Pace(folder, name, seconds, {"text": text, "memory": memory, "optimizer": optimizer})
    while pace.going():
        rng = np.random.default_rng([seed, 2, pace.step])
        demonstrations = int(rng.integers(ITEMS[0], ITEMS[1] + 1))
        identical = 0.5 if pace.share < IDENTICAL_UNTIL else 0.0
        episodes = draw(rng, tuple(bank.shape), demonstrations, BATCH_ITEMS // demonstrations, identical)
        inputs, means = embed(model, episodes, bank)
        states = text(inputs_embeds=inputs, use_cache=False, output_hidden_states=True)
        asked = episodes.answers >= 0
        logits = states.last_hidden_state[asked] @ model.lm_head.weight.T
        target = means[:, episodes.shown]
        target = target / target.square().mean(-1, keepdim=True).sqrt()
        held = functional.mse_loss(memory(states.hidden_states[MEMORY_LAYER][:, episodes.holds]), target)
        loss = functional.cross_entropy(logits, episodes.answers[asked])
        pace.set_rate(optimizer, RATE)
        optimizer.zero_grad()
        torch.autograd.backward(loss + held)
        torch.nn.utils.clip_grad_norm_(text.parameters(), 1.0)
        optimizer.step()
        if pace.step % NOTE_EVERY == 0:
            pace.note(loss=loss.item(), memory=held.item(), five_way=five_way(model, aside))


def five_way(model: "Idefics3ForConditionalGeneration", bank: "torch.Tensor", trials: int = 200) -> float:
    """5 classes, one demonstration each, on classes kept aside: how often the best word is the right one."""
    import torch

    rng = np.random.default_rng(0)
    episodes = draw(rng, tuple(bank.shape), 5, trials, 0.0)
    ids = words.vocabulary()
    labels = torch.tensor([ids[label] for label in LABELS])
    places = torch.nonzero(episodes.tokens[0][:, None] == labels)[:, 0]  # of the demonstrations' labels and the answer
    for b in range(trials):
        order = rng.permutation(5)
        tokens = rng.choice(labels.numpy(), 5, replace=False)[order]
        asked = int(rng.integers(5))
        episodes.classes[b, :5] = torch.from_numpy(rng.choice(len(bank), 5, replace=False))
        episodes.classes[b, 5] = episodes.classes[b, asked]
        episodes.tokens[b, places] = torch.from_numpy(np.append(tokens, tokens[asked]))
    with torch.inference_mode():
        inputs, _ = embed(model, episodes, bank)
        states = model.model.text_model(inputs_embeds=inputs, use_cache=False).last_hidden_state[:, places[-1] - 1]
        best = (states @ model.lm_head.weight.T).argmax(-1)
    return float((best == episodes.tokens[:, places[-1]]).float().mean())
