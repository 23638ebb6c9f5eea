"""How far an upload is: Gradio keeps that for all its pages together, under a name which the browser chooses."""

from urllib.parse import parse_qsl, urlencode

from starlette.types import ASGIApp, Receive, Scope, Send

NAME = "upload_id"


class OwnUploads:
    """ASGI middleware: the names that an account gives its uploads are not those of another."""

    def __init__(self, app: ASGIApp, account: str) -> None:
        self.app, self.account = app, account

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = scope.get("query_string", b"")
        if NAME.encode() in query:
            given = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
            own = [(name, f"{self.account}-{value}" if name == NAME else value) for name, value in given]
            scope = {**scope, "query_string": urlencode(own).encode()}
        await self.app(scope, receive, send)
