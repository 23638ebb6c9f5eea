"""AIM (arXiv 2406.07588): image-text demonstrations at the price of their text.

A frozen multimodal model reads each demonstration on its own; the states above its text, projected, stand in for the
whole demonstration. Nothing heavy is imported here.
"""
