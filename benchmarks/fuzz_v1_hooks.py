"""For schemathesis: most requests are about the corpus that is there, and none deletes it."""

from typing import Any

import schemathesis

THERE = "fuzz"


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    return body | {"model": THERE} if isinstance(body, dict) and isinstance(body.get("model"), str) else body


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    is_named = isinstance(path_parameters, dict) and "name" in path_parameters
    deletes = context.operation.method.upper() == "DELETE"
    return path_parameters | {"name": THERE} if is_named and not deletes else path_parameters
