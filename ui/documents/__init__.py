"""The documents of a corpus on the page: their list, their pages, and where in them an answer stands."""
