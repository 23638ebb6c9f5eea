"""Do answers hold what they should, and are questions rightly refused."""
