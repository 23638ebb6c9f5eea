"""Calls of the page's events, of which anybody can write their own: what does not fit is refused before it is carried
out, in one line for the caller and no traceback in the log, so that a traceback means a bug of ours."""

import inspect
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import gradio as gr
from pydantic import ConfigDict, TypeAdapter

from common.errors import UserError

PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}  # how the page's events are wired
MISFIT = "This does not fit what the page asks for."


@contextmanager
def told() -> Iterator[None]:
    """What a reader can put right is told to the one who called, and is no bug."""
    try:
        yield
    except UserError as error:
        raise gr.Error(error.words, print_exception=False) from error


class CheckedBlocks(gr.Blocks):
    """Blocks whose functions are only given what their annotations say; their components check the rest."""

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], state: Any, explicit_call: bool = False) -> Any:
        try:
            values = await super().preprocess_data(block_fn, inputs, state, explicit_call)
            kept = [isinstance(component, gr.State) for component in block_fn.inputs]  # by the server itself
            for check, value, ours in zip(_checks(block_fn.fn), values, kept, strict=False):
                if not ours:
                    check.validate_python(value, strict=True)
        except gr.Error as error:
            error.print_exception = False
            raise
        except Exception as error:  # whatever it is: nothing of ours has run yet
            raise gr.Error(MISFIT, print_exception=False) from error
        return values

    async def process_api(self, block_fn: Any, inputs: list[Any], *args: Any, **kwargs: Any) -> Any:
        function = (self.fns[block_fn] if isinstance(block_fn, int) else block_fn).fn
        if function is None:  # an event that a browser carries out alone
            raise gr.Error(MISFIT, print_exception=False)
        event: Any = kwargs.get("event_data")
        for kind in _events(function):
            try:
                kind(event.target, event._data)
            except Exception as error:
                raise gr.Error(MISFIT, print_exception=False) from error
        return await super().process_api(block_fn, inputs, *args, **kwargs)


class CitationClick(gr.EventData):
    """A click on the citation `number` of the answer to question `turn`, both as shown on the page."""

    def __init__(self, target: Any, data: Any) -> None:
        super().__init__(target, data)
        turn, _, number = data["cite"].partition("-")
        self.turn, self.number = int(turn), int(number)


class ConversationClick(gr.EventData):
    """A click that does something with a conversation of the drawer: `title` is what it is to be called."""

    def __init__(self, target: Any, data: Any) -> None:
        super().__init__(target, data)
        self.does, self.conversation, self.title = (_words(data[key]) for key in ("does", "conversation", "title"))


class AnswerClick(gr.EventData):
    """A click on a button of the row under the answer to question `turn`, which `does` this; with words that were
    typed, or the model that was chosen."""

    def __init__(self, target: Any, data: Any) -> None:
        super().__init__(target, data)
        self.turn, self.does, self.words = int(data["turn"]), _words(data["does"]), _words(data["words"])


class DocumentClick(gr.EventData):
    """A click on a button beside the document of this name, which does this with it."""

    def __init__(self, target: Any, data: Any) -> None:
        super().__init__(target, data)
        self.document, self.does = _words(data["document"]), _words(data["does"])


class CorpusClick(gr.EventData):
    """A click on a button that does something with the corpus which is shown: `words` are what it, or a new one, is to
    be called."""

    def __init__(self, target: Any, data: Any) -> None:
        super().__init__(target, data)
        self.does, self.words = _words(data["does"]), _words(data["words"])


class Ticks(gr.EventData):
    """Names of the documents that a list shows, and of those among them that are ticked."""

    def __init__(self, target: Any, data: Any) -> None:
        super().__init__(target, data)
        self.shown, self.ticked = ([_words(name) for name in data[key]] for key in ("shown", "ticked"))


class PageClick(gr.EventData):
    """A click on the way to another page, `number` from 1, of a document; `turn` and `source` name the citation that
    led to it, None and 0 where none did."""

    def __init__(self, target: Any, data: Any) -> None:
        super().__init__(target, data)
        self.corpus, self.document, self.number = _words(data["corpus"]), _words(data["document"]), int(data["page"])
        turn, _, source = _words(data.get("source", "")).partition("-")
        self.turn, self.source = (int(turn) if turn else None), int(source or 0)


class ExampleClick(gr.EventData):
    """A click on a question that is offered."""

    def __init__(self, target: Any, data: Any) -> None:
        super().__init__(target, data)
        self.question = _words(data["value"]["text"])


class PictureClick(gr.EventData):
    """A click on a picture of a set, at this place from 0."""

    def __init__(self, target: Any, data: Any) -> None:
        super().__init__(target, data)
        self.place = int(data["place"])


def _words(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not words")
    return value


@cache
def _checks(function: Callable[..., Any]) -> tuple[TypeAdapter[Any], ...]:
    """Of each input, in order."""
    anything = ConfigDict(arbitrary_types_allowed=True)
    return tuple(TypeAdapter(hint, config=anything) for hint in _hints(function) if not _is_ours(hint))


@cache
def _events(function: Callable[..., Any]) -> tuple[type[gr.EventData], ...]:
    return tuple(hint for hint in _hints(function) if _is_event(hint))


def _hints(function: Callable[..., Any]) -> list[Any]:
    """The annotation of each parameter; what has none may be anything."""
    hints = typing.get_type_hints(function)
    return [hints.get(name, Any) for name in inspect.signature(function).parameters]


def _is_ours(hint: Any) -> bool:
    """Whether Gradio fills it in, and not the caller."""
    return _is_event(hint) or hint is gr.Request


def _is_event(hint: Any) -> bool:
    return inspect.isclass(hint) and issubclass(hint, gr.EventData)
