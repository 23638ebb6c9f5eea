"""A small Idefics3 model trained from scratch to learn from demonstrations: the evidence for AIM, made here."""
