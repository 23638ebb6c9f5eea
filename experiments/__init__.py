"""Recipes for training models outside the product. They import it; it never imports them."""
