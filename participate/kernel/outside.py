"""Requests to addresses that others have given us: to the public net alone, within a time, and following nothing."""

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

MOST_URL = 500  # characters
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_PRINTABLE = re.compile(r"[!-~]+")
_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?")
_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class NotReached(Exception):
    """Nothing was asked there, or no answer came.

    `code` is stable; `passing`: it may go another time; `asked`: the other side may have heard it.
    """

    def __init__(self, code: str, passing: bool, asked: bool = False) -> None:
        super().__init__(code)
        self.code, self.passing, self.asked = code, passing, asked


@dataclass(frozen=True)
class Answer:
    """What came back; `retry_after` in seconds, at most an hour. `body` is no longer than was asked for."""

    status: int
    retry_after: float | None
    body: bytes = b""


@lru_cache(maxsize=8)
def _allowed(named: Collection[str]) -> tuple[frozenset[str], tuple[_Network, ...]]:
    """What an administrator lets us reach besides: hosts by their names, and networks."""
    hosts, networks = set[str](), list[_Network]()
    for each in named:
        try:
            networks.append(ipaddress.ip_network(each))
        except ValueError:
            hosts.add(each.lower().rstrip("."))
    return frozenset(hosts), tuple(networks)


def is_public(address: _Address) -> bool:
    """Whether it is an ordinary host's on the public net, whatever it is wrapped into."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is None:
            return address in _UNICAST and address.is_global
        address = inner
    return address.is_global and not address.is_multicast


def _may_reach(host: str, address: _Address, allowed: Collection[str]) -> bool:
    return is_public(address) or _is_allowed(host, address, allowed)


def _is_allowed(host: str, address: _Address | None, allowed: Collection[str]) -> bool:
    hosts, networks = _allowed(tuple(allowed))
    return host.lower().rstrip(".") in hosts or (address is not None and any(address in net for net in networks))


def _literal(host: str) -> _Address | None:
    """The address that a host is written as, however oddly: `0x7f.1` and `2130706433` are addresses too."""
    with suppress(ValueError):
        return ipaddress.ip_address(host)
    with suppress(OSError):
        return ipaddress.IPv4Address(socket.inet_aton(host))
    return None


def fault(url: str, allowed: Collection[str]) -> str | None:
    """What is wrong with an address before anybody looks its name up: `url`, `https_only` or `address_not_public`."""
    if len(url) > MOST_URL or not _PRINTABLE.fullmatch(url):
        return "url"
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "url"
    literal = _literal(host)
    if parts.scheme not in {"http", "https"} or not (literal or _NAME.fullmatch(host)):
        return "url"
    if "@" in parts.netloc or "#" in url:
        return "url"
    if literal is not None and not _may_reach(host, literal, allowed):
        return "address_not_public"
    if parts.scheme == "http" and not _is_allowed(host, literal, allowed):
        return "https_only"
    return None


class Outside:
    """Posts to such addresses; where a name leads is looked at for each request, and that address is connected to."""

    def __init__(self, allowed: Collection[str], seconds: float) -> None:
        """`allowed` are hosts and networks that are reached though they are not public; `seconds` bound a request."""
        self._allowed, self._seconds = tuple(allowed), seconds
        self._context = ssl.create_default_context()

    def post(self, url: str, body: bytes, headers: Mapping[str, str], most: int = 0) -> Answer:
        """The answer, with up to `most` bytes of its body. Raises NotReached; no redirect is followed."""
        return self._request("POST", url, body, headers, most)

    def get(self, url: str, most: int) -> Answer:
        """As `post`."""
        return self._request("GET", url, None, {}, most)

    def _request(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], most: int) -> Answer:
        wrong = fault(url, self._allowed)
        if wrong is not None:
            raise NotReached(wrong, passing=False)
        parts, end, asked = urlsplit(url), time.monotonic() + self._seconds, False
        try:
            with closing(self._connected(parts, end)) as plain, _cut_off(plain, end):
                connection = self._greeted(parts, plain)
                asked = True
                return _answered(connection, parts, method, body, headers, most)
        except (OSError, http.client.HTTPException) as error:
            raise NotReached(_reason(error, end), passing=True, asked=asked) from error

    def _connected(self, parts: SplitResult, end: float) -> socket.socket:
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NotReached("unknown_host", passing=True) from error
        addresses = [(family, where) for family, _, _, _, where in found]
        # One that is not public spoils them all: what answers so means no good, or does not know what it does.
        if not all(self._is_fit(host, str(where[0])) for _, where in addresses):
            raise NotReached("address_not_public", passing=False)
        problem: OSError = ConnectionError()
        for family, where in addresses:
            made = socket.socket(family, socket.SOCK_STREAM)
            try:
                made.settimeout(max(0.1, end - time.monotonic()))
                made.connect(where)
            except OSError as error:
                made.close()
                problem = error
            else:
                return made
        raise problem

    def _is_fit(self, host: str, address: str) -> bool:
        return _may_reach(host, ipaddress.ip_address(address.partition("%")[0]), self._allowed)

    def _greeted(self, parts: SplitResult, plain: socket.socket) -> http.client.HTTPConnection:
        """A connection over this socket, which opens no other."""
        host = parts.hostname or ""
        connection = http.client.HTTPConnection(host, parts.port)
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(host, parts.port, context=self._context)
            plain = self._context.wrap_socket(plain, server_hostname=host)
        connection.sock, connection.auto_open = plain, 0
        return connection


def _answered(
    connection: http.client.HTTPConnection,
    parts: SplitResult,
    method: str,
    body: bytes | None,
    headers: Mapping[str, str],
    most: int,
) -> Answer:
    with closing(connection):
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, {"User-Agent": "Participate", **headers})
        answer = connection.getresponse()
        said = answer.headers.get("Retry-After", "").strip()
        wait = float(min(int(said), 3600)) if said.isascii() and said.isdecimal() and len(said) < 10 else None
        return Answer(answer.status, wait, answer.read(most) if most else b"")


@contextmanager
def _cut_off(plain: socket.socket, end: float) -> Iterator[None]:
    """Whatever is still going on at the `end` ends then: a time for each read alone lets an answer drip for hours."""
    spare = plain.dup()

    def cut() -> None:
        with suppress(OSError):
            spare.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, end - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        spare.close()


def _reason(error: Exception, end: float) -> str:
    if time.monotonic() >= end or isinstance(error, TimeoutError):
        return "too_slow"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate"
    return "bad_answer" if not isinstance(error, OSError) else "not_reached"
