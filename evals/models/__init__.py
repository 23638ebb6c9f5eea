"""What language models make of the same questions and requests."""
