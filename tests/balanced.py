"""Servers of this machine behind one address."""

import select
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Balanced:
    """Connections go to the `ports` in turn or, where it is `sticky`, to the first; past those that take none. `to` is
    where each went, `said` what was sent there."""

    ports: Sequence[int]
    sticky: bool = False
    listening: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    to: list[int] = field(default_factory=list)
    said: list[bytearray] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}"

    def run(self) -> None:
        turn = -1
        with suppress(OSError):  # closed: the end
            while True:
                client, _ = self.listening.accept()
                if self.sticky:
                    turn = -1
                for _ in self.ports:
                    turn = (turn + 1) % len(self.ports)
                    with suppress(ConnectionRefusedError):
                        server = socket.create_connection(("127.0.0.1", self.ports[turn]))
                        self.to.append(turn)
                        self.said.append(bytearray())
                        threading.Thread(target=_carry, args=(client, server, self.said[-1]), daemon=True).start()
                        break
                else:
                    client.close()


@contextmanager
def balanced(ports: Sequence[int], *, sticky: bool = False) -> Iterator[Balanced]:
    one = Balanced(ports, sticky)
    threading.Thread(target=one.run, daemon=True).start()
    try:
        yield one
    finally:
        one.listening.shutdown(socket.SHUT_RDWR)
        one.listening.close()


def _carry(client: socket.socket, server: socket.socket, said: bytearray) -> None:
    """What one sends to the other, until one of them is gone: then both are."""
    with client, server, suppress(OSError):
        while True:
            for one in select.select([client, server], [], [])[0]:
                data = one.recv(1 << 16)
                if not data:
                    return
                if one is client:
                    said += data
                (server if one is client else client).sendall(data)
