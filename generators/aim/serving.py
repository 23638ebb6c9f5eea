"""A question after demonstrations, asked of a server: one Chat Completions request to vLLM, answered as it is written.

Fused demonstrations are one `prompt_embeds` part, F_1 sep F_2 .. sep F_N [rows, d], before the picture and the
question, as in training; raw ones are pictures and texts. The server must hold the very weights the projection was
trained on: that is checked wherever it tells where they lie. In this process, without a server: `local`.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.errors import ModelUnavailable, UserError
from common.wire import connect
from generators.aim import projector as projectors
from generators.aim.demonstrations import Demonstration
from generators.aim.parts import Message, fused_part, messages, raw_parts
from generators.core.served import explained, garbage

if TYPE_CHECKING:
    import openai
    import torch
    from PIL.Image import Image

    from generators.aim.fuser import Fuser
    from generators.aim.remote.client import RemoteFuser

MOST_DETAIL = 300  # characters of a server's own message
FLAGS = "vllm serve MODEL --enable-prompt-embeds --limit-mm-per-prompt '{\"image\": 17}'"
CURES = (  # what a server's own words mean, and what helps
    ("enable-prompt-embeds", f"Start the server with: {FLAGS}"),
    ("hidden_size", "The server runs another model than the demonstrations were fused for: serve that one."),
    (
        "out of vocabulary",
        "Its embedding table has no row to spare: enlarge it with resize_token_embeddings, serve again.",
    ),
    ("At most", f"Allow more pictures a prompt: {FLAGS}"),
    ("maximum context length", "Choose fewer demonstrations."),
)


@dataclass(frozen=True)
class Asked:
    """One request. `way`: "fused" or "raw"; `note`: why it is not fused, for whoever asked; empty when it is."""

    messages: list[Message]
    way: str
    note: str = ""


@dataclass(frozen=True)
class Server:
    """`url` ends in /v1; `timeout` is seconds without a byte."""

    url: str
    model: str
    api_key: str = ""
    timeout: float = 60.0

    def misfit(self, fuser: "Fuser | RemoteFuser") -> str:
        """Why fused demonstrations would be misread by the served model, as far as it tells; empty if nothing is known.

        vLLM names the folder it serves: where that is on this machine, its weights are compared.
        """
        with self._explained("models"):
            served = self._client.models.list().data
        root = next((str((one.model_extra or {}).get("root") or "") for one in served if one.id == self.model), None)
        if root is None:
            raise ModelUnavailable(
                f"{self.url} does not serve {self.model!r}.", f"It has: {', '.join(one.id for one in served)}."
            )
        if not fuser.has_spare_row:
            return "its embedding table has no row to spare for vLLM's placeholder (resize_token_embeddings adds some)"
        meta = fuser.meta
        if Path(root).is_dir() and projectors.revision_of(Path(root)) != meta.revision:
            return f"the projector was trained on {meta.backbone} {meta.revision[:12]}, which is not what is served"
        return ""

    def prepare(
        self,
        demonstrations: Sequence[Demonstration],
        fused: "Sequence[torch.Tensor]",
        fuser: "Fuser | RemoteFuser | None",
        image: "Image",
        question: str,
        *,
        system: str = "",
        history: Sequence[Message] = (),
    ) -> Asked:
        """Fused where a `fuser` fits the served model (`fused`: its F_i); else raw, with a note that says so."""
        why = self.misfit(fuser) if fuser else "there is no projector for this model"
        if fuser and not why:
            part = [fused_part(fuser.joined(fused), fuser.meta.width)] if fused else []
            return Asked(messages(part, image, question, system, history), "fused")
        note = f"Shown as whole pictures, at many more tokens: {why}."
        return Asked(messages(raw_parts(demonstrations), image, question, system, history), "raw", note)

    def stream(self, asked: Sequence[Message], most_tokens: int = 256, salt: str = "") -> Iterator[str]:
        """The greedy answer in pieces. Raises `UserError` with the cure for what vLLM refuses.

        Prompts share what vLLM caches of them only where they have the same `salt`.
        """
        with (
            self._explained("chat/completions"),
            self._client.chat.completions.create(**self._request(asked, most_tokens, salt), stream=True) as chunks,
        ):
            chunk = None
            for chunk in chunks:
                yield from (choice.delta.content for choice in chunk.choices if choice.delta.content)
            if chunk is None:
                raise garbage(self.url, "no chat completion")

    def tokens(self, asked: Sequence[Message]) -> int:
        """Length of the prompt as the server counts it: one for a row, a token of text, a visual token."""
        with self._explained("chat/completions"):
            reply = self._client.chat.completions.create(**self._request(asked, 1))
        if not reply.usage:
            raise ModelUnavailable(f"{self.url} does not count the tokens of a prompt.", "See the server's log.")
        return int(reply.usage.prompt_tokens)

    @cached_property
    def _client(self) -> "openai.OpenAI":
        return connect(self.url, self.api_key, self.timeout)

    def _request(self, asked: Sequence[Message], most_tokens: int, salt: str = "") -> dict[str, Any]:
        """A greedy one."""
        request = {"model": self.model, "messages": list(asked), "max_tokens": most_tokens, "temperature": 0}
        return request | ({"extra_body": {"cache_salt": salt}} if salt else {})

    def _explained(self, path: str) -> AbstractContextManager[None]:
        return explained(f"{self.url.rstrip('/')}/{path}", self.timeout, _refused)


def _refused(url: str, status: int, said: str) -> UserError:
    cure = next((cure for words, cure in CURES if words in said), "See the server's log.")
    kind = ModelUnavailable if status >= 500 else UserError
    return kind(f"{url} answered {status}: {said[:MOST_DETAIL]}", cure)
