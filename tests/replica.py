"""One of several servers of a model, to be killed: prints its port, and answers until then.

A question about Venus it begins to answer, and does not end.
"""

import json
import os
from collections.abc import Iterator
from typing import Any

from endless_endpoint import Endpoint, end, hanging, token


def reply(body: dict[str, Any]) -> Iterator[bytes]:
    asked = json.dumps(body["messages"][-1], ensure_ascii=False)
    if "Venus?" in asked:
        yield token("Venus is the hottest planet, with a mean of 464 °C [1]. Its thick ")
        yield from hanging()
    yield token("The pump weighs 38 kg [1]." if "pump" in asked else "Mars has two small moons [1].")
    yield end()


if __name__ == "__main__":
    with Endpoint(reply, served_by=str(os.getpid())) as endpoint:
        print(endpoint.server_port, flush=True)
        endpoint.serve_forever()
