"""Is the right page found, and what ranking and relevance are fitted to."""
