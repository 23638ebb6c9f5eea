"""What the office formats share, and those that are made into others."""
