"""Questions answered over the cells of tables: read into a program, executed exactly, shown with its working."""

from agent.answering.tables.answering import SURE, Computed, answer, answers
from agent.answering.tables.views import Cell

__all__ = ["SURE", "Cell", "Computed", "answer", "answers"]
