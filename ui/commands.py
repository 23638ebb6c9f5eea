"""What each `triptych` command does. Talks to the agent, prints through `ui.terminal`, returns the exit code."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import jsonl
from common.errors import UserError
from common.untrusted import whole
from ui import terminal

if TYPE_CHECKING:
    from agent import Agent, Settings
    from retrievers.ingestion.ingest import IngestReport
    from retrievers.library import Corpus

Command = Callable[[Namespace], int]


def serve(arguments: Namespace) -> int:
    settings = settings_of(
        arguments, host=arguments.host, port=arguments.port, corpus=arguments.corpus, open=arguments.open
    )
    code = 0
    if arguments.corpus_from:
        with _agent(settings) as agent:
            report = _ingest(agent.library.open(settings.corpus, create=True), arguments.corpus_from)
        terminal.failures(report)
        code = int(bool(report.failed))
    if settings.model == "extractive":
        _offer()
    from ui.server import serve as open_page

    open_page(settings, browser=not arguments.no_browser)
    return code


def ingest(arguments: Namespace) -> int:
    if arguments.report and not arguments.report.absolute().parent.is_dir():
        raise UserError(f"There is no folder {arguments.report.absolute().parent} for the report.", "Make it first.")
    settings = settings_of(arguments, corpus=arguments.corpus)
    with _agent(settings) as agent:
        corpus = agent.library.open(settings.corpus, create=True)
        report = _ingest(corpus, arguments.paths, prune=arguments.prune)
        pages = {record.name: corpus.page_reports(record.name) for record in report.documents}
    terminal.ingested(settings.corpus, report, pages)
    if arguments.report:
        whole = asdict(report) | {
            "corpus": settings.corpus,
            "documents": [
                {"name": r.name, "path": r.path, "title": r.title, "status": r.status, "error": r.error}
                | {"warning": r.warning, "pages": [asdict(page) for page in pages[r.name]]}
                for r in report.documents
            ],
            "failed": [record.name for record in report.failed],
        }
        arguments.report.write_text(terminal.as_json(whole, indent=1, default=str), encoding="utf-8")
        terminal.say(f"Every page is in {arguments.report}")
    return int(bool(report.failed) or (arguments.strict and any(record.lossy for record in report.documents)))


def search(arguments: Namespace) -> int:
    asked = arguments.question is not None or arguments.image is not None
    if asked == (arguments.queries is not None):
        cure = 'Give one question, a picture (--image FILE) or both; or a file: --queries FILE.jsonl ("-" for stdin).'
        raise UserError("Nothing to look for.", cure)
    if arguments.image:
        _exists(arguments.image)
    settings = settings_of(arguments, corpus=arguments.corpus)
    with _agent(settings) as agent:
        corpus = agent.library.open(settings.corpus)
        if arguments.queries is not None:
            return _search_file(corpus, arguments)
        documents = _known(corpus, arguments.document)
        question = arguments.question or ""
        hits = corpus.search(question, top=arguments.top, documents=documents, image=arguments.image)
    if arguments.json:
        terminal.say_json({"question": question, "hits": terminal.hit_dicts(hits)})
    else:
        terminal.hits(hits)
    return 0


def ask(arguments: Namespace) -> int:
    from agent.events import Answer, Failed, Token

    for file in (*arguments.image, *arguments.audio):
        _exists(file)
    settings = settings_of(arguments, corpus=arguments.corpus)
    with _agent(settings) as agent:
        documents = _known(agent.library.open(settings.corpus), arguments.document)
        streamed = False
        for event in agent.stream(
            arguments.question,
            images=arguments.image,
            audio=arguments.audio,
            corpus=settings.corpus,
            documents=documents,
        ):
            if isinstance(event, Token) and not arguments.json:
                terminal.say(event.text, end="")
                streamed = True
            elif isinstance(event, Failed):
                raise UserError(event.message)
            elif isinstance(event, Answer):
                if arguments.json:
                    terminal.say_json(event.to_dict())
                else:
                    terminal.answer(event, streamed=streamed)
    return 0


def corpus_list(arguments: Namespace) -> int:
    with _agent(settings_of(arguments)) as agent:
        names = agent.library.names()
    terminal.say("\n".join(names) or "No corpus yet. Make one with: triptych ingest PATH... --corpus NAME")
    return 0


def corpus_show(arguments: Namespace) -> int:
    with _agent(settings_of(arguments)) as agent:
        terminal.documents(agent.library.open(arguments.name).documents())
    return 0


def corpus_remove(arguments: Namespace) -> int:
    from ui import uploads

    settings = settings_of(arguments)
    with _agent(settings) as agent:
        corpus = agent.library.open(arguments.name)
        for document in _known(corpus, arguments.documents):
            record = corpus.remove(document)
            if uploads.forget(Path(record.path), uploads.kept_in(settings.data_dir, arguments.name)):
                terminal.removed(document, "so is the copy that the page kept of it")
            elif record.archive:
                terminal.removed(document, f"{record.archive} still holds it, and brings it back when it is read again")
            else:
                terminal.removed(document, f"its file stays: {record.path}")
    return 0


def corpus_check(arguments: Namespace) -> int:
    from retrievers.corpus_check import check

    with _agent(settings_of(arguments)) as agent:
        report = check(agent.library, arguments.name, repair=arguments.repair)
    terminal.checked(arguments.name, report)
    return int(not report.whole)


def corpus_delete(arguments: Namespace) -> int:
    with _agent(settings_of(arguments)) as agent:
        if arguments.name not in agent.library.names():
            known = ", ".join(agent.library.names()) or "none"
            raise UserError(f"There is no corpus called {arguments.name!r}.", f"Corpora: {known}.")
        if not arguments.yes:
            if not sys.stdin.isatty():
                raise UserError(f"Deleting {arguments.name!r} needs a yes.", "Add --yes.")
            question = f"Forget the corpus {arguments.name!r}? Its source files stay. [y/N] "
            if input(question).strip().lower() not in {"y", "yes"}:
                return 1
        agent.library.delete(arguments.name)
    terminal.say(f"Deleted {arguments.name}.")
    return 0


def doctor(arguments: Namespace) -> int:
    from agent.doctor import examine

    parts = examine(settings_of(arguments))
    if arguments.json:
        terminal.say_json([asdict(part) for part in parts])
    else:
        terminal.parts(parts)
    return int(any(part.needed and not part.present for part in parts))


def settings_of(arguments: Namespace, **given: Any) -> "Settings":
    """Settings with what was typed on top. Raises `UserError` naming each wrong value."""
    from pydantic import ValidationError

    from agent.settings import Settings

    typed = given | {"data_dir": getattr(arguments, "data_dir", None)}
    try:
        return Settings(**{name: value for name, value in typed.items() if value is not None})
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise UserError(f"A setting is wrong: {wrong}.", "See the settings table in README.md.") from error


def _offer() -> None:
    """Says that a model could answer, if a server of this machine has one. It is never taken unasked."""
    from agent.models.places import offers

    if found := offers():
        terminal.say(f"{found[0].title} is running here. To let its model write: TRIPTYCH_MODEL={found[0].spec}")


@contextmanager
def _agent(settings: "Settings") -> Iterator["Agent"]:
    from agent import Agent

    with closing(Agent(settings)) as agent:
        yield agent


def _ingest(corpus: "Corpus", paths: Sequence[Path], *, prune: bool = False) -> "IngestReport":
    for path in paths:
        _exists(path)
    with terminal.progress() as show:
        return corpus.ingest(paths, show, prune=prune)


def _exists(path: Path) -> None:
    if not path.exists():
        raise UserError(f"There is no file or folder {path}.")


def _known(corpus: "Corpus", names: Sequence[str]) -> Sequence[str]:
    """`names`, when the corpus has every one of them. Raises `UserError` listing those it has."""
    known = [record.name for record in corpus.documents()] if names else []
    for name in names:
        if name not in known:
            raise UserError(f"There is no document {name!r} in {corpus.name!r}.", f"It has: {', '.join(known)}.")
    return names


def _search_file(corpus: "Corpus", arguments: Namespace) -> int:
    """One JSON line out for each good line in; each bad one is named on stderr, and the exit code is then 1."""
    bad = 0
    for number, line in lines_of(arguments.queries):
        try:
            query = _query(line)
            documents = _known(corpus, [query["document"]] if query.get("document") else arguments.document)
        except (ValueError, UserError) as error:
            bad += 1
            terminal.say(f"{arguments.queries}, line {number}: {error}", error=True)
            continue
        hits = corpus.search(query["question"], top=arguments.top, documents=documents)
        terminal.say_json({"id": query["id"], "hits": terminal.hit_dicts(hits)})
    return int(bool(bad))


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, numbered from 1; "-" is standard input. Raises `UserError` when there is no file."""
    if str(path) != "-":
        _exists(path)
    return jsonl.numbered(sys.stdin) if str(path) == "-" else jsonl.lines(path)


def _query(line: str) -> dict[str, Any]:
    """One line of a question file. Raises `ValueError` saying what is wrong with it."""
    query = json.loads(line)
    if not isinstance(query, dict) or "id" not in query or not isinstance(query.get("question"), str):
        raise ValueError('not of the form {"id": ..., "question": "...", "document": "..."}')
    if not whole(query["question"], "The question").strip():
        raise ValueError("the question is empty")
    return query
