"""An answer as it grows: its text made safe and cited, and at the end pictures of what it leans on."""

from collections.abc import Iterable, Iterator, Sequence

from agent.answering.citations import CitationWriter
from agent.converting.requests import CONVERT
from agent.demonstrations import Demonstrated
from agent.events import Answer, Artifact, Citation, Token
from agent.request import Request, Work
from common.errors import BadDocument

MAX_ARTIFACTS = 4
SHOWN = ("figure", "table")


class Draft:
    """What is known so far of the answer to a request. `found` is None where its writer cannot tell; `quotes` are
    passages by the number of their source."""

    def __init__(self, request: Request, work: Work) -> None:
        self.request, self.work = request, work
        self.text = ""
        self.found: bool | None = None
        self.sure: float | None = None
        self.quotes: dict[int, str] = {}
        self.notices, self.advice = list(work.notices), list(work.advice)
        self._writer = CitationWriter(work.hits)
        self._dangling: list[str] = []

    def add(self, texts: Iterable[str]) -> Iterator[Token]:
        """What can be shown of the text with these pieces."""
        for text in texts:
            yield from self._shown(self._writer.feed(text))

    def close(self) -> Iterator[Token]:
        """What was held back, because it might have been the beginning of a citation."""
        yield from self._shown(self._writer.close())

    def leave_out(self, citations: Iterable[str]) -> None:
        """Note citations that point to no source."""
        self._dangling += citations

    def finish(self, name: str) -> Iterator[Artifact | Answer]:
        """The artifacts and the whole answer, written by `name`."""
        if dangling := [*self._writer.dangling, *self._dangling]:
            self.notices.append(f"Citations that point to no source were left out: {' '.join(dangling)}")
        citations = self._writer.citations(self.quotes)
        demonstrated = [one.artifact for one in self.work.results if isinstance(one.artifact, Demonstrated)]
        found = bool(demonstrated) or self._is_found()
        cited = tuple(self._pictures(citations)) if found else ()
        artifacts = (*(shown for one in demonstrated for shown in one.shown), *cited)
        yield from artifacts
        notices, advice = (tuple(dict.fromkeys(said)) for said in (self.notices, self.advice))
        yield Answer(
            self.text.strip(), citations, artifacts, found, name, notices=notices, advice=advice, sure=self.sure
        )

    def _shown(self, text: str) -> Iterator[Token]:
        if text:
            self.text += text
            yield Token(text)

    def _is_found(self) -> bool:
        """What the writer says; where it cannot tell, whether there was nothing to look up in vain."""
        if self.found is not None:
            return self.found
        return not any(
            isinstance(result.artifact, tuple) or (result.status == "error" and result.name != CONVERT)
            for result in self.work.results
        )

    def _pictures(self, citations: Sequence[Citation]) -> Iterator[Artifact]:
        """Pictures of the cited figures and tables; one that cannot be drawn is noted."""
        shown = [citation for citation in citations if citation.hit.element.kind in SHOWN]
        for citation in shown[:MAX_ARTIFACTS]:
            element = citation.hit.element
            title = element.caption or f"{element.kind.capitalize()} on page {element.page} of {element.document}"
            try:
                yield Artifact(self.request.figure(element), "image/png", title, (citation,))
            except BadDocument as error:
                self.notices.append(error.words)
