"""Answers that are quoted: no word of them is written by a model."""
