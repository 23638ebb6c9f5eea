"""What the tools give back, as programs read it: the schemas that are declared."""

from pydantic import BaseModel, Field


class Source(BaseModel):
    """A place in a document. `id` is taken by `fetch`, `show_page` and `convert`; `url` is for a person."""

    id: str
    title: str
    url: str
    document: str
    page: int
    kind: str = Field(description="text, table, figure or page")
    box: list[float] = Field(description="x0, y0, x1, y1 in page units: 0..1 from the top left")


class Found(Source):
    text: str


class SearchResults(BaseModel):
    results: list[Found]


class Cited(Source):
    number: int = Field(description="n of [n] in the text")
    quote: str


class Made(BaseModel):
    """A file: a figure's crop, a chart, speech, a document. `others` are the same in other types: MIME type to link."""

    title: str
    mime: str
    url: str
    others: dict[str, str]


class Answered(BaseModel):
    text: str
    found: bool = Field(description="false where the documents do not hold the answer")
    sure: float | None = Field(description="how probably it answers, 0..1; null where nothing estimated it")
    model: str = Field(description="who wrote it")
    citations: list[Cited]
    made: list[Made]
    notices: list[str]


class Fetched(BaseModel):
    id: str
    title: str
    text: str = Field(description="all words of the page")
    url: str
    metadata: dict[str, str | int]


class ShownPage(BaseModel):
    title: str
    document: str
    page: int
    pages: int
    url: str


class Document(BaseModel):
    name: str
    title: str
    pages: int
    id: str = Field(description="of its first page")


class Documents(BaseModel):
    corpus: str
    corpora: list[str]
    documents: list[Document]


class ReadFile(BaseModel):
    name: str
    pages: int
    problem: str = Field(description="why it could not be read, or what was lost; else empty")


class Ingested(BaseModel):
    corpus: str
    documents: list[ReadFile]
    skipped: list[str]
