"""An answer in the shapes of Chat Completions, whole or in chunks, and for clients that read citations in ways of
their own: `links` (Markdown) and `events` (Open WebUI)."""

import base64
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from agent import Answer, Artifact, Usage
from agent.answering.citations import marks, unmarked
from common.untrusted import link_words
from ui.api.citations import annotations

KEPT = 3600  # seconds for which a client may take sound to be known; it is sent whole


@dataclass(frozen=True)
class Reply:
    """One answer to come, by `model`. Text is sent as it was written, unless `form` is "links"."""

    model: str
    form: str = ""
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, answer: Answer, text: str, urls: dict[int, str], speech: Artifact | None) -> dict[str, Any]:
        message = {"role": "assistant", "content": self.text(text, answer, urls), "refusal": None}
        return self._head("chat.completion") | {
            "choices": [
                {
                    "index": 0,
                    "message": message | self.extras(answer, text, urls, speech),
                    "finish_reason": "stop",
                    "logprobs": None,
                }
            ],
            "usage": usage_of(answer.usage),
            **about(answer, urls),
        }

    def chunk(self, delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return self._head("chat.completion.chunk") | {"choices": [choice]} | more

    def usage(self, used: Usage) -> dict[str, Any]:
        """The last chunk, where it is asked for."""
        return self._head("chat.completion.chunk") | {"choices": [], "usage": usage_of(used)}

    def text(self, text: str, answer: Answer, urls: dict[int, str]) -> str:
        return with_links(text, answer, urls) if self.form == "links" else text

    def extras(self, answer: Answer, text: str, urls: dict[int, str], speech: Artifact | None) -> dict[str, Any]:
        """What goes with the text, in a message or in a delta."""
        cited = [] if self.form == "links" else list(annotations(text, urls, answer.citations))
        pictures = [] if self.form == "links" else [picture(one) for one in pictures_of(answer)]
        return {"annotations": cited, "images": pictures} | ({"audio": audio(speech, answer)} if speech else {})

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}


def about(answer: Answer, urls: dict[int, str], *, sound: bool = False) -> dict[str, Any]:
    """Beside what OpenAI has: the citations, also where there are none, and what else is known of the answer; the files
    that have no place elsewhere, `sound` among them where it has none."""
    shown = ("image/",) if sound else ("image/", "audio/")
    files = [one.to_dict(embed=True) for one in answer.artifacts if not one.mime.startswith(shown)]
    return {
        "citations": [one.to_dict() | {"url": urls[one.number]} for one in answer.citations],
        "triptych": {
            "found": answer.found,
            "sure": None if answer.sure is None else round(answer.sure, 3),
            "model": answer.model,
            "notices": list(answer.notices),
            "advice": list(answer.advice),
            "files": files,
        },
    }


def usage_of(used: Usage) -> dict[str, int]:
    read, wrote = used.input_tokens, used.output_tokens
    return {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}


def pictures_of(answer: Answer) -> list[Artifact]:
    return [one for one in answer.artifacts if one.mime.startswith("image/")]


def data_url(artifact: Artifact) -> str:
    return f"data:{artifact.mime};base64,{data_of(artifact)}"


def data_of(artifact: Artifact) -> str:
    return base64.b64encode(artifact.bytes()).decode()


def picture(artifact: Artifact) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": data_url(artifact)}, "title": artifact.title}


def audio(speech: Artifact, answer: Answer) -> dict[str, Any]:
    told = {"data": data_of(speech), "transcript": unmarked(answer.text), "expires_at": int(time.time()) + KEPT}
    return {"id": f"audio-{speech.path.stem}", "format": speech.mime.rpartition("/")[2], **told}


def with_links(text: str, answer: Answer, urls: dict[int, str]) -> str:
    """Each `[n]` as a link, then the sources and the pictures, in Markdown."""
    pieces, before = [], 0
    for start, end, number in marks(text):
        if number in urls:
            pieces += [text[before:start], f"[[{number}]]({urls[number]})"]
            before = end
    sources = [
        f"{one.number}. [{link_words(f'{one.hit.element.document}, page {one.hit.element.page}')}]({urls[one.number]})"
        for one in answer.citations
    ]
    shown = [f"![{link_words(one.title)}]({data_url(one)})" for one in pictures_of(answer)]
    return "\n\n".join(filter(None, ("".join(pieces) + text[before:], "\n".join(sources), *shown)))


def status_event(words: str, done: bool = False) -> dict[str, Any]:
    """A line of Open WebUI's above the answer."""
    return {"event": {"type": "status", "data": {"description": words, "done": done}}}


def source_events(answer: Answer, urls: dict[int, str], files: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Open WebUI's sources, in the order of their numbers; `files` are the ids of documents by name."""
    for one in answer.citations:
        said = one.to_dict()
        title, url = f"{said['document']}, page {said['page']}", urls[one.number]
        known = {"source": url, "name": title, "file_id": files.get(said["document"], "")}
        known |= {"page": said["page"], "box": said["box"], "kind": said["kind"]}
        data = {"source": {"id": url, "name": title, "url": url}, "document": [said["quote"]], "metadata": [known]}
        yield {"event": {"type": "source", "data": data}}
