"""A fuser behind the network: a small process beside the served model, and what asks it."""
