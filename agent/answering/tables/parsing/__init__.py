"""The words of a question, and the cells of a table that they pick out."""
