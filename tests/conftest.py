"""Shared by all tests: nothing leaves the machine, and nothing touches the user's own data folder."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from web import ARGUMENTS, CHROMIUM, KEY, VIEWPORT, forget, served

# After the tests in a browser those that take longest, longest first: begun at the end, they would keep one worker
# busy and leave the others idle.
FIRST = (
    "test_stages",
    "test_recognise",
    "test_plain_questions",
    "test_sixty_injections",
    "test_ingest",
    "test_attack_files",
    "test_table_fit",
    "test_mcp",
    "test_pdf_scans",
    "test_image_vectors",
    "test_untrusted",
    "test_followup",
    "test_connectors",
    "test_endless_replies",
    "test_fuzz_v1",
    "test_ranking_fit",
    "test_reading",
    "test_gate",
    "test_corpus_check",
    "test_sample_corpus",
    "test_docs",
    "test_cli",
    "test_fuzz_api",
    "test_plan_command",
    "test_imports",
    "test_judging",
    "test_pruning",
    "test_large_sheets",
    "test_aim_command",
    "test_lora",
    "test_unasked",
    "test_models",
    "test_switch",
    "test_reader",
    "test_mutants",
    "test_long_documents",
    "test_terminal",
)

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: tests wait for servers, programs and clocks as well."""
    from common.threads import cores

    return cores() + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if item.get_closest_marker("browser"):
        return -1
    return FIRST.index(item.path.stem) if item.path.stem in FIRST else len(FIRST)


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Small models are slower on several."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server."""
    from postgres import running

    with running() as url:
        yield url


@pytest.fixture
def database(postgres: str) -> str:
    """The URL of a database in which nothing is yet."""
    from postgres import made

    return made(postgres)


@pytest.fixture(scope="module")
def agent(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Over the small corpus, with the `SETTINGS` of the module, if it has any."""
    from agent_corpus import agent_over

    with agent_over(tmp_path_factory.mktemp("agent"), **getattr(request.module, "SETTINGS", {})) as agent:
        yield agent


@pytest.fixture(scope="module")
def address(agent: Any) -> Iterator[str]:
    """Where the agent of the module is served."""
    from ui.app import application

    with served(application(agent)) as address:
        yield address


@pytest.fixture(scope="module")
def page_of(agent: Any, address: str) -> tuple[Any, str]:
    return agent, address


@pytest.fixture
def client(address: str) -> Iterator[Any]:
    """OpenAI's own, with the key of tests."""
    from openai import OpenAI

    with OpenAI(base_url=f"{address}/v1", api_key=KEY, max_retries=0, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser, for the visitors of one module."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def usual(chromium: Any, address: str) -> Iterator[Any]:
    """The browser of one visitor after the other. A page of the server stays open in it: what others load is then
    fetched and compiled once, which takes half of the time in which one opens."""
    context = chromium.new_context(viewport=VIEWPORT)
    context.set_default_timeout(60_000)
    context.new_page().goto(f"{address}/healthz")
    yield context
    context.close()


@pytest.fixture
def visitor(chromium: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A browser that knows nothing of other visitors. Parameters, if any, are those of its context."""
    if given := getattr(request, "param", {}):
        context = chromium.new_context(**{"viewport": VIEWPORT, **given})
        context.set_default_timeout(60_000)
        yield context
        context.close()
    else:
        context = request.getfixturevalue("usual")
        yield context
        forget(context)
