"""Fetches from the hosts that the settings allow, and from no private address, whatever their names stand for.

A name is looked up once for each request, every address it has must be public, and the connection is made to the one
that was looked at: a name that changes meanwhile (DNS rebinding) leads nowhere. Redirects are followed here, each as
carefully.
"""

import http.client
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urljoin, urlsplit

from common.errors import UserError

REDIRECTS = 5
CONNECT = 10.0  # seconds, and between two pieces
WHOLE = 60.0  # seconds that one page may take
PIECE = 1 << 16
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last four bytes
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Fetched:
    """`url` is where it was found in the end; `kind` its MIME type."""

    url: str
    kind: str
    data: bytes


class Fetcher:
    """`hosts` are allowed, `megabytes` the most that one page may have."""

    def __init__(self, hosts: Sequence[str], megabytes: int) -> None:
        self._hosts = {host.lower() for host in hosts}
        self._most = megabytes * 1024 * 1024

    def get(self, url: str) -> Fetched:
        """Raises `UserError` for what may not be fetched, or cannot be."""
        for _ in range(REDIRECTS + 1):
            parts = self.checked(url)
            status, headers, data = self._asked(url, parts)
            if status in (301, 302, 303, 307, 308) and headers["location"]:
                url = _joined(url, headers["location"])
                continue
            if status != 200:
                raise UserError(f"{url} answers {status}.", "Check the address.")
            return Fetched(url, headers.get_content_type(), data)
        raise UserError(f"{url} leads on and on.", "Give the address where it ends.")

    def checked(self, url: str) -> SplitResult:
        """Its parts. Raises `UserError` unless its host is allowed."""
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname or "", parts.port  # which raises as well
        except ValueError as error:
            raise UserError(f"{url} is no address.") from error
        if parts.scheme not in PORTS or not host or parts.username is not None or not url.isprintable() or " " in url:
            raise UserError(f"{url} is no address of the web.", "It begins with https://.")
        if host.lower() not in self._hosts:
            raise UserError(
                f"Nothing is fetched from {host}.", command="Allow it: TRIPTYCH_WEB_HOSTS, comma-separated."
            )
        return parts

    def _asked(self, url: str, parts: SplitResult) -> tuple[int, http.client.HTTPMessage, bytes]:
        host, port = str(parts.hostname), parts.port or PORTS[parts.scheme]
        connection = _Connection(host, port, public_address(host, port), encrypted=parts.scheme == "https")
        path = parts._replace(scheme="", netloc="", fragment="", path=parts.path or "/").geturl()
        try:
            sent = {"accept-encoding": "identity", "user-agent": "triptych"}
            connection.request("GET", path.encode("ascii", "ignore").decode(), headers=sent)
            answer = connection.getresponse()
            return answer.status, answer.headers, self._read(url, answer)
        except (OSError, http.client.HTTPException) as error:
            raise UserError(f"{url} cannot be fetched: {error or type(error).__name__}.") from error
        finally:
            connection.close()

    def _read(self, url: str, answer: http.client.HTTPResponse) -> bytes:
        ends, data = time.monotonic() + WHOLE, bytearray()
        while piece := answer.read1(PIECE):
            data += piece
            if len(data) > self._most:
                raise UserError(f"{url} is larger than {self._most >> 20} MB.", command="Raise TRIPTYCH_MAX_UPLOAD_MB.")
            if time.monotonic() > ends:
                raise UserError(f"{url} takes longer than {WHOLE:.0f} seconds.", "Try again later.")
        return bytes(data)


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise UserError(f"{url} leads to what is no address.") from error


def public_address(host: str, port: int) -> str:
    """One of the addresses of a name. Raises `UserError` unless all of them are public."""
    try:
        found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise UserError(f"There is no host {host}.", "Check the address.") from error
    if not found or not all(is_public(address) for address in found):
        raise UserError(f"{host} is an address of a private network.", "Nothing is fetched from there.")
    return found[0]


def is_public(address: str) -> bool:
    """Also of what it holds, where it stands for an IPv4 address."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        if ip in NAT64:
            return is_public(str(IPv4Address(int(ip) & 0xFFFFFFFF)))
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


class _Connection(http.client.HTTPConnection):
    """To one address, under the name that was asked for."""

    def __init__(self, host: str, port: int, address: str, *, encrypted: bool) -> None:
        super().__init__(host, port, timeout=CONNECT)
        self.default_port = PORTS["https" if encrypted else "http"]
        self._address, self._encrypted = address, encrypted

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), CONNECT)
        if self._encrypted:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
