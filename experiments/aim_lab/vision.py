"""First stage: the vision tower and connector learn, by contrast, that two warps of one character agree."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.aim_lab.glyphs import Drawings, warp
from experiments.aim_lab.pace import Pace

if TYPE_CHECKING:
    import torch
    from transformers import Idefics3ForConditionalGeneration

CLASSES = 128  # in a batch, two pictures each
TEMPERATURE = 0.1
RATE = 1e-3
NOTE_EVERY = 50  # steps


def visual_tokens(model: "Idefics3ForConditionalGeneration", pixels: "torch.Tensor") -> "torch.Tensor":
    """Pixel values [n, 3, SIDE, SIDE] -> what the language model sees of them, [n, IMAGE_TOKENS, WIDTH]."""
    core = model.model
    states: torch.Tensor = core.connector(core.vision_model(pixel_values=pixels).last_hidden_state)
    return states


def pictures_of(drawings: Drawings, classes: np.ndarray, strength: float, rng: np.random.Generator) -> "torch.Tensor":
    """A random warp of a random drawing of each class: [n, 3, SIDE, SIDE]."""
    import torch

    rows = [rng.choice(drawings.members[c]) for c in classes]
    noise = torch.Generator().manual_seed(int(rng.integers(2**31)))
    return warp(torch.from_numpy(drawings.images[rows]), strength, noise)


def pretrain(
    model: "Idefics3ForConditionalGeneration",
    drawings: Drawings,
    aside: Drawings,
    seconds: float,
    seed: int,
    folder: Path,
    name: str = "vision",
    easiest: float = 0.3,
) -> None:
    """InfoNCE over the mean of an image's visual tokens, for `seconds`; then the tokens' RMS is set to 1.

    Warps begin `easiest` and are at their full strength after half the time.
    """
    import torch
    from torch.nn import functional

    core = model.model
    optimizer = torch.optim.AdamW([*core.vision_model.parameters(), *core.connector.parameters()], weight_decay=0.01)
    parts = {"tower": core.vision_model, "connector": core.connector, "optimizer": optimizer}
    pace = Pace(folder, name, seconds, parts)
    while pace.going():
        rng = np.random.default_rng([seed, pace.step])
        classes = rng.choice(len(drawings.members), CLASSES, replace=False)
        strength = min(1.0, easiest + 2 * (1 - easiest) * pace.share)
        pixels = pictures_of(drawings, classes.repeat(2), strength, rng)
        vectors = functional.normalize(visual_tokens(model, pixels).mean(1), dim=-1).view(CLASSES, 2, -1)
        likeness = vectors[:, 0] @ vectors[:, 1].T / TEMPERATURE  # [CLASSES, CLASSES]
        target = torch.arange(CLASSES)
        loss = (functional.cross_entropy(likeness, target) + functional.cross_entropy(likeness.T, target)) / 2
        pace.set_rate(optimizer, RATE)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(parts["tower"].parameters(), 1.0)
        optimizer.step()
        if pace.step % NOTE_EVERY == 0:
            pace.note(loss=loss.item(), one_shot=one_shot(model, aside))
    _set_scale(model, drawings)


def one_shot(model: "Idefics3ForConditionalGeneration", aside: Drawings, ways: int = 5, trials: int = 200) -> float:
    """Nearest neighbour, one picture a class, on classes kept aside."""
    import torch
    from torch.nn import functional

    rng = np.random.default_rng(0)
    classes = np.concatenate([rng.choice(len(aside.members), ways, replace=False) for _ in range(trials)])
    with torch.inference_mode():
        known, asked = (
            functional.normalize(visual_tokens(model, pictures_of(aside, classes, 1.0, rng)).mean(1), dim=-1)
            for _ in range(2)
        )
    likeness = asked.view(trials, ways, -1) @ known.view(trials, ways, -1).transpose(1, 2)
    return float((likeness.argmax(-1) == torch.arange(ways)).float().mean())


def _set_scale(model: "Idefics3ForConditionalGeneration", drawings: Drawings) -> None:
    import torch

    classes = np.arange(min(CLASSES, len(drawings.members)))
    with torch.no_grad():
        tokens = visual_tokens(model, pictures_of(drawings, classes, 1.0, np.random.default_rng(0)))
        model.model.connector.modality_projection.proj.weight /= tokens.square().mean().sqrt()
