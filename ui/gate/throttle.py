"""Wrong guesses of a password or key: after a few free ones, each makes the next wait longer."""

import time
from collections import OrderedDict
from ipaddress import IPv6Network, ip_address

MOST = 10_000
"""Clients remembered; past that the one that has been quiet longest is forgotten."""
FORGOTTEN = 3600.0
"""Seconds without a wrong guess after which a client starts anew."""


class Throttle:
    """`free` wrong guesses cost nothing; from there the wait is 1, 2, 4 ... up to `longest` seconds."""

    def __init__(self, free: int, longest: float) -> None:
        self.free, self.longest = free, longest
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()  # how many, and when the last one was

    def wait(self, client: str) -> float:
        """Seconds until this client is listened to again; 0 for now."""
        count, last = self._known(client)
        pause = min(2.0 ** min(count - self.free - 1, 60), self.longest) if count > self.free else 0.0
        return max(0.0, last + pause - time.monotonic())

    def failed(self, client: str) -> int:
        """Counts a wrong guess; returns how many there are now."""
        count = self._known(client)[0] + 1
        self._wrong[client] = count, time.monotonic()
        self._wrong.move_to_end(client)
        if len(self._wrong) > MOST:
            self._wrong.popitem(last=False)
        return count

    def succeeded(self, client: str) -> None:
        self._wrong.pop(client, None)

    def _known(self, client: str) -> tuple[int, float]:
        count, last = self._wrong.get(client, (0, 0.0))
        return (count, last) if time.monotonic() - last < FORGOTTEN else (0, 0.0)


def client_of(address: str) -> str:
    """Which client an address stands for: of IPv6 the /64 network, since one customer has all of it."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Network((ip, 64), strict=False)) if ip.version == 6 else address
