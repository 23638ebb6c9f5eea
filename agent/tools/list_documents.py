"""`list_documents`: what the corpus holds."""

from langchain_core.tools import BaseTool, tool

from agent.answering.evidence import unbracketed
from agent.tools.base import READS, Scope


def build(scope: Scope) -> BaseTool:
    @tool("list_documents")
    def list_documents() -> str:
        """Names, titles and page counts of the user's documents."""
        records = [
            record
            for record in scope.corpus.documents()
            if record.status != "failed" and (not scope.documents or record.name in scope.documents)
        ]
        if not records:
            return "There are no documents here yet."
        lines = [
            f"- {record.name}"
            + (f": {record.title}" if record.title and record.title != record.name else "")
            + f" ({record.pages} page{'' if record.pages == 1 else 's'})"
            for record in records
        ]
        count = f"{len(records)} document{'' if len(records) == 1 else 's'}"
        return unbracketed(f"There {'is' if len(records) == 1 else 'are'} {count} here:\n\n" + "\n".join(lines))

    list_documents.metadata = READS
    return list_documents
