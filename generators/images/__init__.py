"""Pictures: made, edited and read, and diagrams."""
