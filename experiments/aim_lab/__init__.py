"""How the lab model and its projector were made, and what they are worth through plain transformers."""
