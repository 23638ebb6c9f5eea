"""How much of what files say the parsed pages hold."""
