"""Sharing a corpus on the page, in real browsers of two users."""

import json

import pytest
from household import PASSWORD, living
from talks import ready
from web import CHROMIUM, violations

from ui.users.access import EVERYBODY, Access, access_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with living(tmp_path_factory.mktemp("sharing")) as home:
        yield home


def documents_of(visitor, home, name):
    """Signs in; the documents as this user sees them."""
    page = visitor.new_page()
    page.goto(home.address)
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    ready(page)
    page.get_by_role("tab", name="Documents").click()
    page.locator("#corpora button").first.wait_for()
    return page


def made(page, name):
    page.once("dialog", lambda dialog: dialog.accept(name))
    page.locator("#corpora").get_by_role("button", name="New corpus").click()
    page.wait_for_function("name => document.querySelector('#corpus input')?.value === name", arg=name)


def sharing(page):
    page.locator("#sharing").get_by_role("button", name="Shared with").click()
    page.get_by_label("Users who may read").wait_for()


def give(page, label, user):
    box = page.locator("#sharing").get_by_label(label)
    box.fill(user)
    box.press("Enter")
    given(page, user).wait_for()
    save(page)


def save(page):
    page.locator("#sharing").get_by_role("button", name="Save").click()


def given(page, user):
    return page.locator("#sharing .token", has_text=user)


def shared_with(page, who):
    page.locator("#sharing").get_by_text(f"Shared with {who}", exact=True).wait_for()


def names_of(home, name):
    with home.client(name) as client:
        return [model["id"] for model in client.get("/v1/models").json()["data"]]


def test_a_corpus_is_shared_and_no_longer_by_its_owner_alone(visitor, home):
    page = documents_of(visitor, home, "ada")
    made(page, "reefs")
    ada, bob = (home.accounts.named(name).id for name in ("ada", "bob"))
    assert "reefs" not in names_of(home, "bob")
    folder = home.agent.library.folder("reefs")
    sharing(page)
    assert violations(page, "#sharing") == []
    give(page, "Users who may read", "Bob")
    shared_with(page, "bob")
    assert access_of(folder) == Access(ada, readers=frozenset([bob]))
    assert "reefs" in names_of(home, "bob")
    give(page, "Users who may also add", "nobody-here")
    page.locator("#sharing .problem").get_by_text("There is no user").wait_for()
    assert given(page, "nobody-here").count() == 0 and given(page, "bob").count() == 1
    give(page, "Users who may also add", "everybody")
    shared_with(page, "everybody, bob")
    assert access_of(folder) == Access(ada, frozenset([bob]), frozenset([EVERYBODY]))
    assert page.locator("#sharing .problem").count() == 0
    page.reload()
    ready(page)
    page.get_by_role("tab", name="Documents").click()
    sharing(page)
    given(page, "bob").get_by_role("button").click()
    save(page)
    shared_with(page, "everybody")
    assert access_of(folder) == Access(ada, writers=frozenset([EVERYBODY]))
    log = (home.agent.settings.data_dir / "audit.jsonl").read_text().splitlines()
    told = [line for line in map(json.loads, log) if line["did"] == "shared"]
    assert [(line["read"], line["write"]) for line in told] == [("bob", ""), ("bob", "*"), ("", "*")]


def test_whoever_is_let_read_cannot_share(visitor, home):
    with home.client("ada") as client:
        client.post("/v1/vector_stores", json={"name": "wrecks"}).raise_for_status()
    page = documents_of(visitor, home, "bob")
    page.locator("#corpora").get_by_text("empty").wait_for()
    assert not page.locator("#sharing").is_visible()
