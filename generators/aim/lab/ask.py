"""Demonstrations with the lab model, in this process: no server, no download, but pictures as it knows them.

It reads characters, marks and simple drawings, 32 x 32 pixels, and knows a few hundred words, none by meaning. So
pictures are laid out as those it was trained on, any label is lent one of its words for the question, and what it
answers is turned back.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from common.errors import UserError
from generators.aim import local
from generators.aim.backbone import Backbone
from generators.aim.bank import Bank, Entry
from generators.aim.demonstrations import Demonstration
from generators.aim.fuser import Fuser
from generators.aim.lab import MODEL, PROJECTOR
from generators.aim.lab.layout import laid_out
from generators.aim.lab.vocabulary import LABELS, QUESTIONS

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image
    from transformers import BatchFeature

MOST_CLASSES = 8  # it was trained on no more in a prompt


class LabFuser(Fuser):
    """Fuses pictures as `laid_out` gives them."""

    def _prepare(self, batch: Sequence[Demonstration]) -> "tuple[BatchFeature, torch.Tensor]":
        return super()._prepare([replace(shown, image=laid_out(shown.image)) for shown in batch])


class Lab:
    """Loaded on first use."""

    @cached_property
    def backbone(self) -> Backbone:
        return Backbone(MODEL)

    @cached_property
    def fuser(self) -> Fuser:
        return LabFuser.load(str(MODEL), PROJECTOR)

    def answer(self, bank: Bank, entries: Sequence[Entry], image: "Image") -> str:
        """One of the labels of `entries`, or "" where the model says none of them."""
        labels = sorted({entry.text for entry in entries})
        if len(labels) > MOST_CLASSES:
            raise UserError(
                f"The lab model tells {MOST_CLASSES} labels apart at most, not {len(labels)}.",
                "Show fewer demonstrations, such as the nearest, or serve a larger model.",
            )
        lent = dict(zip(labels, LABELS, strict=False))
        shown = [
            replace(entry, id=f"{entry.id} laid out, {lent[entry.text]}", text=lent[entry.text], question="")
            for entry in entries
        ]
        asked = Demonstration(laid_out(image), "", QUESTIONS[0])
        said = local.answer(self.backbone, self.fuser, bank.fused(self.fuser, shown), asked)
        return next((label for label, word in lent.items() if word == said), "")
