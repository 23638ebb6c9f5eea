"""`/v1/files` and `/v1/vector_stores`: a corpus is a vector store, called by its name."""

from typing import Annotated, Any

from fastapi import FastAPI, Form, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import FileResponse, Response

from agent.answering.evidence import words_of
from retrievers.library import Corpus
from ui.api.asking import Door
from ui.api.errors import ApiError
from ui.api.files import stores
from ui.api.files.found import result
from ui.api.files.ids import file_ids
from ui.api.files.reading import Readings


class NewStore(BaseModel):
    name: str
    file_ids: list[str] = []


class NewFile(BaseModel):
    file_id: str


class Query(BaseModel):
    query: str | list[str]
    max_num_results: int = Field(default=10, ge=1, le=50)
    filters: Any = None


class Files:
    def __init__(self, door: Door) -> None:
        self.agent = door.agent
        self.uploaded, self.readings = door.uploaded, Readings(door.agent)

    def stand_in(self, api: FastAPI) -> None:
        """Every endpoint runs in a thread."""
        api.post("/files")(self.upload)
        api.get("/files")(self.list_files)
        api.get("/files/{id}")(self.file)
        api.get("/files/{id}/content", response_model=None)(self.content)
        api.delete("/files/{id}")(self.delete_file)
        api.post("/vector_stores")(self.create)
        api.get("/vector_stores")(self.list_stores)
        api.get("/vector_stores/{name}")(self.store)
        api.delete("/vector_stores/{name}")(self.delete_store)
        api.post("/vector_stores/{name}/search")(self.search)
        api.post("/vector_stores/{name}/files")(self.read)
        api.get("/vector_stores/{name}/files")(self.list_read)
        api.get("/vector_stores/{name}/files/{id}")(self.status)
        api.get("/vector_stores/{name}/files/{id}/report")(self.report)
        api.delete("/vector_stores/{name}/files/{id}")(self.remove)

    def upload(self, file: UploadFile, purpose: Annotated[str, Form(max_length=40)] = "user_data") -> dict[str, Any]:
        return self.uploaded.add(file.filename or "", file.file, purpose).to_dict()

    def list_files(self) -> dict[str, Any]:
        return _listed([file.to_dict() for file in self.uploaded])

    def file(self, id: str) -> dict[str, Any]:
        return self.uploaded.get(id).to_dict()

    def content(self, id: str) -> Response:
        file = self.uploaded.get(id)
        return FileResponse(file.path, filename=file.path.name, media_type="application/octet-stream")

    def delete_file(self, id: str) -> dict[str, Any]:
        """Also from the corpora that it was read into."""
        self.uploaded.get(id)
        for name in self.agent.library.names():
            self._forget(self.agent.library.open(name), id)
        self.uploaded.delete(id)
        return {"id": id, "object": "file", "deleted": True}

    def create(self, body: NewStore) -> dict[str, Any]:
        if body.name in self.agent.library.names():
            message = f"There is a vector store {body.name!r} already."
            raise ApiError(message, status=409, param="name", code="already_exists")
        files = [self.uploaded.get(id) for id in body.file_ids]
        corpus = self.agent.library.open(body.name, create=True)
        for file in files:
            self.readings.start(corpus.name, file.id, file.path)
        return self.store(corpus.name)

    def list_stores(self) -> dict[str, Any]:
        return _listed([self.store(name) for name in self.agent.library.names()])

    def store(self, name: str) -> dict[str, Any]:
        return stores.store(self._corpus(name), self.readings.under_way(name))

    def delete_store(self, name: str) -> dict[str, Any]:
        self._corpus(name)
        for id in self.readings.under_way(name):
            self.readings.forget(name, id)
        self.agent.library.delete(name)
        return {"id": name, "object": "vector_store.deleted", "deleted": True}

    def search(self, name: str, body: Query) -> dict[str, Any]:
        if body.filters is not None:
            raise ApiError("Results cannot be filtered.", param="filters", code="unsupported_parameter")
        corpus, words = self._corpus(name), [body.query] if isinstance(body.query, str) else body.query
        hits, ids = corpus.search(" ".join(words), top=body.max_num_results), file_ids(corpus)
        data = [
            result(hit, ids.get(hit.element.document, ""))
            | {"content": [{"type": "text", "text": words_of(hit.element)}]}
            for hit in hits
        ]
        page = {"object": "vector_store.search_results.page", "search_query": words}
        return page | {"data": data, "has_more": False, "next_page": None}

    def read(self, name: str, body: NewFile) -> dict[str, Any]:
        corpus, file = self._corpus(name), self.uploaded.get(body.file_id)
        reading = self.readings.start(corpus.name, file.id, file.path)
        return stores.file(corpus.name, file.id, stores.by_id(corpus).get(file.id, []), reading)

    def list_read(self, name: str) -> dict[str, Any]:
        corpus = self._corpus(name)
        found = stores.by_id(corpus)
        ids = dict.fromkeys([*found, *self.readings.under_way(name)])
        return _listed([stores.file(name, id, found.get(id, []), self.readings.of(name, id)) for id in ids])

    def status(self, name: str, id: str) -> dict[str, Any]:
        records, reading = stores.by_id(self._corpus(name)).get(id, []), self.readings.of(name, id)
        if not records and not reading:
            raise _not_there(name, id)
        return stores.file(name, id, records, reading)

    def report(self, name: str, id: str) -> dict[str, Any]:
        corpus = self._corpus(name)
        if not (records := stores.by_id(corpus).get(id)):
            raise _not_there(name, id)
        return _listed([page for record in records for page in stores.report(record, corpus)])

    def remove(self, name: str, id: str) -> dict[str, Any]:
        if not self._forget(self._corpus(name), id):
            raise _not_there(name, id)
        return {"id": id, "object": "vector_store.file.deleted", "deleted": True}

    def _forget(self, corpus: Corpus, id: str) -> bool:
        """Whether it was there, or on its way."""
        known = self.readings.of(corpus.name, id)
        self.readings.forget(corpus.name, id)
        records = stores.by_id(corpus).get(id, [])
        for record in records:
            corpus.remove(record.name)
        return bool(records or known)

    def _corpus(self, name: str) -> Corpus:
        """Raises `ApiError` where there is none."""
        if name not in self.agent.library.names():
            message = f"There is no vector store {name!r}: /v1/vector_stores lists the corpora."
            raise ApiError(message, status=404, param="vector_store_id", code="not_found")
        return self.agent.library.open(name)


def _listed(data: list[dict[str, Any]]) -> dict[str, Any]:
    first, last = (data[0].get("id"), data[-1].get("id")) if data else (None, None)
    return {"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": False}


def _not_there(store: str, id: str) -> ApiError:
    message = f"There is no file {id!r} in the vector store {store!r}."
    return ApiError(message, status=404, param="file_id", code="not_found")
