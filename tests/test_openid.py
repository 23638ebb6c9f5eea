"""Signing in at an OpenID Connect provider: a real one, small, which the test serves itself."""

import base64
import hashlib
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from household import Household, living
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from web import served

jwk = pytest.importorskip("joserfc.jwk", reason="the extra openid is not installed")
pytest.importorskip("authlib", reason="the extra openid is not installed")

CLIENT, SECRET = "triptych", "between-us"
BROWSER = {"accept": "text/html"}


@dataclass
class Provider:
    """Lets everybody in at once, as whom `says` says. `signs` signs its tokens; it shows `key`."""

    says: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: jwk.RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    signs: Any = None
    issuer: str = ""
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.metadata),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", lambda _: JSONResponse({"keys": [self.key.as_dict(private=False)]})),
            ]
        )

    def metadata(self, _: Request) -> Response:
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        said: dict[str, Any] = {name: f"{self.issuer}/{end}" for name, end in ends.items()}
        return JSONResponse(said | {"issuer": self.issuer, "id_token_signing_alg_values_supported": ["RS256"]})

    def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["client_id"] == CLIENT and "openid" in asked["scope"].split()
        code = secrets.token_urlsafe()
        self.asked[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    async def token(self, request: Request) -> Response:
        from joserfc import jwt

        given = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.asked.pop(given["code"], None)
        if asked is None or request.headers["authorization"] != f"Basic {basic}":
            return JSONResponse({"error": "invalid_grant"}, 400)
        digest = hashlib.sha256(given["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]
        assert asked["code_challenge_method"] == "S256" and given["redirect_uri"] == asked["redirect_uri"]
        now = int(time.time())
        said = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": asked["nonce"]} | self.says
        token = jwt.encode({"alg": "RS256", "kid": "one"}, said, self.signs or self.key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    provider = Provider()
    with served(provider.app()) as provider.issuer:
        yield provider


@pytest.fixture(scope="module")
def home(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Household]:
    known = {"openid_issuer": provider.issuer, "openid_client": CLIENT, "openid_secret": SECRET}
    with living(tmp_path_factory.mktemp("openid"), **known) as home:
        yield home


@pytest.fixture(autouse=True)
def honest(provider: Provider) -> None:
    provider.says, provider.signs = {}, None


def browser(home: Household) -> httpx.Client:
    return httpx.Client(base_url=home.address, headers=BROWSER, follow_redirects=True, timeout=60)


def signed_in(home: Household, provider: Provider, **says: Any) -> httpx.Response:
    provider.says = says
    with browser(home) as client:
        client.get("/openid")
        return client.get("/v1/models")


def refused(home: Household, provider: Provider, **says: Any) -> str:
    """The words on the page of whoever is not let in."""
    provider.says = says
    with browser(home) as client:
        answer = client.get("/openid")
        assert answer.status_code == 403 and client.get("/v1/models").status_code == 401
        return answer.text


def test_the_way_in_names_the_provider(home: Household, provider: Provider) -> None:
    with browser(home) as client:
        assert f"Sign in at {urlsplit(provider.issuer).netloc}</a>" in client.get("/login").text


def test_whoever_signs_in_there_is_a_member_here_and_stays_the_same(home: Household, provider: Provider) -> None:
    assert signed_in(home, provider, sub="7", preferred_username="Grace").status_code == 200
    grace = home.accounts.named("grace")
    assert grace.role == "member"
    assert signed_in(home, provider, sub="7", preferred_username="grace.hopper").status_code == 200
    assert "grace.hopper" not in [one.name for one in home.accounts.all()]
    home.accounts.set_disabled("grace", True)
    assert "disabled" in refused(home, provider, sub="7", preferred_username="grace")


def test_nobody_takes_the_name_of_another(home: Household, provider: Provider) -> None:
    assert "another user" in refused(home, provider, sub="8", preferred_username="eve")
    signed_in(home, provider, sub="9", preferred_username="alan").raise_for_status()
    assert "another user" in refused(home, provider, sub="10", preferred_username="alan")
    assert "preferred_username" in refused(home, provider, sub="11")
    assert "cannot be the name" in refused(home, provider, sub="11", preferred_username="../x")


@pytest.mark.parametrize(
    "forged", [{"aud": "another"}, {"iss": "https://another.example"}, {"nonce": "an old one"}, {"exp": 1_000_000}]
)
def test_tokens_that_are_not_for_this_server_now_are_refused(
    home: Household, provider: Provider, forged: dict[str, Any]
) -> None:
    assert "failed" in refused(home, provider, sub="12", preferred_username="mallory", **forged)
    assert "mallory" not in [one.name for one in home.accounts.all()]


def test_a_token_that_another_signed_is_refused(home: Household, provider: Provider) -> None:
    provider.signs = jwk.RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
    assert "failed" in refused(home, provider, sub="12", preferred_username="mallory")


def test_only_whoever_began_comes_in(home: Household, provider: Provider) -> None:
    provider.says = {"sub": "13", "preferred_username": "mary"}
    with browser(home) as hers, browser(home) as another:
        begun = hers.get("/openid", follow_redirects=False)
        back = httpx.get(begun.headers["location"], follow_redirects=False).headers["location"]
        assert another.get(back).status_code == 403 and another.get("/v1/models").status_code == 401
        linked = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
        assert hers.get(back, headers=linked).status_code == 200 and hers.get("/v1/models").status_code == 200
        assert another.get(back).status_code == 403
    with browser(home) as client:
        for words in ("", "?error=access_denied", "?code=x&state=y"):
            assert client.get(f"/openid-back{words}").status_code == 403


def test_an_address_counts_where_it_was_verified(provider: Provider, tmp_path: Path) -> None:
    known = {"openid_issuer": provider.issuer, "openid_client": CLIENT, "openid_secret": SECRET}
    with living(tmp_path, openid_claim="email", **known) as home:
        mail = "joan@example.org"
        assert "not verified" in refused(home, provider, sub="1", email=mail)
        assert signed_in(home, provider, sub="1", email=mail, email_verified=True).status_code == 200
        assert home.accounts.named(mail).role == "member"


def test_a_provider_that_is_down_is_said(tmp_path: Path) -> None:
    with living(tmp_path, openid_issuer="http://127.0.0.1:1", openid_client="x") as home, browser(home) as client:
        answer = client.get("/openid")
        assert answer.status_code == 403 and "failed. Try again" in answer.text
