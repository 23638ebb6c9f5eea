"""`triptych serve`, `ingest` and `doctor`: documents in, the page open, and what is installed."""

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import UserError
from ui import terminal
from ui.commands.common import agent_of, exists, settings_of

if TYPE_CHECKING:
    from agent import Settings
    from retrievers.ingestion.ingest import IngestReport
    from retrievers.library import Corpus


def serve(arguments: Namespace) -> int:
    from agent.settings import NO_MODEL

    settings = settings_of(
        arguments, host=arguments.host, port=arguments.port, corpus=arguments.corpus, open=arguments.open
    )
    for path in arguments.corpus_from:
        exists(path)
    if settings.model == NO_MODEL:
        _offer()
    from ui.server import serve as open_page

    return int(bool(open_page(settings, browser=not arguments.no_browser, paths=arguments.corpus_from)))


def ingest(arguments: Namespace) -> int:
    if arguments.report and not arguments.report.absolute().parent.is_dir():
        raise UserError(f"There is no folder {arguments.report.absolute().parent} for the report.", "Make it first.")
    settings = settings_of(arguments, corpus=arguments.corpus)
    paths, problems = _paths(arguments, settings)
    with agent_of(settings) as agent:
        corpus = agent.library.open(settings.corpus, create=True)
        report = _ingest(corpus, paths, prune=arguments.prune)
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
    for problem in problems:
        terminal.say(f"not fetched: {problem}", error=True)
    return int(
        bool(report.failed or problems) or (arguments.strict and any(record.lossy for record in report.documents))
    )


def doctor(arguments: Namespace) -> int:
    from agent.doctor import examine

    parts = examine(settings_of(arguments))
    if arguments.json:
        terminal.say_json([asdict(part) for part in parts])
    else:
        terminal.parts(parts)
    return int(any(part.needed and not part.present for part in parts))


def _offer() -> None:
    """Says that a model could answer, if a server of this machine has one. It is never taken unasked."""
    from agent.models.served.places import offers

    if found := offers():
        terminal.say(f"{found[0].title} is running here. To let its model write: TRIPTYCH_MODEL={found[0].spec}")


def _paths(arguments: Namespace, settings: "Settings") -> tuple[list[Path], list[str]]:
    """Files and folders, what addresses lead to among them, which is kept in the data folder; and why some of that is
    missing. Raises `UserError` for an address that cannot be fetched."""
    from ui.connectors.fetching import PORTS, Fetcher
    from ui.connectors.remote import copied
    from ui.connectors.web import visit

    paths, problems = [one for one in arguments.paths if isinstance(one, Path)], list[str]()
    fetcher = Fetcher(settings.web_hosts, settings.max_upload_mb)
    min_free = settings.min_free_mb * 1_000_000

    def tell(what: str) -> None:
        terminal.say(f"fetching {what}")

    for url in (one for one in arguments.paths if isinstance(one, str)):
        if url.partition("://")[0].lower() in PORTS:
            found = visit(url, fetcher, settings.data_dir / "web" / settings.corpus, arguments.most, tell)
        else:
            folder = settings.data_dir / "remote" / settings.corpus
            found = copied(url, folder, min_free, tell, prune=arguments.prune)
        paths += found.files
        problems += found.problems
    return paths, problems


def _ingest(corpus: "Corpus", paths: Sequence[Path], *, prune: bool = False) -> "IngestReport":
    for path in paths:
        exists(path)
    with terminal.progress() as show:
        return corpus.ingest(paths, show, prune=prune)
