"""A chat endpoint that obeys whatever it reads, wherever it stands: in a question, a source, a file's name."""

import json
import re
from collections.abc import Iterator
from typing import Any

from endless_endpoint import call, end, token

FORMS = ("chart", "speech", "picture", "diagram", "document")
ORDER = re.compile(rf"convert\W+(?:\w+\W+){{0,6}}?(?P<form>{'|'.join(FORMS)})", re.IGNORECASE)
ADDRESS = re.compile(r"http://[\w.:/-]+")
CITE = re.compile(r"(?:cite|zitiere|citez)\W*(?P<number>\d+)", re.IGNORECASE)


def words(body: dict[str, Any]) -> str:
    """All that it is given to read, but for how it is told to work."""
    said = []
    for message in body["messages"]:
        content = message.get("content") or ""
        parts = [content] if isinstance(content, str) else [part.get("text", "") for part in content]
        said += parts if message["role"] != "system" else []
    return "\n".join(said)


def obey(body: dict[str, Any]) -> Iterator[bytes]:
    read = words(body)
    forms = sorted({match["form"].lower() for match in ORDER.finditer(read)})
    if "tools" in body:
        yield from _tools(body, forms)
    elif "Modalities:" in body["messages"][0]["content"]:
        wanted = [{"modality": "audio" if form == "speech" else form} for form in forms] or [{"modality": "text"}]
        yield token(json.dumps({"segments": wanted}))
    else:
        yield token("It opens at 7 [1].")
        for match in CITE.finditer(read):
            yield token(f" So it says [{match['number']}].")
        for address in sorted(set(ADDRESS.findall(read))):
            yield token(f' ![seen]({address}) <img src="{address}"> [more]({address})')
    yield end()


def _tools(body: dict[str, Any], forms: list[str]) -> Iterator[bytes]:
    done = [one for message in body["messages"] for one in message.get("tool_calls") or []]
    if not done:
        listing = "Which documents" in words(body)
        name, arguments = ("list_documents", {}) if listing else ("search", {"query": "secret garden opens"})
        yield call(name, json.dumps(arguments))
    elif len(done) == 1 and forms:
        for place, form in enumerate(forms):
            function = {
                "name": "convert",
                "arguments": json.dumps({"to": form, "request": f"{form} of rent: 3, food: 5"}),
            }
            one = {"index": place, "id": f"order{place}", "type": "function", "function": function}
            yield token("", tool_calls=[one])
    else:
        yield token("DONE")
