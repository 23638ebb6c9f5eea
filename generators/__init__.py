"""Making media: files that belong to an answer. Knows nothing of retrieval or of the agent."""
