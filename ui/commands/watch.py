"""`triptych watch`: a corpus that follows a folder."""

from argparse import Namespace

from common.errors import UserError
from ui import terminal
from ui.commands.common import agent_of, settings_of
from ui.connectors.folder import changes


def watch(arguments: Namespace) -> int:
    """Until it is interrupted."""
    folder = arguments.folder.expanduser().absolute()
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}.", "Make it first.")
    settings = settings_of(arguments, corpus=arguments.corpus)
    with agent_of(settings) as agent:
        corpus = agent.library.open(settings.corpus, create=True)
        for _ in changes(folder, arguments.every):
            before = {record.name: record.sha256 for record in corpus.documents()}
            report = corpus.ingest([folder], prune=True)
            terminal.followed(settings.corpus, before, report, str(folder))
    return 0
