"""Signing in at an OpenID Connect provider, by Authlib: the authorization code flow with PKCE.

The provider's metadata, keys and tokens are fetched from the address in the settings and where its metadata say. The
browser is sent with a state, a nonce and a verifier, which it brings back in a signed cookie.
"""

import logging
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agent.settings import Settings
from common.errors import MissingExtra, UserError
from ui.users.accounts import Account, Accounts

if TYPE_CHECKING:
    from authlib.integrations.starlette_client import StarletteOAuth2App

START, BACK = "/openid", "/openid-back"
COOKIE, SECONDS = "triptych-openid", 600  # in which somebody has to sign in there
METADATA = "/.well-known/openid-configuration"
_log = logging.getLogger("triptych.gate")


class OpenId:
    """`welcome` begins the session of an account, `refuse` says why somebody is not let in.

    Raises `MissingExtra` without the extra `openid`.
    """

    def __init__(
        self,
        settings: Settings,
        accounts: Accounts,
        welcome: Callable[[Request, Account], Response],
        refuse: Callable[[str], Response],
    ) -> None:
        self._accounts, self._welcome, self._refuse = accounts, welcome, refuse
        self._issuer, self._claim = settings.openid_issuer.rstrip("/"), settings.openid_claim
        self._client = _client(settings, self._issuer)

    @property
    def name(self) -> str:
        """What the button says."""
        return urlsplit(self._issuer).netloc

    def routes(self) -> list[Route]:
        from starlette.middleware.sessions import SessionMiddleware  # imports itsdangerous

        cookie = Middleware(
            SessionMiddleware,
            secret_key=secrets.token_urlsafe(32),
            session_cookie=COOKIE,
            max_age=SECONDS,
        )
        return [
            Route(path, answer, methods=["GET"], middleware=[cookie], max_body_size=0)
            for path, answer in ((START, self.start), (BACK, self.back))
        ]

    async def start(self, request: Request) -> Response:
        import httpx2
        from authlib.common.errors import AuthlibBaseError

        try:
            back = str(request.url.replace(path=BACK, query=""))
            answer: Response = await self._client.authorize_redirect(request, back)
        except (AuthlibBaseError, httpx2.HTTPError, ValueError, RuntimeError, KeyError) as error:
            return self._failed(error)
        return answer

    async def back(self, request: Request) -> Response:
        """Only whoever began here comes in, and only by a token which the provider signed for this server now."""
        import httpx2
        from authlib.common.errors import AuthlibBaseError
        from joserfc.errors import JoseError

        try:
            token = await self._client.authorize_access_token(request)
            said: dict[str, Any] = token["userinfo"]
            account = await run_in_threadpool(self._account, said)
        except UserError as error:
            return self._refuse(error.words)
        except (AuthlibBaseError, JoseError, httpx2.HTTPError, ValueError, RuntimeError, KeyError) as error:
            return self._failed(error)
        if account is None:
            return self._refuse("This user is disabled.")
        return self._welcome(request, account)

    def _account(self, said: dict[str, Any]) -> Account | None:
        name = str(said.get(self._claim, "")).strip().lower()
        if not name:
            raise UserError(
                f"{self.name} did not say {self._claim}.", command="An admin sets TRIPTYCH_OPENID_CLAIM to another."
            )
        if self._claim == "email" and said.get("email_verified") is not True:
            raise UserError(f"{self.name} has not verified this address.", "Verify it there first.")
        return self._accounts.identified(str(said["iss"]), str(said["sub"]), name)

    def _failed(self, error: Exception) -> Response:
        _log.warning("Signing in at %s failed: %r", self.name, error)
        return self._refuse(f"Signing in at {self.name} failed. Try again.")


def _client(settings: Settings, issuer: str) -> "StarletteOAuth2App":
    try:
        import itsdangerous  # noqa: F401  which signs the cookie
        from authlib.integrations.starlette_client import OAuth
    except ImportError as error:
        command = 'Install it with: pip install "triptych[openid]"'
        raise MissingExtra("Signing in at an OpenID Connect provider needs Authlib.", command=command) from error
    client: StarletteOAuth2App = OAuth().register(
        "openid",
        client_id=settings.openid_client,
        client_secret=settings.openid_secret.get_secret_value(),
        server_metadata_url=issuer + METADATA,
        client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256", "timeout": 20},
    )
    return client
