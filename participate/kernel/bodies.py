"""Request bodies: small ones are taken in before their request is, long ones as they come."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO, RawIOBase
from queue import SimpleQueue
from typing import Any, Protocol
from wsgiref.types import WSGIEnvironment

from werkzeug.exceptions import HTTPException
from werkzeug.wsgi import get_input_stream

SMALL = 256 * 2**10  # bytes: as much as JSON may have.
# Set in the environ of a request whose body ended before its client had sent all of it: the client has "gone", or was
# so "slow" that it was given up. Whoever reads such a body gets what has come, and then OSError. Only what can be gone
# on with is handed to the application like this, see `is_resumable`; of other requests it never hears.
INCOMPLETE = "participate.body_incomplete"
_RESUMABLE = "application/offset+octet-stream"  # tus 1.0.0
_LONG = ("multipart/", "application/octet-stream", "image/", _RESUMABLE)
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


class Flow(RawIOBase):
    """A body that is read as it comes: a loop pours it in, a thread waits for it."""

    def __init__(self, environ: WSGIEnvironment) -> None:
        """`environ` is told (see INCOMPLETE) where it ends too soon; reading then raises OSError at that point."""
        self._environ, self._chunks, self._left = environ, SimpleQueue[bytes](), b""
        self._ended, self._poured, self._read = "", 0, 0
        self.is_wanted = True  # Until whoever reads it has answered.

    @property
    def ahead(self) -> int:
        """How many bytes have come that nobody has read yet."""
        return self._poured - self._read

    def pour(self, chunk: bytes) -> None:
        """Some more has come."""
        if chunk:
            self._poured += len(chunk)
            self._chunks.put(chunk)

    def end(self, ended: str) -> None:
        """No more comes: it is "whole", or why it is not."""
        if ended != "whole":
            self._environ[INCOMPLETE] = ended
        self._ended = ended
        self._chunks.put(b"")

    def readable(self) -> bool:
        """As any stream."""
        return True

    def readinto(self, buffer: Any) -> int:
        """What has come, as soon as something has."""
        if not self._left:
            self._left = self._chunks.get()
        if not self._left:
            self._chunks.put(b"")
            if self._ended != "whole":
                raise ConnectionResetError("the body broke off")
            return 0
        taken = self._left[: len(buffer)]
        buffer[: len(taken)] = taken
        self._left = self._left[len(taken) :]
        self._read += len(taken)
        return len(taken)


def brings_one(environ: WSGIEnvironment) -> bool:
    """Whether the request has a body."""
    return bool(environ.get("CONTENT_LENGTH")) or "HTTP_TRANSFER_ENCODING" in environ


def is_resumable(content_type: str) -> bool:
    """Whether a part of such a body is worth having, since the client will go on from there."""
    return content_type.startswith(_RESUMABLE)


def may_be_long(content_type: str) -> bool:
    """Whether such a body may be longer than `SMALL`: any that carries a file."""
    return content_type.startswith(_LONG)


def said_length(text: str | None) -> int | None:
    """The length that a request says its body has; None where it says nothing, or nothing that can be."""
    return int(text) if text and text.isdecimal() and len(text) <= _LONGEST_NUMBER else None


def long_one(environ: WSGIEnvironment) -> Readable | None:
    """The request's body if it is long; a small one is read to its end, whoever sends it and however slowly."""
    length, body = said_length(environ.get("CONTENT_LENGTH")), get_input_stream(environ)
    if length is None or length > SMALL:
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
