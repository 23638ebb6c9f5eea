"""Documents without pages of their own, laid out on pages."""
