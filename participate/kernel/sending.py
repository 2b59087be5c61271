"""Sends files: whole or in the part that is asked for (RFC 9110 §13 and §14), and long ones piece by piece."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import BoundedSemaphore

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from participate.kernel.entrance import leave_before_sending
from participate.kernel.errors import Unavailable

# Nothing that a file holds is run or loaded by whatever shows it, also where it is more than it claims to be.
_HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Accept-Ranges": "bytes",
}
_PIECE = 2**18  # bytes
_AT_ONCE = 2**20  # bytes up to which an answer is handed to the server in one piece
_SENDERS = 16  # So many threads of a process at most wait for those who take a long answer slowly.

_sending = BoundedSemaphore(_SENDERS)
Read = Callable[[int, int], bytes]


def may_do_without() -> bool:
    """Whether the caller may want no bytes at all: they hold some already, or ask for the head alone."""
    return request.method == "HEAD" or "If-None-Match" in request.headers


def sent(size: int, tag: str, read: Read, headers: dict[str, str]) -> Response:
    """An answer of `size` bytes: 200, 206 or 304, and 416 for a part that there is not.

    `tag` is another one whenever the bytes are; `read` gives those from the first to before the second of its numbers,
    also once the request is behind us. Raises Unavailable where too many long ones are being sent.
    """
    headers = headers | _HARMLESS | {"ETag": f'"{tag}"'}
    if request.if_none_match.contains_weak(tag):
        del headers["Content-Type"]
        return Response(status=304, headers=headers)
    part = _wanted(size, tag)
    start, end = part or (0, size)
    headers["Content-Length"] = str(end - start)
    if part:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    body = () if request.method == "HEAD" else _body(read, start, end)
    return Response(body, 206 if part else 200, headers)


def _wanted(size: int, tag: str) -> tuple[int, int] | None:
    """The one part that is asked for, from and to before which byte; None for the whole.

    Who asks for several parts, or for one of what has changed since, gets the whole.
    """
    asked = request.range
    if asked is None or request.method != "GET" or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    if request.headers.get("If-Range", f'"{tag}"') != f'"{tag}"':
        return None
    (start, end), *_ = asked.ranges
    start = max(0, size + start) if start < 0 else start  # The last bytes, as many as there are.
    if start >= size:
        raise RequestedRangeNotSatisfiable(size)
    return start, min(end or size, size)


def _body(read: Read, start: int, end: int) -> "list[bytes] | _Pieces":
    if end - start <= _AT_ONCE:
        return [read(start, end)]
    if not _sending.acquire(blocking=False):
        raise Unavailable(retry_after=2)
    leave_before_sending(request.environ)
    return _Pieces(read, start, end)


@dataclass
class _Pieces:
    """A long answer, a piece at a time, as fast as it is taken."""

    read: Read
    start: int
    end: int
    is_open: bool = True

    def __iter__(self) -> Iterator[bytes]:
        for at in range(self.start, self.end, _PIECE):
            yield self.read(at, min(at + _PIECE, self.end))

    def close(self) -> None:
        """The server calls this at the end, also where the client has gone."""
        if self.is_open:
            self.is_open = False
            _sending.release()

    def __del__(self) -> None:
        self.close()
