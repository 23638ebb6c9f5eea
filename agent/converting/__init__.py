"""What a request wants made: from what, by which converter, and as a file."""
