"""What the office formats share; OpenDocument."""
