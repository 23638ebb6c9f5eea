"""Short films."""
