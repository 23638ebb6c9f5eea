"""A request from outside: checked, and carried out in a thread of its own."""
