"""A fuser that runs elsewhere, asked over HTTP: the same as `Fuser` to the bank and to whoever asks a server."""

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from generators.aim.demonstrations import Demonstration
from generators.aim.parts import joined
from generators.aim.projector import Meta
from generators.core.base import Watch
from generators.core.served import Endpoint, garbage
from generators.images.pixels import png_of

if TYPE_CHECKING:
    import torch

AT_ONCE = 16  # demonstrations in a request


class RemoteFuser:
    """Asks the process at `url`, which ends in /v1, each time: it may have been started with another projection."""

    def __init__(self, url: str, api_key: str = "", timeout: float = 120.0) -> None:
        self._endpoint = Endpoint("fuser", url, "", api_key, timeout)

    @property
    def meta(self) -> Meta:
        try:
            return Meta(**self._told["meta"])
        except (KeyError, TypeError) as error:
            raise garbage(self._endpoint.base_url, "nothing about a projection") from error

    @property
    def maker(self) -> str:
        return str(self._told.get("maker", ""))

    @property
    def has_spare_row(self) -> bool:
        return bool(self._told.get("spare_row"))

    @property
    def gap(self) -> "torch.Tensor":
        return self._tensors(base64.b64decode(str(self._told.get("gap", ""))))["gap"]

    def fuse(self, demonstrations: Sequence[Demonstration]) -> "list[torch.Tensor]":
        """F_i [T_i, d] of each demonstration."""
        return [
            rows
            for start in range(0, len(demonstrations), AT_ONCE)
            for rows in self._asked(demonstrations[start : start + AT_ONCE])
        ]

    def joined(self, fused: "Sequence[torch.Tensor]") -> "torch.Tensor":
        """F_1 sep F_2 .. sep F_N [rows, d]."""
        return joined(self.gap, fused)

    @property
    def _told(self) -> dict[str, Any]:
        return self._endpoint.get("fuser", Watch()).json(self._endpoint.base_url)

    def _asked(self, some: Sequence[Demonstration]) -> "list[torch.Tensor]":
        sent = [
            {
                "image": base64.b64encode(png_of(shown.image.convert("RGB"))).decode(),
                "text": shown.text,
                "question": shown.question,
            }
            for shown in some
        ]
        found = self._tensors(self._endpoint.post("fuse", Watch(), {"demonstrations": sent}).data)
        rows = [found[str(number)] for number in range(len(some)) if str(number) in found]
        width = self.meta.width
        if len(rows) != len(some) or any(each.ndim != 2 or each.shape[1] != width for each in rows):
            raise garbage(self._endpoint.base_url, "no fused tokens of these demonstrations")
        return rows

    def _tensors(self, data: bytes) -> "dict[str, torch.Tensor]":
        from safetensors import SafetensorError
        from safetensors.torch import load

        try:
            return load(data)
        except (SafetensorError, KeyError, ValueError) as error:
            raise garbage(self._endpoint.base_url, "no safetensors") from error
