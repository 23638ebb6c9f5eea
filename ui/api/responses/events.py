"""A response in the shape of OpenAI's Responses, as it grows: the search with what was found, the text with its
citations, and the pictures. Every event that tells of a change is given as it happens."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from agent import Answer, Artifact, Usage
from agent.answering.citations import marks
from agent.answering.evidence import words_of
from retrievers.elements import Hit
from ui.api.citations import annotations
from ui.api.completions.replies import about, data_of, pictures_of, with_links
from ui.api.files.found import result

Event = dict[str, Any]


@dataclass
class GrowingResponse:
    """By `model`; `question` is what is searched for, `files` the ids of documents by name."""

    model: str
    form: str
    question: str
    files: Mapping[str, str]
    id: str = field(default_factory=lambda: f"resp_{uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))
    status: str = "in_progress"
    error: dict[str, str] | None = None
    output: list[dict[str, Any]] = field(default_factory=list)
    usage: dict[str, Any] | None = None
    more: dict[str, Any] = field(default_factory=dict)
    _number: int = 0

    def whole(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "status": self.status,
            "error": self.error,
            "incomplete_details": None,
            "instructions": None,
            "metadata": {},
            "model": self.model,
            "output": self.output,
            "parallel_tool_calls": False,
            "previous_response_id": None,
            "store": False,
            "temperature": None,
            "text": {"format": {"type": "text"}},
            "tool_choice": "auto",
            "tools": [],
            "top_p": None,
            "truncation": "disabled",
            "usage": self.usage,
            **self.more,
        }

    def begun(self) -> Iterator[Event]:
        for kind in ("created", "in_progress"):
            yield self._event(f"response.{kind}", response=self.whole())

    def searched(self, hits: Sequence[Hit]) -> Iterator[Event]:
        """Before anything was written; what is found later is in the citations alone."""
        if self.output or not hits:
            return
        item: dict[str, Any] = {"id": f"fs_{uuid4().hex}", "type": "file_search_call", "status": "in_progress"}
        item |= {"queries": [self.question], "results": None}
        place = self._added(item)
        yield self._event("response.output_item.added", output_index=place, item=dict(item))
        for kind in ("in_progress", "searching"):
            yield self._event(f"response.file_search_call.{kind}", output_index=place, item_id=item["id"])
        item |= {"status": "completed", "results": [self._found(hit) for hit in hits]}
        yield self._event("response.file_search_call.completed", output_index=place, item_id=item["id"])
        yield self._event("response.output_item.done", output_index=place, item=item)

    def wrote(self, text: str) -> Iterator[Event]:
        item = self._message
        if item is None:
            item = dict[str, Any](id=f"msg_{uuid4().hex}", type="message", role="assistant", status="in_progress")
            item |= {"content": [{"type": "output_text", "text": "", "annotations": [], "logprobs": []}]}
            yield self._event("response.output_item.added", output_index=len(self.output), item=item | {"content": []})
            self._added(item)
            yield self._text_event("content_part.added", part=dict(item["content"][0]))
        item["content"][0]["text"] += text
        yield self._text_event("output_text.delta", delta=text, logprobs=[])

    def ended(self, answer: Answer, urls: dict[int, str]) -> Iterator[Event]:
        """`urls` are where its citations lead, by number."""
        written = self._message["content"][0]["text"] if self._message else ""
        if self.form == "links" or self._message is None:
            yield from self.wrote(with_links(answer.text, answer, urls) if self.form == "links" else "")
        if self.form != "links":
            yield from self._annotated(written, answer, urls)
        yield from self._closed()
        for artifact in pictures_of(answer) if self.form != "links" else ():
            yield from self._pictured(artifact)
        self.status, self.usage, self.more = "completed", _usage(answer.usage), about(answer, urls, sound=True)
        yield self._event("response.completed", response=self.whole())

    def failed(self, message: str, code: str) -> Event:
        self.status, self.error = "failed", {"code": code, "message": message}
        return self._event("response.failed", response=self.whole())

    def _annotated(self, text: str, answer: Answer, urls: dict[int, str]) -> Iterator[Event]:
        documents = {one.number: one.hit.element.document for one in answer.citations}
        flat = [{"type": "url_citation", **one["url_citation"]} for one in annotations(text, urls, answer.citations)]
        cited = [(end, documents[number]) for _, end, number in marks(text) if number in documents]
        flat += [
            {"type": "file_citation", "file_id": self.files.get(name, ""), "filename": name, "index": end}
            for end, name in cited
        ]
        assert self._message is not None
        for place, one in enumerate(flat):
            self._message["content"][0]["annotations"].append(one)
            yield self._text_event("output_text.annotation.added", annotation_index=place, annotation=one)

    def _closed(self) -> Iterator[Event]:
        item = self._message
        assert item is not None
        part = item["content"][0]
        yield self._text_event("output_text.done", text=part["text"], logprobs=[])
        yield self._text_event("content_part.done", part=part)
        item["status"] = "completed"
        yield self._event("response.output_item.done", output_index=self.output.index(item), item=item)

    def _pictured(self, artifact: Artifact) -> Iterator[Event]:
        item = {"id": f"ig_{uuid4().hex}", "type": "image_generation_call", "status": "completed"}
        item |= {
            "result": data_of(artifact),
            "output_format": artifact.mime.rpartition("/")[2],
            "title": artifact.title,
        }
        for kind in ("added", "done"):
            place = self._added(item) if kind == "added" else len(self.output) - 1
            yield self._event(f"response.output_item.{kind}", output_index=place, item=item)

    def _found(self, hit: Hit) -> dict[str, Any]:
        return result(hit, self.files.get(hit.element.document, "")) | {"text": words_of(hit.element)}

    @property
    def _message(self) -> dict[str, Any] | None:
        return next((item for item in self.output if item["type"] == "message"), None)

    def _added(self, item: dict[str, Any]) -> int:
        self.output.append(item)
        return len(self.output) - 1

    def _text_event(self, kind: str, **more: Any) -> Event:
        item = self._message
        assert item is not None
        return self._event(
            f"response.{kind}", item_id=item["id"], output_index=self.output.index(item), content_index=0, **more
        )

    def _event(self, kind: str, **more: Any) -> Event:
        self._number += 1
        return {"type": kind, "sequence_number": self._number - 1, **more}


def _usage(used: Usage) -> dict[str, Any]:
    read, wrote = used.input_tokens, used.output_tokens
    return {
        "input_tokens": read,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": wrote,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": read + wrote,
    }
