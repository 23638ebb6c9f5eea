"""What goes wrong between us and a Qdrant server or cluster, as a `UserError` with its cure; and which of it passes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from httpx import TimeoutException
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from common.errors import UserError

PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds before a write is sent again; a node restarts in less than their sum
LONGEST = 60.0  # seconds that a server may ask us to wait
SHOWN = 200  # characters of an error that is no server's
LATE = {408, 504}
AGAIN = "What was written is kept: the same command goes on where it stopped."


class Passing(UserError):
    """A server that may take the same write later; it is to be waited for `pause` seconds, if it says so."""

    def __init__(self, what: str, cure: str = "", command: str = "", pause: float = 0.0) -> None:
        super().__init__(what, cure, command)
        self.pause = pause


def persistently(write: Callable[[], object]) -> None:
    """Repeats a write that changes nothing when it is done twice, while what goes wrong is `Passing`: a node that
    restarts makes writes fail that others have kept."""
    for pause in PAUSES:
        try:
            write()
            return
        except Passing as error:
            time.sleep(min(max(pause, error.pause), LONGEST))
    write()


@contextmanager
def reporting(url: str, remote: bool) -> Iterator[None]:
    """Turns what the client raises about the server at `url` into a `UserError`."""
    try:
        yield
    except ResourceExhaustedResponse as error:
        wait = f"It takes more in {error.retry_after_s} s. {AGAIN}"
        raise Passing(
            f"The Qdrant server at {url} is asked too often ({error}).", wait, pause=error.retry_after_s
        ) from error
    except UnexpectedResponse as error:
        raise _refused(url, error) from error
    except ApiException as error:
        late = isinstance(error, ResponseHandlingException) and isinstance(error.source, TimeoutException)
        if late:
            raise Passing(f"The Qdrant server at {url} did not answer in time ({error}).", AGAIN) from error
        raise Passing(
            f"The Qdrant server at {url} cannot be reached ({error}).",
            command="Start it, or set TRIPTYCH_QDRANT_URL to where it runs; TRIPTYCH_STORE=edge needs no server.",
        ) from error
    except (ValueError, TypeError, LookupError, AttributeError, AssertionError) as error:
        if not remote:  # then it is no answer, but a bug
            raise
        raise UserError(
            f"What {url} answered is not what a Qdrant server answers ({str(error)[:SHOWN]}).",
            command="Check TRIPTYCH_QDRANT_URL, and the server's version.",
        ) from error


def _refused(url: str, error: UnexpectedResponse) -> UserError:
    status, said = error.status_code or 0, error.content.decode("utf-8", "replace")
    if status in (401, 403):
        return UserError(f"The Qdrant server at {url} refused the key.", command="Set TRIPTYCH_QDRANT_API_KEY.")
    if status in LATE or "timeout" in said.lower():
        return Passing(f"The Qdrant server at {url} did not carry it out in time ({said[:SHOWN]}).", AGAIN)
    if status >= 500 and "replica" in said.lower():
        return Passing(
            f"Too few replicas of the collection at {url} can be written ({said[:SHOWN]}).",
            AGAIN,
            "See which nodes are down in its dashboard, at /cluster, and start them, or make collections with a lower "
            "TRIPTYCH_QDRANT_WRITE_CONSISTENCY.",
        )
    kind = Passing if status >= 500 or status == 429 else UserError
    command = "Look into the server's log, and whether TRIPTYCH_QDRANT_URL is that of a Qdrant server."
    return kind(f"The Qdrant server at {url} answered: {error}.", command=command)
