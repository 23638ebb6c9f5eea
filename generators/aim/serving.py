"""A question after demonstrations, asked of a server: one Chat Completions request to vLLM, answered as it is written.

Fused demonstrations are one `prompt_embeds` part, F_1 sep F_2 .. sep F_N [rows, d], before the picture and the
question, as in training; raw ones are pictures and texts. The server must hold the very weights the projection was
trained on: that is checked wherever it tells where they lie. In this process, without a server: `local`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.errors import ModelUnavailable, UserError
from generators.aim import projector as projectors
from generators.aim.demonstrations import Demonstration
from generators.aim.parts import Message, fused_part, messages, raw_parts

if TYPE_CHECKING:
    from ssl import SSLContext

    import httpx2
    import torch
    from PIL.Image import Image

    from generators.aim.fuser import Fuser

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

    def misfit(self, fuser: "Fuser") -> str:
        """Why fused demonstrations would be misread by the served model, as far as it tells; empty if nothing is known.

        vLLM names the folder it serves: where that is on this machine, its weights are compared.
        """
        with self._request("GET", "models", {}) as response:
            response.read()
            served = response.json()["data"]
        root = next((str(one.get("root") or "") for one in served if one["id"] == self.model), None)
        if root is None:
            raise ModelUnavailable(
                f"{self.url} does not serve {self.model!r}.", f"It has: {', '.join(one['id'] for one in served)}."
            )
        if fuser.model.get_input_embeddings().num_embeddings <= len(fuser.processor.tokenizer):
            return "its embedding table has no row to spare for vLLM's placeholder (resize_token_embeddings adds some)"
        meta = fuser.projector.meta
        if Path(root).is_dir() and projectors.revision_of(Path(root)) != meta.revision:
            return f"the projector was trained on {meta.backbone} {meta.revision[:12]}, which is not what is served"
        return ""

    def prepare(
        self,
        demonstrations: Sequence[Demonstration],
        fused: "Sequence[torch.Tensor]",
        fuser: "Fuser | None",
        image: "Image",
        question: str,
        *,
        system: str = "",
        history: Sequence[Message] = (),
    ) -> Asked:
        """Fused where a `fuser` fits the served model (`fused`: its F_i); else raw, with a note that says so."""
        why = self.misfit(fuser) if fuser else "there is no projector for this model"
        if fuser and not why:
            part = [fused_part(fuser.joined(fused), fuser.projector.meta.width)] if fused else []
            return Asked(messages(part, image, question, system, history), "fused")
        note = f"Shown as whole pictures, at many more tokens: {why}."
        return Asked(messages(raw_parts(demonstrations), image, question, system, history), "raw", note)

    def stream(self, asked: Sequence[Message], most_tokens: int = 256) -> Iterator[str]:
        """The greedy answer in pieces. Raises `UserError` with the cure for what vLLM refuses."""
        body = {"model": self.model, "messages": list(asked), "max_tokens": most_tokens, "temperature": 0}
        with self._request("POST", "chat/completions", body | {"stream": True}) as response:
            for line in response.iter_lines():
                if not line.startswith("data: ") or line == "data: [DONE]":
                    continue
                found = json.loads(line.removeprefix("data: "))
                if "error" in found:
                    raise _refused(self.url, 500, str(found["error"]))
                for choice in found["choices"]:
                    if piece := choice["delta"].get("content"):
                        yield piece

    def tokens(self, asked: Sequence[Message]) -> int:
        """Length of the prompt as the server counts it: one for a row, a token of text, a visual token."""
        body = {"model": self.model, "messages": list(asked), "max_tokens": 1, "temperature": 0}
        with self._request("POST", "chat/completions", body) as response:
            response.read()
            return int(response.json()["usage"]["prompt_tokens"])

    @contextmanager
    def _request(self, method: str, path: str, body: Mapping[str, Any]) -> "Iterator[httpx2.Response]":
        import httpx2

        url = f"{self.url.rstrip('/')}/{path}"
        headers = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        try:
            with (
                httpx2.Client(timeout=self.timeout, verify=_trusted()) as client,
                client.stream(method, url, headers=headers, json=body or None) as response,
            ):
                if response.status_code >= 300:
                    raise _refused(url, response.status_code, response.read().decode(errors="replace"))
                yield response
        except httpx2.TimeoutException as error:
            cure = "Wait until it is less busy, or allow more time."
            raise ModelUnavailable(f"{url} did not answer within {self.timeout:g} s.", cure) from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise ModelUnavailable(f"{url} cannot be reached: {error}.", "Is the server running there?") from error


@cache
def _trusted() -> "SSLContext":
    """Certificates, read once: that takes as long as a small model's answer."""
    import httpx2

    return httpx2.create_ssl_context()


def _refused(url: str, status: int, said: str) -> UserError:
    cure = next((cure for words, cure in CURES if words in said), "See the server's log.")
    kind = ModelUnavailable if status >= 500 else UserError
    return kind(f"{url} answered {status}: {said[:MOST_DETAIL]}", cure)
