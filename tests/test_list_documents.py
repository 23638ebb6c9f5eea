"""The list of documents is of those that the request may see."""

from agent_corpus import agent_over

from agent.tools import list_documents
from agent.tools.base import Scope


def test_only_documents_of_the_request_are_listed(tmp_path):
    with agent_over(tmp_path) as agent:
        corpus = agent.library.open("test")
        assert "planets.md" in list_documents.build(Scope(corpus)).invoke({})
        limited = list_documents.build(Scope(corpus, documents=("moons.md",))).invoke({})
        assert "moons.md" in limited
        assert "planets.md" not in limited
