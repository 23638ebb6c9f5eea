"""Says who a request belongs to: a browser that signed in, a program with the API key, or anybody on an open page.

The one place to ask is `Authentication.who`; where there are accounts, that of `ui.gate.accounts`. What it says reaches
every route as Starlette's `request.user`, and the page's functions as Gradio's `gr.Request.username`.

The password stands in the settings as it is, so a slow hash of it (pwdlib, argon2) would guard nothing here: it is
compared in constant time, and it is the waits between wrong guesses that make guessing slow.
"""

import hmac
import logging
from abc import abstractmethod
from collections.abc import Mapping
from hashlib import sha256

from fastapi import Request
from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, BaseUser, SimpleUser
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse

from agent.settings import Settings
from ui.gate.sessions import sessions
from ui.gate.throttle import Throttle, client_of

COOKIE = "triptych-session"
ANYBODY = "anybody"
PROGRAM = "program"
EVERYBODY = ""  # all clients together
_log = logging.getLogger("triptych.gate")


class TooSoon(AuthenticationError):
    """A guess while earlier wrong ones still make it wait; it was not looked at."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Too many wrong guesses: wait {seconds:.0f} seconds.")
        self.seconds = max(1, round(seconds))


class Guesses:
    """Of passwords and keys: who guessed wrong waits, longer and longer."""

    def __init__(self) -> None:
        self.of_one = Throttle(free=5, longest=900)
        self.of_all = Throttle(free=50, longest=5)

    def listen(self, address: str, *others: str) -> None:
        """Raises `TooSoon` while this address, or all `others` together, have to wait."""
        wait = max(self.of_one.wait(client_of(address)), *(self.of_all.wait(one) for one in others), 0)
        if wait:
            raise TooSoon(wait)

    def wrong(self, address: str, what: str, *others: str) -> None:
        for one in others:
            self.of_all.failed(one)
        _log.warning("Wrong %s from %r: %d in a row", what, address, self.of_one.failed(client_of(address)))

    def right(self, address: str) -> None:
        self.of_one.succeeded(client_of(address))


class GateKeeper(AuthenticationBackend):
    """Starlette's backend says who asks; this signs in, too. `needed`: whether anything is asked for; `asks_name`:
    whether a name is; `word`: what the page calls the secret."""

    needed: bool
    asks_name: bool
    word: str
    elsewhere = ""  # a provider at which one may sign in instead

    @abstractmethod
    def sign_in(self, request: HTTPConnection, name: str, password: str) -> str | None:
        """A session's token, None if the name or the password is wrong. Raises `TooSoon`."""

    @abstractmethod
    def sign_out(self, request: HTTPConnection) -> None: ...

    def manages(self, request: HTTPConnection) -> bool:
        """Whether whoever asks, and is signed in, looks after the server."""
        return True


class Authentication(GateKeeper):
    """Over one user name and password, one API key, or both. Where only a key is set, it is also
    the password."""

    def __init__(self, settings: Settings) -> None:
        self.username = settings.username
        self.password = settings.password.get_secret_value()
        self.api_key = settings.api_key.get_secret_value()
        self.needed = bool(self.password or self.api_key)
        self.asks_name, self.word = bool(self.password and self.username), "Password" if self.password else "API key"
        self.guesses = Guesses()
        if self.needed:
            credentials = "\0".join((self.username, self.password, self.api_key))
            self.sessions = sessions(settings, credentials)

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        user = self.who(conn)
        return None if user is None else (AuthCredentials(["signed in"]), SimpleUser(user))

    def who(self, request: HTTPConnection) -> str | None:
        """The user a request belongs to, None for nobody. Raises `TooSoon`."""
        if not self.needed:
            return ANYBODY
        return self.sessions.user(request.cookies.get(COOKIE, "")) or self._program(request)

    def sign_in(self, request: HTTPConnection, name: str, password: str) -> str | None:
        address = address_of(request)
        self.guesses.listen(address, EVERYBODY)
        if self.password:
            valid = _same(name, self.username) & _same(password, self.password)
        else:
            valid = _same(password, self.api_key)
        if not valid:
            self.guesses.wrong(address, "password", EVERYBODY)
            return None
        self.guesses.right(address)
        return self.sessions.start(self.username or "user")

    def sign_out(self, request: HTTPConnection) -> None:
        if self.needed:
            self.sessions.end(request.cookies.get(COOKIE, ""))

    def _program(self, request: HTTPConnection) -> str | None:
        key = bearer(request)
        if not self.api_key or key is None:
            return None
        address = address_of(request)
        self.guesses.listen(address)
        if _same(key, self.api_key):
            return PROGRAM
        self.guesses.wrong(address, "API key")
        return None


def bearer(request: HTTPConnection) -> str | None:
    """The key that a program sends, None where it sends none."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def user_of(request: Request) -> str | None:
    """The same, for Gradio, which asks after the gate has; None where no gate was passed."""
    user = request.scope.get("user")
    return user.display_name if isinstance(user, SimpleUser) else None


def too_soon(_: HTTPConnection, error: AuthenticationError) -> JSONResponse:
    seconds = error.seconds if isinstance(error, TooSoon) else 1
    return refusal(str(error), 429, "rate_limit_exceeded", {"retry-after": str(seconds)})


def refusal(message: str, status: int, code: str, headers: Mapping[str, str]) -> JSONResponse:
    """As programs of the page read it, and as OpenAI's clients do."""
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return JSONResponse({"detail": message, "error": error}, status, headers)


def address_of(request: HTTPConnection) -> str:
    return request.client.host if request.client else ""


def _same(given: str, expected: str) -> bool:
    """Compared in a time that tells neither where they differ nor how long either is."""
    one, other = (sha256(word.encode(errors="replace")).digest() for word in (given, expected))
    return hmac.compare_digest(one, other)
