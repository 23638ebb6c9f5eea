"""The lab model's fuser, and episodes that it has not seen."""

import torch

from experiments.aim_lab import episodes, glyphs
from generators.aim.data import Document
from generators.aim.fuser import Fuser
from generators.aim.lab import MODEL, PROJECTOR


def fuser() -> Fuser:
    torch.set_num_threads(1)
    return Fuser.load(str(MODEL), PROJECTOR)


def documents() -> list[Document]:
    """20 episodes of 8 demonstrations."""
    pictures = episodes.from_glyphs(glyphs.make(seed=99, doodles=60, most_characters=0), takes=8)
    return episodes.evaluation(pictures, 20, 8)
