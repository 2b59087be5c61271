"""Request bodies: small ones are taken in before their request is, long ones as they come."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any, Protocol
from wsgiref.types import WSGIEnvironment

from werkzeug.exceptions import HTTPException
from werkzeug.wsgi import get_input_stream

SMALL = 256 * 2**10  # bytes: as much as JSON may have.
_LONGEST_NUMBER = 12  # digits
_BLOCK, _LEFT_BLOCKS = 2**16, 64


class Readable(Protocol):
    """What bodies are read from."""

    def read(self, size: int = ..., /) -> bytes: ...


class Lending:
    """A long body: whoever reads it lends out their place meanwhile."""

    def __init__(self, body: Any, lend: Callable[[Callable[[], bytes]], bytes]) -> None:
        self._body, self._lend = body, lend

    def read(self, *size: int) -> bytes:
        """As WSGI has it; so are the others."""
        return self._lend(lambda: bytes(self._body.read(*size)))

    def readline(self, *size: int) -> bytes:
        """One line."""
        return self._lend(lambda: bytes(self._body.readline(*size)))

    def readlines(self, *_hint: int) -> list[bytes]:
        """All lines."""
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")


def brings_one(environ: WSGIEnvironment) -> bool:
    """Whether the request has a body."""
    return bool(environ.get("CONTENT_LENGTH")) or "HTTP_TRANSFER_ENCODING" in environ


def long_one(environ: WSGIEnvironment) -> Readable | None:
    """The request's body if it is long; a small one is read to its end, whoever sends it and however slowly."""
    length, body = environ.get("CONTENT_LENGTH", ""), get_input_stream(environ)
    if not length.isdecimal() or len(length) > _LONGEST_NUMBER or int(length) > SMALL:
        return body
    with suppress(HTTPException, OSError):  # The client may have gone; then the application finds the body broken.
        environ["wsgi.input"] = BytesIO(body.read())
    return None


def read_on(environ: WSGIEnvironment, body: Readable) -> None:
    """Take in what is left of the body of a request that was answered before it was read, as at a closed door.

    The server closes a connection with an unread body, which cuts off the answer, or the next request that the
    client has already sent on it. What is longer than 4 MiB is not worth it, nor what a client that expects to be
    told to continue has not begun to send.
    """
    with suppress(HTTPException, OSError):  # The client may have gone; then nobody waits for the rest.
        for _ in range(0 if "HTTP_EXPECT" in environ else _LEFT_BLOCKS):
            if not body.read(_BLOCK):
                return
