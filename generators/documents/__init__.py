"""Answers and conversations as files."""
