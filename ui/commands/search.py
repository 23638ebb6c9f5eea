"""`triptych search` and `ask`: page regions that match a question, and an answer with citations."""

import json
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from common.errors import UserError
from common.untrusted import whole
from ui import terminal
from ui.commands.common import agent_of, exists, known_in, lines_of, settings_of

if TYPE_CHECKING:
    from retrievers.library import Corpus


def search(arguments: Namespace) -> int:
    asked = arguments.question is not None or arguments.image is not None
    if asked == (arguments.queries is not None):
        cure = 'Give one question, a picture (--image FILE) or both; or a file: --queries FILE.jsonl ("-" for stdin).'
        raise UserError("Nothing to look for.", cure)
    if arguments.image:
        exists(arguments.image)
    settings = settings_of(arguments, corpus=arguments.corpus)
    with agent_of(settings) as agent:
        corpus = agent.library.open(settings.corpus)
        if arguments.queries is not None:
            return _search_file(corpus, arguments)
        documents = known_in(corpus, arguments.document)
        question = arguments.question or ""
        hits = corpus.search(question, top=arguments.top, documents=documents, image=arguments.image)
        notice = corpus.readiness(documents).notice
    if arguments.json:
        terminal.say_json({"question": question, "hits": terminal.hit_dicts(hits)})
    else:
        terminal.hits(hits)
    if notice:
        terminal.say(notice, error=True)
    return 0


def ask(arguments: Namespace) -> int:
    from agent.events import Answer, Failed, Token

    for file in (*arguments.image, *arguments.audio):
        exists(file)
    settings = settings_of(arguments, corpus=arguments.corpus)
    with agent_of(settings) as agent:
        documents = known_in(agent.library.open(settings.corpus), arguments.document)
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
                raise UserError(event.message, command=event.command)
            elif isinstance(event, Answer):
                if arguments.json:
                    terminal.say_json(event.to_dict())
                else:
                    terminal.answer(event, streamed=streamed)
    return 0


def _search_file(corpus: "Corpus", arguments: Namespace) -> int:
    """One JSON line out for each good line in; each bad one is named on stderr, and the exit code is then 1."""
    bad = 0
    for number, line in lines_of(arguments.queries):
        try:
            query = _query(line)
            documents = known_in(corpus, [query["document"]] if query.get("document") else arguments.document)
        except (ValueError, UserError) as error:
            bad += 1
            terminal.say(f"{arguments.queries}, line {number}: {error}", error=True)
            continue
        hits = corpus.search(query["question"], top=arguments.top, documents=documents)
        terminal.say_json({"id": query["id"], "hits": terminal.hit_dicts(hits)})
    return int(bool(bad))


def _query(line: str) -> dict[str, Any]:
    """One line of a question file. Raises `ValueError` saying what is wrong with it."""
    query = json.loads(line)
    if not isinstance(query, dict) or "id" not in query or not isinstance(query.get("question"), str):
        raise ValueError('not of the form {"id": ..., "question": "...", "document": "..."}')
    if not whole(query["question"], "The question").strip():
        raise ValueError("the question is empty")
    return query
