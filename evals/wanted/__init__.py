"""Training of the reading of requests: what they are grown from, and `triptych fit switch`."""
