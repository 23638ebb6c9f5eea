"""What is found out about served models, which settings that gives them, and where they are looked for.

The replies of servers that are not here have the shape that their documentation gives them.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from describing_server import describing, hello, listing
from endless_endpoint import call, end, token

from agent import Agent, Settings, doctor, models
from agent.models import abilities, budget, profiles
from agent.models.abilities import Abilities
from agent.models.served import json_requests, places, trials
from common.errors import UserError

LLAMA_CPP = {
    **listing("m", "llamacpp", meta={"n_params": 1_500_000_000, "n_ctx_train": 32768}),
    "/props": {
        "default_generation_settings": {"n_ctx": 6144},
        "modalities": {"vision": True},
        "chat_template_caps": {"supports_tools": True},
    },
}
OLLAMA_SHOWN = {
    "capabilities": ["completion", "tools"],
    "parameters": 'stop    "<|im_end|>"\nnum_ctx    12288',
    "model_info": {"general.parameter_count": 8_000_000_000, "llama.context_length": 131072},
}
OLLAMA = {**listing("m", "library"), "/api/show": OLLAMA_SHOWN, "/api/ps": {"models": []}}
LOADED = {"/api/ps": {"models": [{"name": "m", "model": "m", "context_length": 32000}]}}
LM_STUDIO = {
    **listing("m", "organization_owner"),
    "/api/v0/models/m": {"type": "vlm", "max_context_length": 131072, "capabilities": ["tool_use"]},
}
OPEN_ROUTER = listing(
    "m",
    "",
    context_length=65536,
    supported_parameters=["tools", "logprobs"],
    architecture={"input_modalities": ["text", "image"]},
)
SAID: dict[str, tuple[dict[str, Any], Abilities]] = {
    "llama.cpp": (LLAMA_CPP, Abilities(True, True, True, True, 6144, 1_500_000_000)),
    "Ollama, not loaded": (OLLAMA, Abilities(True, True, False, None, 12288, 8_000_000_000)),
    "Ollama, loaded": (OLLAMA | LOADED, Abilities(True, True, False, None, 32000, 8_000_000_000)),
    "Ollama's default": (
        OLLAMA | {"/api/show": OLLAMA_SHOWN | {"parameters": ""}},
        Abilities(True, True, False, None, 4096, 8_000_000_000),
    ),
    "LM Studio": (LM_STUDIO, Abilities(True, True, True, None, 4096)),
    "vLLM": (listing("m", "vllm", max_model_len=40960), Abilities(context=40960)),
    "OpenRouter": (OPEN_ROUTER, Abilities(True, False, True, True, 65536)),
    "an older llama.cpp": ({**LLAMA_CPP, "/props": {}}, Abilities()),
    "another model": (listing("another", "vllm", max_model_len=40960), Abilities()),
    "no list": ({}, Abilities()),
}


@pytest.mark.parametrize(("pages", "known"), SAID.values(), ids=list(SAID))
def test_a_server_says_what_its_model_can_do(pages: dict[str, Any], known: Abilities) -> None:
    with describing(pages) as server:
        model = models.load(Settings(model=f"openai:m@{server.url}"))
        assert abilities.of(model) == known


def test_it_is_asked_once_and_again_where_it_did_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with describing(OLLAMA) as server:
        model = models.load(Settings(model=f"openai:m@{server.url}"))
        assert len({abilities.of(model) for _ in range(3)}) == 1
        assert len(server.asked) == 3
        server.pages = {}
        late = models.load(Settings(model=f"openai:m@{server.url}"))
        assert abilities.of(late) == Abilities()
        server.pages = OLLAMA
        assert abilities.of(late) == Abilities(), "not at once: a server that hangs would hold up every question"
        monkeypatch.setattr(late, "_look_again", 0.0)
        assert abilities.of(late).context == 12288


NONSENSE = {
    "no number": listing("m", "vllm", max_model_len="40960"),
    "negative": listing("m", "vllm", max_model_len=-1),
    "a yes": listing("m", "vllm", max_model_len=True),
    "too few": listing("m", "vllm", max_model_len=3),
    "no list": {"/v1/models": {"data": {"m": 1}}},
    "no names": {"/v1/models": {"data": [None, {"id": 3}]}},
    "shown as text": OLLAMA | {"/api/show": "gone"},
    "parameters in words": OLLAMA | {"/api/show": OLLAMA_SHOWN | {"model_info": {"general.parameter_count": "8B"}}},
}


@pytest.mark.parametrize("pages", NONSENSE.values(), ids=list(NONSENSE))
def test_nonsense_is_nothing_known(pages: dict[str, Any]) -> None:
    with describing(pages) as server:
        known = abilities.of(models.load(Settings(model=f"openai:m@{server.url}")))
        assert known.parameters is None
        assert known.context in (None, 12288)
        profiles.fitted(Settings(model=f"openai:m@{server.url}"))


def test_a_key_is_not_carried_elsewhere() -> None:
    """Neither by a redirect nor through the proxy that the usual variables name."""
    with describing({}) as elsewhere, describing({}) as server:
        server.redirect = f"{elsewhere.url}/models"
        model = models.load(Settings(model=f"openai:m@{server.url}", model_api_key="secret"))
        assert abilities.of(model) == Abilities()
        assert server.asked
        assert not elsewhere.asked


def test_a_server_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_requests, "TIMEOUT", 0.5)
    with describing(BIG) as server:
        server.drips = True
        began = time.monotonic()
        assert abilities.of(models.load(Settings(model=f"openai:m@{server.url}"))) == Abilities()
        assert time.monotonic() - began < 60  # it was for ever


def calling(body: dict[str, Any]) -> Iterator[bytes]:
    yield from [call("search", '{"query": "lighthouse"}'), end("tool_calls")] if "tools" in body else hello(body)


def writing_calls(body: dict[str, Any]) -> Iterator[bytes]:
    """As Qwen2.5-Coder-1.5B does, whose template knows tools."""
    yield from [token('<tools>{"name": "search", "arguments": {"query": "lighthouse"}}</tools>'), end()]


def refusing_tools(body: dict[str, Any]) -> Iterator[bytes]:
    if "tools" not in body:
        yield from hello(body)


@pytest.mark.parametrize(
    ("reply", "router"), [(calling, "tool_calling"), (writing_calls, "switch"), (refusing_tools, "switch")]
)
def test_a_model_gets_the_tool_calling_router_if_it_calls_tools(reply: Any, router: str, tmp_path: Path) -> None:
    with describing(listing("m", "vllm", max_model_len=40960), reply) as server:
        with Agent(model=f"openai:m@{server.url}", data_dir=tmp_path) as agent:
            assert agent._parts.router.name == router
            assert models.calls_tools(agent._parts.model) == (router == "tool_calling")
        assert len(server.bodies) == 1, "tried once"


def test_a_model_without_tools_in_its_template_is_not_tried() -> None:
    without = {"/props": {**LLAMA_CPP["/props"], "chat_template_caps": {"supports_tools": False}}}
    with describing(LLAMA_CPP | without) as server:
        assert not models.calls_tools(models.load(Settings(model=f"openai:m@{server.url}")))
        assert not server.bodies


def test_what_no_server_says_is_tried() -> None:
    def reply(body: dict[str, Any]) -> Iterator[bytes]:
        if "response_format" in body:
            yield from [token('{"colour": "red"}'), end()]
        elif "image_url" not in json.dumps(body["messages"]) and "logprobs" not in body:
            yield from calling(body)

    with describing(listing("m", "vllm", max_model_len=40960), reply) as server:
        tried = trials.everything(models.load(Settings(model=f"openai:m@{server.url}")))
    assert tried == Abilities(tools=True, schema=True, images=False, logprobs=False, context=40960)
    assert str(tried) == "tools, schema, no images, no logprobs, context of 40,960 tokens"


BIG = listing("m", "vllm", max_model_len=40960)
SIZES = {
    "a small name": (listing("qwen2.5:1.5b", "vllm", max_model_len=40960), "qwen2.5:1.5b", True),
    "millions": (listing("SmolLM2-360M", "vllm", max_model_len=8192), "SmolLM2-360M", True),
    "a short context": (listing("m-70b", "vllm", max_model_len=4096), "m-70b", True),
    "parameters": (LLAMA_CPP, "m", True),
    "a big name": (listing("Qwen2.5-VL-7B-Instruct", "vllm", max_model_len=40960), "Qwen2.5-VL-7B-Instruct", False),
    "a mixture": (listing("mixtral-8x7b", "vllm", max_model_len=40960), "mixtral-8x7b", False),
    "of 30 some 3": (listing("qwen3-30b-a3b", "vllm", max_model_len=40960), "qwen3-30b-a3b", False),
    "no size": (listing("gpt-4o-mini", "system"), "gpt-4o-mini", False),
}


@pytest.mark.parametrize(("pages", "name", "small"), SIZES.values(), ids=list(SIZES))
def test_small_models_get_the_small_profile(pages: dict[str, Any], name: str, small: bool) -> None:
    with describing(pages) as server:
        given = Settings(model=f"openai:{name}@{server.url}", top_k=7)
        fitting = profiles.fitted(given)
    assert (fitting.router == "switch") == small
    assert (fitting.model_tokens == 512) == small
    assert fitting.top_k == 7, "what was set stays"


def test_the_profile_can_be_chosen() -> None:
    with describing(BIG) as server:
        spec = f"openai:m@{server.url}"
        assert profiles.fitted(Settings(model=spec, model_profile="small")).model_images == 0
    with describing(LLAMA_CPP) as server:
        assert profiles.fitted(Settings(model=f"openai:m@{server.url}", model_profile="full")).router == "auto"
    assert profiles.fitted(Settings()) == Settings()


def test_a_file_is_small_by_its_size_and_the_smallest_do_not_judge(tmp_path: Path) -> None:
    def fitting(size: int) -> Settings:
        path = tmp_path / "weights.gguf"
        with path.open("wb") as file:
            file.truncate(size)
        return profiles.fitted(Settings(model=f"gguf:{path}"))

    smallest, small, large = fitting(98 << 20), fitting(1117 << 20), fitting(4700 << 20)
    assert [one.router for one in (smallest, small, large)] == ["switch", "switch", "auto"]
    assert [one.judged for one in (smallest, small, large)] == [0, 1, 0]


def test_no_pictures_are_drawn_for_a_model_that_sees_none() -> None:
    with describing(OLLAMA) as server:
        fitting = profiles.fitted(Settings(model=f"openai:m@{server.url}"))
    assert (fitting.model_images, fitting.router) == (0, "auto")


def test_a_server_that_is_down_leaves_the_name() -> None:
    nobody = "http://127.0.0.1:9/v1"
    assert profiles.fitted(Settings(model=f"openai:llama3.2:3b@{nobody}")).router == "switch"
    assert profiles.fitted(Settings(model=f"openai:m@{nobody}")).router == "auto"


@pytest.fixture
def ollama(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with describing(OLLAMA, calling) as server:
        here = {"ollama": places.Place("Ollama", server.server_port), "lmstudio": places.Place("LM Studio", 9)}
        monkeypatch.setattr(places, "PLACES", here)
        yield server


def test_a_server_of_this_machine_is_named_by_its_kind(ollama: Any) -> None:
    model = models.load(Settings(model="ollama:m"))
    assert model.invoke("hello").text == "hello"
    assert ollama.bodies[0]["model"] == "m"
    assert ollama.bodies[0]["max_tokens"] == 2048, "the only limit that Ollama reads"


def test_doctor_offers_the_servers_of_this_machine(ollama: Any) -> None:
    parts = {part.name: part for part in doctor.examine(Settings())}
    assert "Ollama: set TRIPTYCH_MODEL=ollama:m" in parts["model servers here"].detail


def test_doctor_says_what_a_model_can_do_and_its_profile(ollama: Any) -> None:
    parts = {part.name: part for part in doctor.examine(Settings(model="ollama:m"))}
    assert parts["model abilities"].detail == "tools, schema, no images, no logprobs, context of 12,288 tokens"
    assert "model_images 0" in parts["model profile"].detail


def test_serve_says_that_a_model_could_answer_and_takes_none(
    ollama: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from ui import cli, server

    opened: list[Settings] = []
    monkeypatch.setattr(server, "serve", lambda settings, **more: opened.append(settings))
    assert cli.main(["serve", "--no-browser"]) == 0
    assert "TRIPTYCH_MODEL=ollama:m" in capsys.readouterr().out
    assert opened[0].model == "extractive"
    monkeypatch.setenv("TRIPTYCH_MODEL", "ollama:m")
    assert cli.main(["serve", "--no-browser"]) == 0
    assert "TRIPTYCH_MODEL=" not in capsys.readouterr().out


@pytest.mark.parametrize("spec", ["ollama:", "lmstudio", "openai:x@localhost"])
def test_a_name_that_names_nothing_is_explained(spec: str) -> None:
    with pytest.raises(UserError, match=r"ollama:<name>.*openai:<name>@<url>"):
        places.name_and_url(spec)


def test_a_small_context_is_shared_between_prompt_and_reply() -> None:
    with describing(LM_STUDIO) as server:
        model = models.load(Settings(model=f"openai:m@{server.url}"))
        assert budget.reply(model) == 1024
        assert budget.budget(model) == 4096 - 1024 - budget.TEMPLATE
        assert budget.budget(model, "seven words stand here beside the sources") < budget.budget(model)
        model.invoke("hello")
        assert server.bodies[0]["max_tokens"] == 1024
        assert budget.budget(model, "word " * 5000) == 0


def test_a_context_that_is_set_is_the_one() -> None:
    with describing(OLLAMA) as server:
        given = Settings(model=f"openai:m@{server.url}", model_context=4000)
        assert abilities.of(models.load(given)).context == 4000
        assert profiles.fitted(given).router == "switch"


def test_a_long_reply_is_let_through_where_the_context_is_not_known() -> None:
    with describing({}) as server:
        model = models.load(Settings(model=f"openai:m@{server.url}", model_tokens=6000))
        model.invoke("hello")
        assert server.bodies[0]["max_tokens"] == 6000
        assert budget.budget(model) > 6000
