"""Text to image at an OpenAI-compatible `/v1/images/generations`, and what its answer and that of edits share."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from generators.core.base import NOTHING, CannotConvert, Info, Medium, Watch, read_options, text_of
from generators.core.served import Endpoint, Reply, Served, garbage
from generators.images.pixels import open_picture, png_of

SIZE = re.compile(r"|auto|\d{2,4}x\d{2,4}")


@dataclass(frozen=True, slots=True)
class Options:
    """`size` such as "1024x1024", empty for the server's own; `seed` 0 lets the server choose."""

    size: str = ""
    seed: int = 0


class ServedPicture(Served):
    """Makes a picture from words, as PNG."""

    info: ClassVar[Info] = Info(
        name="picture-served",
        source="text",
        target="image",
        form="picture",
        summary="Makes a picture from words with a model behind /v1/images/generations.",
        cost=20.0,
        quality=5,
        licence="the model's",
        needs="an endpoint",
        needs_network=True,
    )
    Options: ClassVar[type] = Options

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """Raises `NotConfigured`, `ModelUnavailable`, `CannotConvert` or `Cancelled`."""
        self.check()
        chosen, watch = read_options(Options, options, self.info.name), watch or Watch()
        prompt = text_of(source, request)
        fields = request_fields(self._endpoint, prompt, chosen)
        reply = self._endpoint.post("images/generations", watch, fields)
        return picture_in(reply, self._endpoint, watch, prompt, self.info.name, asdict(chosen))


def request_fields(endpoint: Endpoint, prompt: str, options: Options) -> dict[str, Any]:
    """The fields of a request. OpenAI's own models always send the picture itself and know no `response_format`."""
    if not SIZE.fullmatch(options.size):
        raise CannotConvert(f"The size cannot be {options.size!r}.", 'Write it like this: "1024x1024".')
    form = "" if endpoint.model.startswith("gpt-image") else "b64_json"
    return endpoint.with_model(
        {"prompt": prompt, "n": 1, "size": options.size, "seed": options.seed or None, "response_format": form}
    )


def picture_in(
    reply: Reply, endpoint: Endpoint, watch: Watch, prompt: str, converter: str, options: Mapping[str, Any]
) -> Medium:
    """The first picture of an answer, inline or as a link to the same host. Raises `ModelUnavailable`."""
    items = reply.json(endpoint.base_url).get("data")
    first = items[0] if isinstance(items, list) and items else None
    coded, link = (first.get("b64_json"), first.get("url")) if isinstance(first, dict) else (None, None)
    if isinstance(link, str) and link.startswith("data:"):
        coded = link.partition(",")[2]
    try:
        if isinstance(coded, str):
            data = b64decode(coded, validate=True)
        elif isinstance(link, str):
            data = endpoint.get(link, watch).data
        else:
            raise garbage(endpoint.base_url, "no picture")
        png = png_of(open_picture(data))
    except (Base64Error, CannotConvert) as error:
        raise garbage(endpoint.base_url, "bytes that are no picture") from error
    facts = {"converter": converter, "model": endpoint.model, "prompt": prompt} | dict(options)
    return Medium("image", text=prompt, data=png, mime="image/png", facts=facts)
