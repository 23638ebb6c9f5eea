"""What fused demonstrations are worth, through a vLLM server."""
