"""What in the evidence may answer, and how probably it does."""
