"""Are follow-up questions made to stand alone, and what that is fitted to."""
