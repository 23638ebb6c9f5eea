"""The tools of the MCP door: each gives text that stands alone, the same as structured content, and pictures."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import anyio.from_thread
import anyio.to_thread
from mcp.server.mcpserver import Context
from mcp.types import CallToolResult, ContentBlock, TextContent
from pydantic import BaseModel, Field

from agent import Agent, Artifact
from agent.answering.evidence import inert
from common.errors import UserError
from retrievers.ingestion.progress import Progress
from retrievers.library import Corpus
from ui.api.places import Places
from ui.mcp import given, texts
from ui.mcp.links import Links
from ui.mcp.pictures import image_blocks
from ui.mcp.places import find, page_name
from ui.mcp.results import Answered, Document, Documents, Fetched, Ingested, Made, ReadFile, SearchResults, ShownPage

CorpusName = Annotated[str, Field(description="name of the corpus; the usual one where it is empty")]
Only = Annotated[Sequence[str], Field(description="names of documents to stay within; all where it is empty")]
Id = Annotated[str, Field(description="the id of a place, from a result of search, ask or list_documents")]
Form = Literal["chart", "speech", "diagram", "picture", "sheet", "document", "film", "music"]
Call = Context[Any, Any]


class Tools:
    """Over `agent`. `links_of` gives those of a call; `ingest` reads from below `folders` alone."""

    def __init__(
        self, agent: Agent, links_of: Callable[[Call], Links], places: Places, folders: Sequence[Path] = ()
    ) -> None:
        self.agent, self.links_of, self._places = agent, links_of, places
        self.folders = [folder.expanduser().resolve() for folder in folders]

    def search(
        self,
        query: str,
        call: Call,
        corpus: CorpusName = "",
        documents: Only = (),
        top: Annotated[int, Field(ge=1, le=50)] = 8,
    ) -> Annotated[CallToolResult, SearchResults]:
        """Find the places in the documents (text, tables, figures) that match some words: best first, one of a page."""
        opened, links = self._corpus(corpus), self.links_of(call)
        hits = opened.search(query, top=top, documents=documents)
        found = [given.found(hit, opened.name, links) for hit in hits]
        return _result(texts.found(query, opened.name, found), SearchResults(results=found))

    def fetch(self, id: Id, call: Call) -> Annotated[CallToolResult, Fetched]:
        """Read the whole page on which a place stands."""
        place = find(self.agent, id)
        source = given.source(place.citation, place.corpus, self.links_of(call))
        metadata = {name: source[name] for name in ("document", "page", "kind")} | {"corpus": place.corpus}
        page = Fetched(id=id, title=source["title"], text=inert(place.words), url=source["url"], metadata=metadata)
        return _result(texts.fetched(page), page)

    async def ask(
        self,
        question: Annotated[str, Field(description="one question, in a whole sentence that stands alone")],
        call: Call,
        corpus: CorpusName = "",
        documents: Only = (),
    ) -> Annotated[CallToolResult, Answered]:
        """Answer a question from the documents, with the places that say so. It may also ask for a chart, a figure, or
        the answer read aloud."""
        opened = await anyio.to_thread.run_sync(self._corpus, corpus)
        names = [opened.document(document).name for document in documents]
        async with self._places:
            answer = await self.agent.aask(question, corpus=opened.name, documents=names)
        said = await anyio.to_thread.run_sync(given.answered, answer, opened.name, self.links_of(call))
        pictures = [one.path for one in answer.artifacts if one.mime.startswith("image/")]
        return _result(texts.answered(said), said, pictures)

    def show_page(self, id: Id, call: Call) -> Annotated[CallToolResult, ShownPage]:
        """Show the page on which a place stands as a picture, with the place marked."""
        place = find(self.agent, id)
        source = given.source(place.citation, place.corpus, self.links_of(call))
        pages = self._corpus(place.corpus).document(source["document"]).pages
        shown = ShownPage(pages=pages, **{name: source[name] for name in ("title", "document", "page", "url")})
        return _result(texts.shown(shown), shown, [self.agent.page_image(place.citation, place.corpus)])

    async def convert(
        self,
        form: Form,
        call: Call,
        id: Annotated[str, Field(description="the id of a place to make it of, such as a table")] = "",
        text: Annotated[str, Field(description="or words, or rows of numbers, to make it of")] = "",
        request: Annotated[str, Field(description='how, in words: "as a line chart, the five largest"')] = "",
    ) -> Annotated[CallToolResult, Made]:
        """Make something of a place in the documents, or of words: a chart or a spreadsheet of a table, speech, a
        diagram of steps (plan -> build -> test), a PDF or Word document; pictures, films, music if a model is set."""
        async with self._places:
            made = await anyio.to_thread.run_sync(self._converted, form, id, text, request)
        file = given.made(made, self.links_of(call))
        return _result(texts.made([file]), file, [made.path] if made.mime.startswith("image/") else [])

    def list_documents(self, corpus: CorpusName = "") -> Annotated[CallToolResult, Documents]:
        """List the documents of a corpus, and the corpora there are."""
        opened = self._corpus(corpus)
        held = [record for record in opened.documents() if record.status != "failed"]
        documents = [
            Document(name=one.name, title=one.title, pages=one.pages, id=page_name(opened.name, one.name, 1))
            for one in held
        ]
        listed = Documents(corpus=opened.name, corpora=self.agent.library.names(), documents=documents)
        return _result(texts.listed(listed), listed)

    def ingest(
        self,
        path: Annotated[str, Field(description="a file or folder, below one that the settings allow")],
        call: Call,
        corpus: CorpusName = "",
    ) -> Annotated[CallToolResult, Ingested]:
        """Read a file or folder into a corpus, which is made if need be."""
        allowed = self._allowed(path)

        def tell(progress: Progress) -> None:
            words = f"{progress.document}, page {progress.page}"
            anyio.from_thread.run(call.report_progress, progress.pages_done, progress.pages_total, words)

        report = self.agent.ingest([allowed], corpus or None, tell)
        read = [ReadFile(name=r.name, pages=r.pages, problem=r.error or r.warning) for r in report.documents]
        name = corpus or self.agent.settings.corpus
        done = Ingested(corpus=name, documents=read, skipped=[one.name for one in report.skipped])
        return _result(texts.ingested(done), done)

    def _converted(self, form: Form, id: str, text: str, request: str) -> Artifact:
        return self.agent.convert(form, find(self.agent, id).citation if id else text, request)

    def _corpus(self, name: str) -> Corpus:
        return self.agent.library.open(name or self.agent.settings.corpus)

    def _allowed(self, path: str) -> Path:
        """Where it really lies. Raises `UserError` unless that is below one of the folders."""
        real = Path(path).expanduser().resolve()
        if not any(real.is_relative_to(folder) for folder in self.folders):
            raise UserError("This may not be read.", f"Allowed are files below {', '.join(map(str, self.folders))}.")
        return real


def _result(text: str, content: BaseModel, pictures: Sequence[Path] = ()) -> CallToolResult:
    blocks: list[ContentBlock] = [TextContent(type="text", text=text), *image_blocks(pictures)]
    return CallToolResult(content=blocks, structured_content=content.model_dump(mode="json"))
