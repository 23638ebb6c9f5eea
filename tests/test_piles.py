"""Tables and paragraphs as documents of a small corpus."""

import json

from evals.datasets.answer_sets import read_cases
from evals.estimate.examples import searched
from evals.estimate.piles import piled


def test_each_article_is_a_document_and_its_questions_are_asked_of_it(tmp_path):
    texts = ("The mill of Vardo grinds 30 sacks a day.", "The ferry of Holm leaves at noon.")
    articles = [
        {"paragraphs": [{"context": text, "qas": [{"question": question, "answers": [{"text": answer}]}]}]}
        for text, question, answer in zip(
            texts, ("How much does the mill grind?", "When does the ferry leave?"), ("30 sacks", "noon"), strict=True
        )
    ]
    (tmp_path / "made.json").write_text(json.dumps({"data": articles}), encoding="utf-8")
    with piled(read_cases(tmp_path / "made.json")) as (corpus, cases):
        assert {record.name for record in corpus.documents()} == {"0.md", "1.md"}
        before, found = searched(corpus, cases[0].question, cases[0].documents)
        assert before is not None
        assert found.best[0].words == "30 sacks a day"[: len(found.best[0].words)]
