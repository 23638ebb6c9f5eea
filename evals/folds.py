"""Which fold a table or article belongs to, all its questions with it: nothing trained is judged on what it saw.

The fold depends on the name alone: it is the same in every run, whatever else is trained on or asked. The name is that
of `evals.datasets.answer_sets.Case.group`: the table's for WikiTableQuestions and TAT-QA ("204-csv/590", a uid), the
paper's for COVID-QA ("covidqa/630") and the article's place in the file for XQuAD, in whatever language ("xquad/0").
"""

import hashlib

FOLDS = 5


def fold_of(name: str, folds: int = FOLDS) -> int:
    """0 .. `folds` - 1, from the SHA-256 of the table's or article's name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % folds
