"""What every reply of a model goes through, served or in process: its stream, its bounds, and what it says is true."""
