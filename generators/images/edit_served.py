"""Image and words to image at an OpenAI-compatible `/v1/images/edits`."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from generators.core.base import NOTHING, Info, Medium, Watch, read_options, text_of
from generators.core.served import Served
from generators.images.picture_served import Options, picture_in, request_fields
from generators.images.pixels import open_picture, png_of


class ServedEdit(Served):
    """Changes a picture as the request says, as PNG."""

    info: ClassVar[Info] = Info(
        name="edit-served",
        source="image",
        target="image",
        form="edit",
        summary="Changes a picture as told, with a model behind /v1/images/edits.",
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
        prompt = text_of(Medium.of_text(request))
        picture = ("picture.png", png_of(open_picture(source.data)), "image/png")
        fields = request_fields(self._endpoint, prompt, chosen)
        reply = self._endpoint.post("images/edits", watch, fields, {"image": picture})
        return picture_in(reply, self._endpoint, watch, prompt, self.info.name, asdict(chosen))
