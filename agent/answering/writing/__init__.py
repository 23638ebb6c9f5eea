"""A model's answer: the sources packed for it, and its sentences held against them."""
