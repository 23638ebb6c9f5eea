"""The conversations of the page: the drawer that lists them, and the questions that are being answered in them."""
