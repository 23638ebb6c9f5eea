"""What a document is called by programs: by the id of the uploaded file that it was read from, or by one of its own."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from retrievers.ingestion.manifest import DocumentRecord
from retrievers.library import Corpus

FOLDER = "files"  # of the data folder, one in it for each uploaded file


def file_id(record: DocumentRecord) -> str:
    """Of a document in any corpus."""
    folder = Path(record.origin).parent
    return folder.name if folder.parent.name == FOLDER else f"doc-{sha256(record.name.encode()).hexdigest()[:32]}"


def file_ids(corpus: Corpus) -> Mapping[str, str]:
    """The documents' names -> their ids."""
    return {record.name: file_id(record) for record in corpus.documents()}
