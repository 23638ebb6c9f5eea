"""What an agent is asked, checked and carried out by its graph; in a conversation, also written down."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING, Unpack

from agent.asking.options import AskOptions
from agent.build import Parts
from agent.events import Answer, Event, Token
from agent.inputs.attachments import picture_files, recording_files
from agent.memory import Turn
from agent.models.replies.bounds import Abandoned
from common.errors import UserError
from common.untrusted import whole

if TYPE_CHECKING:
    from retrievers.library import Corpus

EARLIER = 20  # turns that a caller's own conversation is followed back


def events_of(
    parts: Parts,
    question: str,
    left: Flag,
    **options: Unpack[AskOptions],
) -> Generator[Event, None, None]:
    """The request carried out, until `left` is set. Raises `UserError` for what cannot be asked."""
    asked = _asked(parts, question, options)
    conversation, turn = options.get("conversation"), options.get("turn")
    if conversation is None:
        yield from _carried_out(parts, asked, left, _turns(options.get("earlier", ())), lambda said: None)
        return
    name = whole(conversation, "The name of the conversation")
    if turn is None:
        _check(asked)
        files = (*asked.images, *asked.audio)
        turn = parts.conversations.begin(name, asked.question, asked.corpus, files, documents=asked.documents)
    yield from _written_down(parts, asked, left, name, turn)


@dataclass(frozen=True, slots=True)
class _Asked:
    question: str
    images: tuple[Path, ...]
    audio: tuple[Path, ...]
    corpus: str
    documents: tuple[str, ...]
    model: str


def _asked(parts: Parts, question: str, options: AskOptions) -> _Asked:
    store = parts.media if options.get("conversation") else parts.given
    return _Asked(
        question.strip(),
        picture_files(options.get("images", ()), store),
        recording_files(options.get("audio", ()), store),
        options.get("corpus") or parts.settings.corpus,
        tuple(options.get("documents", ())),
        options.get("model") or parts.settings.model,
    )


def _written_down(parts: Parts, asked: _Asked, left: Flag, name: str, turn: int) -> Generator[Event, None, None]:
    """The request carried out after what was said before; its turn is told how it ended, whatever ends it."""
    kept, partial = parts.conversations, ""
    try:
        for event in _carried_out(parts, asked, left, kept.said(name, turn), lambda said: kept.answered(turn, said)):
            partial += event.text if isinstance(event, Token) else ""
            yield event
    except UserError as error:
        if not left.is_set():
            kept.failed(turn, error.words)
        raise
    except Abandoned:  # in the middle of a model's words: stopped
        raise
    except Exception:
        kept.failed(turn, "Something went wrong here.")
        raise
    finally:  # whatever has not ended otherwise
        kept.stopped(turn, partial)


def _carried_out(
    parts: Parts, asked: _Asked, left: Flag, said: Sequence[Turn], remember: Callable[[Turn], None]
) -> Generator[Event, None, None]:
    from agent.asking.usage import counting
    from agent.inputs.listening import TranscribedQuestion, listen
    from agent.request import Work

    _check(asked)
    parts = parts.answering(asked.model)
    opened = _opened(parts, asked.corpus)
    request = parts.request(asked.question, opened, asked.documents, asked.images, left)
    context = parts.context(request, remember)
    heard = TranscribedQuestion(request.question)
    if asked.audio:
        heard = yield from listen(asked.audio, request.question, parts.converters, parts.settings.tool_timeout)
        context = replace(context, request=replace(request, question=heard.question))
    start = {"work": Work(heard.question, turns=tuple(said), notices=heard.notices, advice=heard.advice)}
    with counting() as counter:
        for event in parts.graph.stream(start, context=context, stream_mode="custom"):
            yield replace(event, usage=counter.usage) if isinstance(event, Answer) else event


def _turns(earlier: Sequence[tuple[str, str]]) -> tuple[Turn, ...]:
    """The last questions and answers of a conversation that its caller keeps, each question made to stand alone."""
    from agent.routers.followup import said_in, standalone

    turns: list[Turn] = []
    for question, answer in earlier[-EARLIER:]:
        asked = standalone(question, said_in(turns))
        turns.append(Turn(question, asked, Answer(answer), asked=asked))
    return tuple(turns)


def _check(asked: _Asked) -> None:
    """Raises `UserError`."""
    if not asked.question and not asked.images and not asked.audio:
        raise UserError("There is no question.", "Write one, or send a picture.")
    whole(asked.question, "The question")
    for kind, paths in (("picture", asked.images), ("recording", asked.audio)):
        for path in paths:
            if not path.is_file():
                raise UserError(f"There is no {kind} {path}.")


def _opened(parts: Parts, name: str) -> "Corpus":
    """Raises `UserError` when it holds nothing."""
    opened = parts.library.open(name)
    if not any(record.status != "failed" for record in opened.documents()):
        cure = "They are being read: ask again in a moment." if opened.reading else "Add some first."
        command = f"That is: triptych ingest <files or folders> --corpus {opened.name}"
        raise UserError(f"The corpus {opened.name!r} holds no documents yet.", cure, command)
    return opened
