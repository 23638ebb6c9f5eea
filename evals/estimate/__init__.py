"""How sure an answer is: what that is fitted to."""
