"""Cells, columns and tables: read from text, and written as text or spreadsheets."""
