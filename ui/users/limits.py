"""How much one account may ask for: requests of its programs in a minute."""

from starlette.types import ASGIApp, Receive, Scope, Send

from ui.api.errors import too_many
from ui.api.places import Busy, Rate

COUNTED = ("/v1/", "/mcp")  # what is posted there is work


class Limited:
    """ASGI middleware: past the `rate` programs are told when to come again, before anything of theirs is read."""

    def __init__(self, app: ASGIApp, rate: Rate) -> None:
        self.app, self.rate = app, rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST" and scope["path"].startswith(COUNTED):
            try:
                self.rate.take()
            except Busy as error:
                await too_many(error)(scope, receive, send)
                return
        await self.app(scope, receive, send)
