"""Between the server's own protocol (RSGI) and WSGI: requests become what Flask takes, its answers what is sent."""

import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from io import BytesIO
from tempfile import TemporaryFile
from threading import Timer
from typing import TYPE_CHECKING, Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

if TYPE_CHECKING:
    from granian._granian import RSGIHTTPProtocol as HTTPProtocol
    from granian.rsgi import Scope

LEAVES = "participate.leaves_before_sending"  # See `entrance.leave_before_sending`.
LAST = "participate.last_of_its_connection"  # In the environ, where its body is not read: the client hears so.
TAKEN = "participate.taken"  # In the environ: takes the server's end of a stream, and sends there from then on.
_OPENED_SECONDS = 5.0
_BODILESS = ("1", "204", "304")
_UNCHANGING: WSGIEnvironment = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    # Bodies end where they end: whoever reads one need not count.
    "wsgi.input_terminated": True,
}


def environ_of(scope: "Scope") -> WSGIEnvironment:
    """The request as WSGI has it (PEP 3333), with an empty body."""
    path, (host, _, port), client = scope.path, scope.server.rpartition(":"), scope.client.rpartition(":")[0]
    environ: WSGIEnvironment = _UNCHANGING | {
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": path if path.isascii() else path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "REMOTE_ADDR": client.strip("[]"),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(),
    }
    _add_headers(environ, scope)
    return environ


def _add_headers(environ: WSGIEnvironment, scope: "Scope") -> None:
    seen = set()
    for name, value in scope.headers.items():
        seen.add(name)
        variable = _variable(name)
        environ[variable] = f"{environ[variable]},{value}" if variable in environ else value
    if len(seen) < len(scope.headers.keys()):  # The server leaves out what is not ASCII; that it was there can matter.
        environ |= {_variable(name): "" for name in scope.headers.keys() if name not in seen}  # noqa: SIM118
    environ.setdefault("HTTP_HOST", scope.authority or "")


def asked(scope: "Scope") -> tuple[str, str | None]:
    """The languages that the client reads, and its own number for the request."""
    return scope.headers.get("accept-language") or "", scope.headers.get("x-request-id")


@lru_cache(maxsize=1024)
def _variable(name: str) -> str:
    """The name of a header in WSGI; one with an underscore would pass for another, and is put where nobody looks."""
    if "_" in name:
        return "participate.odd_header"
    variable = name.replace("-", "_").upper()
    return variable if variable in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{variable}"


def serve(app: WSGIApplication, environ: WSGIEnvironment, proto: "HTTPProtocol", leave: Callable[[], object]) -> None:
    """Let `app` answer: in one piece where its length is known, else as it comes. `leave` is called once it is made.

    A stream of events is handed to whoever has said that they take it.
    """
    status, headers, is_whole = 500, list[tuple[str, str]](), False

    def start(line: str, found: list[tuple[str, str]], *_error: Any) -> Any:
        nonlocal status, headers, is_whole
        status, headers = int(line[:3]), [*found, ("Connection", "close")] if environ.get(LAST) else found
        is_whole = line.startswith(_BODILESS) or any(name == "Content-Length" for name, _ in found)

    answer = app(environ, start)
    try:
        if TAKEN in environ and status == HTTPStatus.OK:
            environ[TAKEN](proto.response_stream(status, headers))
        elif is_whole and not environ.get(LEAVES):
            proto.response_bytes(status, headers, b"".join(answer))
        elif is_whole:
            leave()
            _send_from_disk(proto, status, headers, answer)
        else:
            _send(proto, status, headers, answer)
    finally:
        leave()
        close = getattr(answer, "close", None)
        if close is not None:
            close()


def _send(proto: "HTTPProtocol", status: int, headers: list[tuple[str, str]], answer: Iterable[bytes]) -> None:
    """Piece by piece, as fast as they are made: the server holds what the client has not taken yet."""
    transport = proto.response_stream(status, headers)
    for piece in answer:
        sent = transport.send_bytes(piece)  # Done by now: there is nothing in it to be awaited.
        del sent


def _send_from_disk(
    proto: "HTTPProtocol", status: int, headers: list[tuple[str, str]], answer: Iterable[bytes]
) -> None:
    """What is too long for memory: the server reads it from a file without a name, as fast as the client takes it."""
    file = TemporaryFile()  # noqa: SIM115 - closed below
    try:
        for piece in answer:
            file.write(piece)
        file.flush()
        proto.response_file(status, headers, f"/dev/fd/{file.fileno()}")
    finally:
        later = Timer(_OPENED_SECONDS, file.close)  # By then the server has opened it for itself.
        later.daemon = True
        later.start()
