"""A small Idefics3 model trained from scratch to learn from demonstrations: the evidence for AIM, made here."""

from pathlib import Path

MODEL, PROJECTOR = Path(__file__).parent / "model", Path(__file__).parent / "projector"
