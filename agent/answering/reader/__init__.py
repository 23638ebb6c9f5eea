"""The trained reader of passages: which words answer, and how sure it is that any do."""

from agent.answering.reader.spans import Reader, Span, load

__all__ = ["Reader", "Span", "load"]
