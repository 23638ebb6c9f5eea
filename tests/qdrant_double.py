"""A Qdrant server over HTTP, as far as `ServerStore` asks one, kept by qdrant-client's local mode.

Its failures are those of a cluster. No real server can be installed with pip.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from qdrant_client import QdrantClient, models
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from web import served


@dataclass
class Fault:
    """What is answered to the next `times` requests whose path ends with `path`; `applied`: they are carried out."""

    path: str
    status: int
    error: str
    times: int = 1
    applied: bool = False
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Double:
    """`asked` are the methods and paths of all requests."""

    url: str = ""
    faults: list[Fault] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    created: dict[str, Any] = field(default_factory=dict)
    kept: QdrantClient = field(default_factory=lambda: QdrantClient(":memory:"))
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def qdrant_double() -> Iterator[Double]:
    double = Double()
    with served(_application(double)) as url:
        double.url = url
        yield double


def _application(double: Double) -> Starlette:
    def route(path: str, method: str, answer: Callable[[str, Any], Any], body: type[BaseModel] | None = None) -> Route:
        async def endpoint(request: Request) -> Response:
            data = await request.body()
            double.asked.append(f"{method} {request.url.path}")
            fault = next((one for one in double.faults if one.times and request.url.path.endswith(one.path)), None)
            if fault:
                fault.times -= 1
                if fault.applied:
                    _answered(request, data)
                said = {"status": {"error": fault.error}, "time": 0.1}
                return JSONResponse(said, fault.status, fault.headers)
            try:
                return JSONResponse({"result": _answered(request, data), "status": "ok", "time": 0.0})
            except ValueError as error:
                return JSONResponse({"status": {"error": str(error)}, "time": 0.0}, 404)

        def _answered(request: Request, data: bytes) -> Any:
            with double.lock:
                asked = body.model_validate_json(data) if body else json.loads(data or "{}")
                return _plain(answer(request.path_params["name"], asked))

        return Route(path, endpoint, methods=[method])

    kept, done = double.kept, models.UpdateResult(operation_id=1, status=models.UpdateStatus.COMPLETED)

    def create(name: str, asked: Any) -> bool:
        double.created[name] = asked
        return kept.create_collection(
            name,
            models.CreateCollection.model_validate(asked).vectors,
            {key: models.SparseVectorParams.model_validate(one) for key, one in asked["sparse_vectors"].items()},
        )

    def write(act: Callable[..., Any], *arguments: Any) -> models.UpdateResult:
        act(*arguments)
        return done

    def scroll(name: str, asked: models.ScrollRequest) -> models.ScrollResult:
        records, offset = kept.scroll(name, asked.filter, asked.limit or 10, offset=asked.offset)
        return models.ScrollResult(points=records, next_page_offset=offset)

    one, points = "/collections/{name}", "/collections/{name}/points"
    return Starlette(
        routes=[
            route(f"{one}/exists", "GET", lambda name, _: {"exists": kept.collection_exists(name)}),
            route(f"{one}/index", "PUT", lambda *_: done),
            route(f"{one}/cluster", "GET", lambda name, _: double.created[name]["cluster"]),
            route(
                f"{points}/vectors", "PUT", lambda n, a: write(kept.update_vectors, n, a.points), models.UpdateVectors
            ),
            route(
                f"{points}/query/batch",
                "POST",
                lambda n, a: [{"points": found.points} for found in kept.query_batch_points(n, a.searches)],
                models.QueryRequestBatch,
            ),
            route(f"{points}/scroll", "POST", scroll, models.ScrollRequest),
            route(f"{points}/count", "POST", lambda n, a: kept.count(n, a.filter), models.CountRequest),
            route(f"{points}/delete", "POST", lambda n, a: write(kept.delete, n, a), models.FilterSelector),
            route(points, "PUT", lambda n, a: write(kept.upsert, n, a.points), models.PointsList),
            route(
                points, "POST", lambda n, a: kept.retrieve(n, a.ids, a.with_payload, a.with_vector), models.PointRequest
            ),
            route(one, "PUT", create),
            route(one, "GET", lambda name, _: kept.get_collection(name)),
            route(one, "DELETE", lambda name, _: kept.delete_collection(name)),
        ]
    )


def _plain(answer: Any) -> Any:
    if isinstance(answer, BaseModel):
        return answer.model_dump(mode="json")
    if isinstance(answer, list):
        return [_plain(one) for one in answer]
    if isinstance(answer, dict):
        return {key: _plain(value) for key, value in answer.items()}
    return answer
