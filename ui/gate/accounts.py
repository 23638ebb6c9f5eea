"""Says which account a request belongs to: by the session of a browser, by a key, or by the word of a trusted proxy."""

from threading import Lock

from starlette.authentication import AuthCredentials, BaseUser, SimpleUser
from starlette.requests import HTTPConnection

from agent.settings import Settings
from ui.gate.authentication import COOKIE, EVERYBODY, GateKeeper, Guesses, address_of, bearer
from ui.gate.peers import peer_of
from ui.gate.sessions import sessions
from ui.users.accounts import Account, Accounts


class Member(SimpleUser):
    """Who asks, with the account."""

    def __init__(self, account: Account) -> None:
        super().__init__(account.name)
        self.account = account


class AccountAuthentication(GateKeeper):
    """Over accounts. A name that a proxy gives in a header is believed from the addresses of the
    settings alone, which are those that connect here and not those that were forwarded."""

    needed, asks_name, word = True, True, "Password"

    def __init__(self, settings: Settings, accounts: Accounts) -> None:
        self._accounts = accounts
        self._header, self._proxies = settings.proxy_user_header, frozenset(settings.proxies)
        self._sessions = sessions(settings, "accounts")
        self._guesses = Guesses()
        self._guessing = Lock()  # so that many at once are not looked at before the first is counted

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        account = self.who(conn)
        return None if account is None else (AuthCredentials([account.role]), Member(account))

    def who(self, request: HTTPConnection) -> Account | None:
        """The account a request belongs to, None for nobody. Raises `TooSoon`."""
        return self._vouched_for(request) or self._of_session(request) or self._of_key(request)

    def sign_in(self, request: HTTPConnection, name: str, password: str) -> str | None:
        address = address_of(request)
        with self._guessing:
            self._guesses.listen(address, EVERYBODY)
            account = self._accounts.signed_in(name.strip().lower(), password)
            if account is None:
                self._guesses.wrong(address, "password", EVERYBODY)
                return None
            self._guesses.right(address)
        return self.begin(account)

    def begin(self, account: Account) -> str:
        """A session's token, for whom is known to be this account."""
        return self._sessions.start(f"{account.id}:{account.stamp}")

    def sign_out(self, request: HTTPConnection) -> None:
        self._sessions.end(request.cookies.get(COOKIE, ""))

    def manages(self, request: HTTPConnection) -> bool:
        return "admin" in request.auth.scopes

    def _of_session(self, request: HTTPConnection) -> Account | None:
        token = request.cookies.get(COOKIE, "")
        id, _, stamp = (self._sessions.user(token) or "").partition(":") if token else ("", "", "")
        account = self._accounts.get(id) if id else None
        return account if account and not account.disabled and account.stamp == stamp else None

    def _of_key(self, request: HTTPConnection) -> Account | None:
        key = bearer(request)
        if key is None:
            return None
        if account := self._accounts.of_key(key):  # which nobody guesses: others at this address make no one wait
            return account
        address = address_of(request)
        self._guesses.listen(address)
        self._guesses.wrong(address, "API key")
        return None

    def _vouched_for(self, request: HTTPConnection) -> Account | None:
        if not self._header or peer_of(request.scope) not in self._proxies:
            return None
        names = request.headers.getlist(self._header)
        return self._accounts.vouched_for(names[0].strip().lower()) if len(names) == 1 and names[0] else None
