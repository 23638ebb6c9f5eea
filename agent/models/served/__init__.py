"""Models behind an endpoint that speaks the OpenAI API: where they are, what they can do, and what goes wrong."""
