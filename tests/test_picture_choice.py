"""A picture that is asked for: shown from the documents when they hold it, else made, or said what would make it."""

import json
from pathlib import Path

import pytest
import tiny_diffusion
from PIL import Image

from agent import Agent
from agent.build import Parts
from agent.lexicon import subject
from agent.routers.picture_choice import settled
from evals.pictures import evaluate as pictures
from evals.wanted.pictures import PICTURES, write_documents
from ui import cli

CAPTIONS = ("The lunar rover beside the landing module", "Cranes of the harbour in winter")


@pytest.fixture(scope="module")
def agent(tmp_path_factory):
    root = tmp_path_factory.mktemp("shown")
    Image.new("RGB", (200, 120), "lightblue").save(root / "blank.png")
    figures = "".join(
        f'<figure><img src="blank.png"><figcaption>Figure {number}: {caption}.</figcaption></figure>'
        for number, caption in enumerate(CAPTIONS, start=1)
    )
    (root / "guide.html").write_text(f"<h1>A guide</h1><p>What there is to see.</p>{figures}", encoding="utf-8")
    with Agent.from_corpus(root / "guide.html", corpus="guide", data_dir=root / "data") as made:
        yield made


@pytest.mark.parametrize(
    "request_",
    [
        "Show me a picture of the lunar rover.",
        "pic of the lunar rover pls",
        "Is there a photo of the lunar rover? Show it.",
    ],
)
def test_what_the_documents_hold_is_shown_and_cited(agent, request_):
    answer = agent.ask(request_)
    (shown,) = answer.artifacts
    assert not shown.made
    assert "lunar rover" in shown.title
    (citation,) = shown.sources
    assert citation in answer.citations
    assert (citation.hit.element.document, citation.hit.element.kind) == ("guide.html", "figure")


def test_a_picture_that_only_comes_close_is_shown_as_that_and_an_unlike_one_not_at_all(agent):
    answer = agent.ask("Would you happen to have an illustration of where the ships unload, maybe the harbour?")
    assert answer.text.startswith("The closest picture here is “Figure 2: Cranes of the harbour in winter.”")
    assert [artifact.sources[0].hit.element.caption for artifact in answer.artifacts] == [f"Figure 2: {CAPTIONS[1]}."]
    answer = agent.ask("Find me the existing picture of a heart valve.")
    assert not answer.found
    assert not answer.artifacts


@pytest.mark.parametrize("request_", ["Paint a cat on the moon.", "A picture of a cat in a space suit, please."])
def test_what_they_do_not_hold_would_be_made_and_the_closest_are_offered(agent, request_):
    answer = agent.ask(request_)
    (notice,) = answer.notices
    assert "picture could not be made" in notice
    assert "picture-served" in answer.advice[0]
    assert answer.artifacts
    assert all(artifact.title.startswith("Closest picture here") and artifact.sources for artifact in answer.artifacts)


def test_what_they_do_not_hold_is_made_where_a_model_is_set(agent, tmp_path):
    model = str(tiny_diffusion.write_pictures(tmp_path / "model"))
    converters = Parts(agent.settings.model_copy(update={"converters": {"picture-hf": {"model": model}}})).converters
    before, agent._parts.__dict__["converters"] = agent._parts.converters, converters
    try:
        (painted,) = agent.ask("Paint a cat on the moon.").artifacts
    finally:
        agent._parts.__dict__["converters"] = before
    assert (painted.made["form"], painted.made["converters"]) == ("picture", ["picture-hf"])
    with Image.open(painted.path) as image:
        assert image.size == (64, 64)


def test_the_same_words_are_decided_by_what_there_is(agent):
    head = agent._parts.switch.classifier
    find = agent._parts.library.open("guide").search
    for request, wanted in (
        ("A picture of the harbour cranes.", "image"),
        ("A picture of the winter cranes of the harbour, painted as a cartoon.", "picture"),
        ("A picture of a steam engine at the bottom of the sea.", "picture"),
    ):
        assert settled(head(request), lambda words: find(words, kinds=["figure"])).modalities == {wanted}, request


def test_a_request_that_names_no_subject_is_left_alone(agent):
    reading = agent._parts.switch.classifier("Show me the picture.")
    assert subject("Show me the picture, please.") == ""
    assert settled(reading, lambda words: pytest.fail(f"looked for {words!r}")) == reading


def test_the_evaluation_judges_every_arm(agent, tmp_path, capsys):
    data = tmp_path / "items.jsonl"
    items = (("Show me a picture of the lunar rover.", "show"), ("Paint a cat on the moon.", "make"))
    lines = [json.dumps({"request": request, "want": want, "set": "mine"}) for request, want in items]
    data.write_text("\n".join(lines), encoding="utf-8")
    chosen = pictures.arms(agent._parts, agent.library.open("guide"))
    found = {name: [arm(request) for request, _ in items] for name, arm in chosen.items()}
    report = {name: pictures.summary(pictures.read(data), one) for name, one in found.items()}
    assert report["always show"]["mine"]["right"][0] == report["always make"]["all"]["right"][0] == 0.5
    assert found["learned"] == found["agent's plan"] == ["show", "make"]
    assert "| learned | 1.000" in pictures.markdown(report)
    assert cli.main(["eval", "pictures", "--data", str(tmp_path / "none.jsonl")]) == 2
    assert "There is no file" in capsys.readouterr().err


def test_the_documents_for_training_have_their_figures(tmp_path: Path):
    described = json.loads(PICTURES.read_text(encoding="utf-8"))["documents"]
    written = write_documents(tmp_path)
    assert len(written) == len(described)
    assert sum(path.read_text(encoding="utf-8").count("<figcaption>") for path in written) == sum(
        map(len, described.values())
    )
