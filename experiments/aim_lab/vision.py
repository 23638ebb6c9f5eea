"""First stage: the vision tower and connector learn, by contrast, that two pictures of one character agree.

A picture is a warp of a printed character, or its strokes drawn anew by a hand.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.aim_lab.glyphs import Drawings, warp
from experiments.aim_lab.hands import Hands, invented, redrawn
from experiments.aim_lab.pace import Pace
from experiments.aim_lab.strokes import POINTS, STROKES, strokes_of

if TYPE_CHECKING:
    import torch
    from transformers import Idefics3ForConditionalGeneration

CLASSES = 128  # in a batch, two pictures each
TEMPERATURE = 0.1
RATE = 1e-3
NOTE_EVERY = 100  # steps
SKETCHES = 2  # drawings of a class whose strokes are known
INVENTED = 2000  # classes more to train on, put together from strokes of others
WRITTEN = ((False, False), (True, True), (False, True))  # which of a class's two pictures are drawn by hand
HOW_OFTEN = (0.3, 0.45, 0.25)
STEADY = Hands(tremor=(0, 0.01), loose=(0, 0.01), broken=(0, 0), missing=(0, 0), joined=(0, 0), coarse=0)


@dataclass(frozen=True)
class Characters:
    """The classes of `drawings`, and of each the strokes [classes, SKETCHES, STROKES, POINTS, 2]."""

    drawings: Drawings
    strokes: np.ndarray

    def pictures(
        self, classes: np.ndarray, by_hand: np.ndarray, strength: float, rng: np.random.Generator
    ) -> "torch.Tensor":
        """One of each class [n], written or printed, at random: [n, 3, SIDE, SIDE]."""
        import torch

        rows = [rng.choice(self.drawings.members[c]) for c in classes]
        images = self.drawings.images[rows]
        if by_hand.any():
            own = classes[by_hand]
            images[by_hand] = redrawn(self.strokes[own, rng.integers(SKETCHES, size=len(own))], rng)
        noise = torch.Generator().manual_seed(int(rng.integers(2**31)))
        return warp(torch.from_numpy(images), strength, noise)


def characters(drawings: Drawings, seed: int, inventions: int = 0) -> Characters:
    """`inventions`: so many classes more, made of the strokes of the others."""
    rng = np.random.default_rng([seed, 4])
    ink = drawings.images.mean((1, 2))
    lightest = [rows[np.argsort(ink[rows])[[0, min(1, len(rows) - 1)]]] for rows in drawings.members]
    strokes = strokes_of(drawings.images[np.concatenate(lightest)]).reshape(len(lightest), SKETCHES, -1)
    strokes = strokes.reshape(*strokes.shape[:2], STROKES, POINTS, 2)
    if not inventions:
        return Characters(drawings, strokes)
    new = invented(strokes[:, 0], inventions, rng)
    images = np.concatenate([drawings.images, *(redrawn(new, rng, STEADY) for _ in range(SKETCHES))])
    rows = len(drawings.images) + np.arange(SKETCHES * inventions).reshape(SKETCHES, inventions).T
    return Characters(
        Drawings(images, (*drawings.members, *rows)),
        np.concatenate([strokes, new[:, None].repeat(SKETCHES, 1)]),
    )


def visual_tokens(model: "Idefics3ForConditionalGeneration", pixels: "torch.Tensor") -> "torch.Tensor":
    """Pixel values [n, 3, SIDE, SIDE] -> what the language model sees of them, [n, IMAGE_TOKENS, WIDTH]."""
    core = model.model
    states: torch.Tensor = core.connector(core.vision_model(pixel_values=pixels).last_hidden_state)
    return states


def pretrain(
    model: "Idefics3ForConditionalGeneration",
    known: Characters,
    aside: Characters,
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
        classes = rng.choice(len(known.strokes), CLASSES, replace=False)
        by_hand = np.array(WRITTEN)[rng.choice(len(WRITTEN), CLASSES, p=HOW_OFTEN)].ravel()
        strength = min(1.0, easiest + 2 * (1 - easiest) * pace.share)
        pixels = known.pictures(classes.repeat(2), by_hand, strength, rng)
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
            printed, written = (one_shot(model, aside, by_hand) for by_hand in (False, True))
            pace.note(loss=loss.item(), one_shot=printed, written=written)
    _set_scale(model, known)


def one_shot(
    model: "Idefics3ForConditionalGeneration", aside: Characters, by_hand: bool, ways: int = 5, trials: int = 200
) -> float:
    """Nearest neighbour, one picture a class, on classes kept aside, printed or written."""
    import torch
    from torch.nn import functional

    rng = np.random.default_rng(0)
    classes = np.concatenate([rng.choice(len(aside.strokes), ways, replace=False) for _ in range(trials)])
    written = np.full(len(classes), by_hand)
    with torch.inference_mode():
        known, asked = (
            functional.normalize(visual_tokens(model, aside.pictures(classes, written, 1.0, rng)).mean(1), dim=-1)
            for _ in range(2)
        )
    likeness = asked.view(trials, ways, -1) @ known.view(trials, ways, -1).transpose(1, 2)
    return float((likeness.argmax(-1) == torch.arange(ways)).float().mean())


def _set_scale(model: "Idefics3ForConditionalGeneration", known: Characters) -> None:
    import torch

    classes = np.arange(min(CLASSES, len(known.strokes)))
    printed = np.zeros(len(classes), dtype=bool)
    with torch.no_grad():
        tokens = visual_tokens(model, known.pictures(classes, printed, 1.0, np.random.default_rng(0)))
        model.model.connector.modality_projection.proj.weight /= tokens.square().mean().sqrt()
