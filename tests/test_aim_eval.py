"""`triptych eval aim`: which arms may reuse what a server has cached; `triptych eval aim` itself asks a real vLLM."""

from collections.abc import Iterator

import aim_lab
import pytest
from aim_endpoint import Endpoint, listening

from evals.aim.evaluate import ARMS, Asked
from generators.aim.data import Document
from generators.aim.lab import MODEL
from generators.aim.serving import Server


@pytest.fixture
def server() -> Iterator[Server]:
    with listening(str(MODEL)) as url:
        yield Server(url, "lab", timeout=5)


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return aim_lab.documents()[:3]


def test_the_warm_arm_is_asked_after_another_question_about_the_same_demonstrations(server, documents):
    assert "raw-warm" in ARMS
    Asked("raw-warm", documents, None).one(server, 1)
    first, second = Endpoint.bodies
    parts = [body["messages"][-1]["content"] for body in (first, second)]
    assert parts[0][:16] == parts[1][:16]
    assert parts[0][16] != parts[1][16]
    assert not any("cache_salt" in body for body in Endpoint.bodies)


@pytest.mark.parametrize("arm", ["zero", "text", "raw"])
def test_no_other_arm_shares_a_prefix(server, documents, arm):
    asked = Asked(arm, documents, None)
    asked.warm(server)
    for place in range(3):
        asked.one(server, place)
    salts = [body["cache_salt"] for body in Endpoint.bodies]
    assert len(set(salts)) == len(salts) == 6
