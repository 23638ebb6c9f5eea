"""Tables from the places of words and of drawn rules."""
