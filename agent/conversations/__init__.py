"""Conversations as things one can hold: named, listed, searched, renamed, pinned and deleted."""
