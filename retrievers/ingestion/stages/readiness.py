"""How much of a corpus can be searched, and how well, while the rest of it is still on its way."""

from collections.abc import Sequence
from dataclasses import dataclass

from retrievers.ingestion.manifest import Manifest
from retrievers.ingestion.progress import Progress
from retrievers.ingestion.records import Stage


@dataclass(frozen=True, slots=True)
class Readiness:
    """Of `pages` of a corpus, how many still lack each: their words, any word as they are scans, vectors of meaning,
    what their figures say and show. `waiting` documents have not been opened yet."""

    corpus: str
    pages: int
    wordless: int = 0
    scans: int = 0
    meaningless: int = 0
    sightless: int = 0
    waiting: int = 0

    @property
    def meant(self) -> bool:
        """Whether all words that can be searched have a vector of meaning."""
        return not self.meaningless

    @property
    def notice(self) -> str:
        """What a person who asks now should know; empty where everything is there."""
        share = 1 - (self.meaningless + self.scans) / max(1, self.pages - self.wordless)
        said = (
            f"{_count(self.waiting, 'document')} still to be opened" if self.waiting else "",
            f"{_count(self.wordless, 'page')} still to be read" if self.wordless else "",
            f"{_count(self.scans, 'page')} still to be read by OCR" if self.scans else "",
            f"{int(100 * share)} % has dense vectors" if self.meaningless else "",
            f"pictures of {_count(self.sightless, 'page')} still to be looked at" if self.sightless else "",
        )
        known = ", ".join(filter(None, said))
        return f'Of "{self.corpus}" {known}: answers may improve.' if known else ""


def readiness(corpus: str, manifest: Manifest, documents: Sequence[str], progress: Progress | None) -> Readiness:
    """Of these documents, or of all; `progress` is that of the ingestion that is going on."""
    records = [one for one in manifest.documents() if one.status != "failed"]
    chosen = {one.name: one for one in records if not documents or one.name in documents}
    todo = [(name, stage) for name, _, stage in manifest.unfinished() if name in chosen]
    unread = {one.name: one.pages + 1 - one.next_page for one in chosen.values() if not one.searchable}
    reading = progress is not None and progress.stage == "words" and not documents
    return Readiness(
        corpus,
        pages=sum(one.pages for one in chosen.values()),
        wordless=sum(unread.values()),
        scans=sum(Stage.SCANS in stage and Stage.MEANING not in stage for _, stage in todo),
        meaningless=sum(Stage.MEANING in stage for _, stage in todo),
        sightless=sum(bool(stage & (Stage.FIGURES | Stage.SIGHTS)) for _, stage in todo),
        waiting=max(0, progress.documents_total - progress.documents_done - 1) if progress and reading else 0,
    )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
