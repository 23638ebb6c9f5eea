"""Accounts: by what one comes in, what ends that, and which corpora each sees."""

import asyncio
import io
import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from agent_corpus import Endless, agent_over, with_model
from command import run_here
from household import PASSWORD, Household, living
from web import events, join, served

from agent import Agent, Settings, Token
from common.errors import UserError
from ui.api.places import Busy, Rate
from ui.server import listen
from ui.users import household
from ui.users.access import EVERYBODY, Access, access_of, write_access
from ui.users.accounts import FILE, Accounts


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Household]:
    with living(tmp_path_factory.mktemp("users"), at_once=2) as home:
        yield home


@pytest.fixture(params=["file", "postgres"])
def accounts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Accounts]:
    url = request.getfixturevalue("database") if request.param == "postgres" else ""
    accounts = Accounts(tmp_path / FILE, url)
    yield accounts
    accounts.close()


def models(client: httpx.Client) -> list[str]:
    return [model["id"] for model in client.get("/v1/models").json()["data"]]


def room_of(home: Household, name: str) -> Agent:
    """The agent that this account is led to, once it has asked for something."""
    [household] = [route.app.app for route in home.app.routes if route.path == ""]
    account = home.accounts.named(name)
    agent: Agent = household._rooms[account.id, account.role]._agent
    return agent


def store(client: httpx.Client, name: str, text: str, file: str = "notes.txt") -> str:
    """A corpus of one document, read by a program; the id of its file."""
    client.post("/v1/vector_stores", json={"name": name}).raise_for_status()
    return read(client, name, text, file)


def read(client: httpx.Client, name: str, text: str, file: str = "other.txt") -> str:
    uploaded = client.post("/v1/files", files={"file": (file, text.encode())}).json()
    id: str = uploaded["id"]
    client.post(f"/v1/vector_stores/{name}/files", json={"file_id": id}).raise_for_status()
    while client.get(f"/v1/vector_stores/{name}/files/{id}").json()["status"] == "in_progress":
        pass
    return id


def test_passwords_and_keys_are_kept_as_hashes(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / FILE)
    accounts.add("ada", PASSWORD)
    key = accounts.add_key("ada", "laptop")
    kept = (tmp_path / FILE).read_bytes()
    assert PASSWORD.encode() not in kept and key.encode() not in kept
    assert b"$argon2id$" in kept
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_an_account_is_known_by_its_password_and_its_keys(accounts: Accounts) -> None:
    ada = accounts.add("ada", PASSWORD)
    accounts.add("bob", None)
    assert accounts.signed_in("ada", PASSWORD) == ada
    assert accounts.signed_in("ada", PASSWORD + "x") is None
    assert accounts.signed_in("bob", "") is None
    assert accounts.signed_in("carol", PASSWORD) is None
    key = accounts.add_key("ada", "laptop")
    assert accounts.of_key(key) == ada
    with pytest.raises(UserError, match="laptop"):
        accounts.add_key("ada", "laptop")
    accounts.revoke("ada", "laptop")
    assert accounts.of_key(key) is None
    with pytest.raises(UserError, match="no key"):
        accounts.revoke("ada", "laptop")


@pytest.mark.parametrize("name", ["", "Ada", "a b", "../ada", "a" * 65, "-ada", "ada\n", "everybody"])
def test_other_names_are_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(UserError):
        accounts.add(name, PASSWORD)
    assert accounts.vouched_for(name) is None


@pytest.mark.parametrize("password", ["", "short", "x" * 1025])
def test_passwords_are_neither_short_nor_endless(accounts: Accounts, password: str) -> None:
    with pytest.raises(UserError, match="characters"):
        accounts.add("ada", password)
    assert accounts.all() == []


def test_a_name_is_taken_once(accounts: Accounts) -> None:
    accounts.add("ada", PASSWORD)
    with pytest.raises(UserError, match="already"):
        accounts.add("ada", PASSWORD)


def test_keys_and_names_live_as_long_as_their_account(accounts: Accounts) -> None:
    ada = accounts.add("ada", PASSWORD, "admin")
    key = accounts.add_key("ada", "laptop")
    assert [one.name for one in accounts.keys("ada")] == ["laptop"]
    assert abs(accounts.keys("ada")[0].created - time.time()) < 60  # Postgres' REAL would be off by more
    with pytest.raises(UserError, match="already"):
        accounts.add_key("ada", "laptop")
    accounts.set_disabled("ada", True)
    assert accounts.of_key(key) is None and accounts.signed_in("ada", PASSWORD) is None
    accounts.set_disabled("ada", False)
    assert accounts.of_key(key) == ada
    accounts.revoke("ada", "laptop")
    assert accounts.of_key(key) is None
    accounts.set_password("ada", PASSWORD + "!")
    changed = accounts.signed_in("ada", PASSWORD + "!")
    assert changed and changed.id == ada.id and changed.stamp != ada.stamp
    accounts.set_role("ada", "member")
    assert [(one.name, one.role) for one in accounts.all()] == [("ada", "member")]


def test_one_who_is_signed_in_elsewhere_is_known_by_what_does_not_change(accounts: Accounts) -> None:
    ada = accounts.identified("https://id", "1", "ada")
    assert ada and ada == accounts.identified("https://id", "1", "ada.lovelace")
    with pytest.raises(UserError, match="another user's"):
        accounts.identified("https://id", "2", "ada")
    with pytest.raises(UserError, match="another user's"):
        accounts.identified("https://other", "1", "ada")
    accounts.add("eve", PASSWORD, "admin")
    with pytest.raises(UserError, match="another user's"):
        accounts.identified("https://id", "3", "eve")
    root = accounts.add("root", None, "admin")
    assert accounts.identified("https://id", "4", "root") == root
    accounts.set_disabled("ada", True)
    assert accounts.identified("https://id", "1", "ada") is None


def test_a_database_that_is_not_there_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be reached") as raised:
        Accounts(tmp_path / FILE, "postgresql://ada:hidden-word@127.0.0.1:1/accounts")
    assert "hidden-word" not in raised.value.words and "127.0.0.1" in raised.value.words
    for wrong in ("mysql://ada@there/accounts", "postgres", "sqlite:///x"):
        with pytest.raises(UserError, match="none of Postgres"):
            Accounts(tmp_path / FILE, wrong)


def test_the_page_is_opened_by_a_name_and_its_password(home: Household) -> None:
    with home.client() as stranger:
        form = stranger.get("/login").text
        assert 'name="username"' in form and "Password" in form
        assert stranger.get("/config").status_code == 401
        wrong = {"username": "ada", "password": "not this one"}
        assert stranger.post("/login", data=wrong).status_code == 401
    with home.browser("ada") as ada:
        assert ada.get("/config").status_code == 200
        assert ada.post("/logout").is_redirect or ada.get("/config").status_code == 401
        assert ada.get("/config").status_code == 401


def test_a_key_opens_every_door_of_programs(home: Household) -> None:
    with home.client("ada") as ada:
        for path in ("/v1/models", "/v1/files", "/config"):
            assert ada.get(path).status_code == 200, path
        assert ada.post("/mcp", json={}).status_code not in (401, 403)
    with home.client(authorization="Bearer tk-nobodys") as stranger:
        assert stranger.get("/v1/models").status_code == 401


def test_whoever_is_disabled_is_out_at_once_and_a_new_password_ends_sessions(home: Household) -> None:
    home.accounts.add("carol", PASSWORD)
    home.keys["carol"] = home.accounts.add_key("carol", "test")
    with home.browser("carol") as page, home.client("carol") as program:
        assert page.get("/config").status_code == program.get("/v1/models").status_code == 200
        home.accounts.set_disabled("carol", True)
        assert page.get("/config").status_code == program.get("/v1/models").status_code == 401
        home.accounts.set_disabled("carol", False)
        assert page.get("/config").status_code == 200
        home.accounts.set_password("carol", "another password")
        assert page.get("/config").status_code == 401
        assert program.get("/v1/models").status_code == 200
    with home.browser("carol", "another password") as page:
        assert page.get("/config").status_code == 200


def test_guesses_wait(tmp_path: Path) -> None:
    with living(tmp_path) as home, home.client() as stranger:
        given = {"username": "ada", "password": "not this one"}
        answers = [stranger.post("/login", data=given).status_code for _ in range(8)]
        assert answers[:6] == [401] * 6 and 429 in answers
        right = stranger.post("/login", data=given | {"password": PASSWORD})
        assert right.status_code == 429 and int(right.headers["retry-after"]) >= 1


def test_a_proxy_is_believed_from_its_address_alone(tmp_path: Path) -> None:
    header = {"x-forwarded-user": "dora"}
    believed = {"proxy_user_header": "X-Forwarded-User", "proxies": ("127.0.0.1",)}
    with living(tmp_path, **believed) as home, home.client() as visitor:
        assert visitor.get("/v1/models").status_code == 401
        assert visitor.get("/v1/models", headers=header).status_code == 200
        assert home.accounts.named("dora").role == "member"
        both = [("x-forwarded-user", "dora"), ("x-forwarded-user", "eve")]
        assert visitor.get("/v1/models", headers=both).status_code == 401
        home.accounts.set_disabled("dora", True)
        assert visitor.get("/v1/models", headers=header).status_code == 401


def test_no_other_address_is_believed_whatever_was_forwarded(tmp_path: Path) -> None:
    header = {"x-forwarded-user": "eve", "x-forwarded-for": "10.0.0.7"}
    believed = {"proxy_user_header": "X-Forwarded-User", "proxies": ("10.0.0.7",)}
    with living(tmp_path, **believed) as home, home.client() as visitor:
        assert visitor.get("/v1/models", headers=header).status_code == 401


def test_what_the_command_line_made_is_the_admins_until_it_is_shared(home: Household) -> None:
    folder = home.agent.library.folder("test")
    with home.client("ada") as ada, home.client("eve") as eve:
        assert models(eve) == ["test"]
        assert "test" not in models(ada)
        write_access(folder, Access().shared(home.accounts.named("ada").id, write=False))
        assert "test" in models(ada)
        asked = {"model": "test", "messages": [{"role": "user", "content": "How heavy is the pump?"}]}
        assert "38 kg" in ada.post("/v1/chat/completions", json=asked).json()["choices"][0]["message"]["content"]
        refused = ada.delete("/v1/vector_stores/test")
        assert refused.status_code == 400 and "not yours" in refused.text
        write_access(folder, Access())
        assert ada.post("/v1/chat/completions", json=asked).status_code == 404


def test_a_corpus_is_its_makers_and_others_read_or_change_it_as_it_is_shared(home: Household) -> None:
    with home.client("ada") as ada, home.client("bob") as bob, home.client("eve") as eve:
        store(ada, "reef", "The reef Zanzibarite lies 12 metres deep.")
        assert "reef" in models(ada)
        for other in (bob, eve):
            assert "reef" not in models(other)
            assert other.get("/v1/vector_stores/reef").status_code == 404
            taken = other.post("/v1/vector_stores", json={"name": "reef"})
            assert taken.status_code in (400, 409) and "Zanzibarite" not in taken.text
        folder, id = home.agent.library.folder("reef"), home.accounts.named("bob").id
        write_access(folder, access_of(folder).shared(id, write=False))
        found = bob.post("/v1/vector_stores/reef/search", json={"query": "reef"}).json()["data"]
        assert "Zanzibarite" in found[0]["content"][0]["text"]
        mine = bob.post("/v1/files", files={"file": ("bob.txt", b"The ferry is blue.")}).json()["id"]
        bob.post("/v1/vector_stores/reef/files", json={"file_id": mine})
        while (reading := bob.get(f"/v1/vector_stores/reef/files/{mine}").json())["status"] == "in_progress":
            pass
        assert reading["status"] == "failed" and "not change it" in reading["last_error"]["message"]
        assert bob.delete("/v1/vector_stores/reef").status_code == 400
        theirs = ada.get("/v1/vector_stores/reef/files").json()["data"][0]["id"]
        assert bob.delete(f"/v1/vector_stores/reef/files/{theirs}").status_code == 400
        write_access(folder, access_of(folder).shared(EVERYBODY, write=True))
        assert "reef" in models(eve)
        read(eve, "reef", "The ferry Marigold is blue.")
        assert len(ada.get("/v1/vector_stores/reef/files").json()["data"]) == 2
        assert eve.delete("/v1/vector_stores/reef").status_code == 400
        assert ada.delete("/v1/vector_stores/reef").status_code == 200


def test_access_follows_a_corpus_that_is_renamed(home: Household) -> None:
    with home.client("ada") as ada, home.client("bob") as bob:
        store(ada, "old-name", "The reef Zanzibarite lies 12 metres deep.")
        home.agent.corpora.rename("old-name", "new-name")
        assert "new-name" in models(ada) and "new-name" not in models(bob)
        assert ada.delete("/v1/vector_stores/new-name").status_code == 200


def test_a_user_asks_so_much_in_a_minute_and_others_are_not_held_up(tmp_path: Path) -> None:
    body = {"model": "test", "messages": [{"role": "user", "content": "How heavy is the pump?"}]}
    with living(tmp_path, user_per_minute=3) as home, home.client("eve") as eve, home.client("bob") as bob:
        assert [eve.post("/v1/chat/completions", json=body).status_code for _ in range(3)] == [200] * 3
        for path in ("/v1/chat/completions", "/v1/files", "/v1/audio/speech"):
            refused = eve.post(path, json=body)
            assert refused.status_code == 429
            assert 1 <= int(refused.headers["retry-after"]) <= 60
            assert refused.json()["error"]["code"] == "rate_limit_exceeded"
        assert eve.get("/v1/models").status_code == 200
        assert bob.post("/v1/chat/completions", json=body).status_code == 404  # which is looked at
        asked = [{"text": "How heavy is the pump?", "files": []}, "test", [], "extractive", "", None]
        places = {one["api_name"]: one["id"] for one in eve.get("/config").json()["dependencies"]}
        join(eve, places["ask_question"], asked, "full")
        assert "too much for one minute" in json.dumps(events(eve, "full"))


def test_a_minute_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("ui.api.places.monotonic", lambda: now[0])
    rate = Rate(2)
    rate.take()
    now[0] += 10
    rate.take()
    with pytest.raises(Busy) as caught:
        rate.take()
    assert caught.value.seconds == 50
    now[0] += 50
    rate.take()
    with pytest.raises(Busy):
        rate.take()


def test_all_together_are_answered_so_many_at_once_and_whoever_leaves_gives_way(tmp_path: Path) -> None:
    with living(tmp_path, at_once=1) as home, home.client("eve") as eve, home.client("bob") as bob:
        store(bob, "bobs", "The ferry is blue.")
        eve.get("/v1/models")
        eves, bobs = room_of(home, "eve"), room_of(home, "bob")
        with_model(home.agent, Endless(script=[]))
        first = eves.stream("How heavy is the pump?", corpus="test")
        while not isinstance(next(first), Token):
            pass
        second = bobs.astream("What is blue?", corpus="bobs")

        async def waits() -> None:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(second), 0.5)

        asyncio.run(waits())
        first.close()
        third = bobs.stream("What is blue?", corpus="bobs")
        assert next(third)
        third.close()


def test_it_is_written_down_who_did_what_and_nothing_of_what_was_said(tmp_path: Path) -> None:
    with living(tmp_path) as home:
        with home.client("ada") as ada, home.client("eve") as eve:
            id = store(ada, "reef", "The reef Zanzibarite lies 12 metres deep.")
            for model, question in (("reef", "How deep is Zanzibarite?"), ("reef", "Plot rent: 3, food: 5")):
                body = {"model": model, "messages": [{"role": "user", "content": question}]}
                ada.post("/v1/chat/completions", json=body).raise_for_status()
            ada.delete(f"/v1/vector_stores/reef/files/{id}")
            ada.delete("/v1/vector_stores/reef")
            eve.post("/v1/responses", json={"model": "test", "input": "How heavy is the pump?"}).raise_for_status()
        path = home.agent.settings.data_dir / "audit.jsonl"
        text = path.read_text()
        lines = [json.loads(line) for line in text.splitlines()]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    did = [(line["user"], line["did"], line.get("corpus")) for line in lines]
    hers = ["created", "added", "asked", "made", "asked", "removed", "deleted"]
    assert did == [("ada", one, "reef") for one in hers] + [("eve", "asked", "test")]
    assert lines[1]["document"] == "notes.txt" and lines[3]["form"] == "chart"
    assert all(line["at"].endswith("+00:00") for line in lines)
    assert "Zanzibarite" not in text and "pump" not in text and "metres" not in text


def test_what_is_kept_for_a_while_is_cleared_of_everybody(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, keep_days=1)
    for account in ("1", "2"):
        for name in ("given/old.png", "citations/new.json", "conversations.sqlite"):
            path = tmp_path / household.FOLDER / account / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
            if "new" not in name:
                os.utime(path, (1, 1))
    assert household.clear(settings) == 2
    left = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert left == ["conversations.sqlite"] * 2 + ["new.json"] * 2


def test_the_commands_add_list_disable_and_make_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(*words: str, given: str = "") -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        done = run_here([*words, "--data-dir", tmp_path])
        assert done.returncode == 0, done.stderr
        return str(done.stdout)

    told("user", "add", "ada", "--admin", given=f"{PASSWORD}\n")
    told("user", "add", "bob", "--no-password")
    assert told("user", "list").splitlines() == ["ada  admin", "bob  member"]
    key = told("user", "key", "bob", "laptop").strip()
    accounts = Accounts(tmp_path / FILE)
    assert accounts.signed_in("ada", PASSWORD)
    assert accounts.of_key(key) == accounts.named("bob")
    assert told("user", "keys", "bob").startswith("laptop  20")
    told("user", "revoke", "bob", "laptop")
    assert accounts.of_key(key) is None
    told("user", "disable", "bob")
    assert "bob  member  disabled" in told("user", "list")
    told("corpus", "create", "shared")
    assert "read all" in told("corpus", "share", "shared", "--all")
    assert "change bob; read all" in told("corpus", "share", "shared", "bob", "--write")
    assert json.loads((tmp_path / "corpora/shared/access.json").read_text())["readers"] == [EVERYBODY]
    assert "change bob." in told("corpus", "unshare", "shared", "--all")
    assert run_here(["corpus", "share", "shared", "zoe", "--data-dir", tmp_path]).returncode == 2
    accounts.close()


def test_one_password_and_accounts_are_not_asked_for_together(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="besides"):
        listen(Settings(data_dir=tmp_path, users=True, api_key="x", port=0))


def test_without_accounts_nothing_changes(tmp_path: Path) -> None:
    """Off by default: an account that is there asks nobody for anything."""
    from ui.app import application

    with agent_over(tmp_path) as agent:
        Accounts(agent.settings.data_dir / FILE).add("ada", PASSWORD)
        with served(application(agent)) as address:
            assert httpx.get(f"{address}/v1/models").json()["data"][0]["id"] == "test"
    assert not (tmp_path / "data" / household.FOLDER).exists()
