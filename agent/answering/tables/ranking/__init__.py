"""Which program is meant: features of each, and the trained network that weighs them."""
