"""A front before an application of a test's own, behind the real server, on a port of its own."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask
from granian.constants import Interfaces
from granian.server.embed import Server

from participate.kernel import tally
from participate.kernel.front import Front, House
from participate.kernel.intake import Intake
from participate.kernel.overload import DECISION, LIST, PROBE, REPORT, Ticket, Turnstile
from participate.kernel.refusals import Ledger
from participate.kernel.ways import Way
from tests.live import PATIENCE, free_port, until

WAYS = {"/list": Way(LIST), "/probe": Way(PROBE), "/decision": Way(DECISION), "/closed": Way(REPORT, is_closed=True)}
TOKEN = "Bearer ours"
LONGEST = 8 * 2**20
RESUMABLE = "application/offset+octet-stream"


class Inn:
    """An application behind a front; `view` is what it does with a request, `seen` the requests that reached it."""

    def __init__(self, app: Flask, folder: Path, places: int) -> None:
        self.turnstile = Turnstile(places)
        self.ledger = Ledger(tally.of(app), self.turnstile)
        self.view: Callable[[WSGIEnvironment], bytes] = lambda _environ: b"done"
        self.seen: list[WSGIEnvironment] = []
        self.port, self.base = 0, ""
        self.intake = Intake(folder, self.ledger.slow)
        house = House(
            app=self._app,
            turnstile=self.turnstile,
            way_of=lambda _method, path: WAYS.get(path, Way(REPORT)),
            hurried=lambda _environ, urgency: urgency,
            is_known=lambda header: header == TOKEN,
            believe=lambda environ: environ.setdefault("believed", True),
            longest=LONGEST,
            ledger=self.ledger,
            close=lambda: None,
        )
        self.front = Front(house, self.intake)

    def _app(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        self.seen.append(environ)
        body = self.view(environ)
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    def fill(self) -> None:
        """Take all places, and all in the line."""
        while self.turnstile.apply(Ticket(DECISION, lambda: None, lambda: None)):
            continue

    @property
    def is_empty(self) -> bool:
        """Whether nobody is inside or waits."""
        return self.turnstile.counts() == (0, 0)

    def connect(self, text: str = "", **headers: str) -> socket.socket:
        """A connection on which `text`, a request's first line, and its headers have been sent."""
        made = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        if text:
            lines = [f"{text} HTTP/1.1", "Host: here", *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items())]
            made.sendall("\r\n".join([*lines, "", ""]).encode())
        return made


def answered(connection: socket.socket) -> bytes:
    """What comes on a connection until a whole answer is there, or it is closed."""
    got = b""
    while piece := connection.recv(2**16):
        got += piece
        head, _, body = got.partition(b"\r\n\r\n")
        length = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if length and len(body) >= int(length[0]):
            break
    return got


@contextmanager
def opened(app: Flask, folder: Path, places: int = 2) -> Iterator[Inn]:
    """An inn that is open."""
    inn = Inn(app, folder, places)
    with served(inn.front) as inn.port:
        inn.base = f"http://127.0.0.1:{inn.port}"
        yield inn


@contextmanager
def served(front: Front) -> Iterator[int]:
    """The port on which a server calls `front`."""
    port, loop, servers = free_port(), asyncio.new_event_loop(), list[Any]()
    thread = threading.Thread(target=_serve, args=(front, port, loop, servers), daemon=True)
    thread.start()
    until(lambda: _listens(port), "the server")
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(servers[0].stop)
        thread.join(PATIENCE)


def _serve(front: Front, port: int, loop: asyncio.AbstractEventLoop, servers: list[Any]) -> None:
    asyncio.set_event_loop(loop)

    async def serve() -> None:
        server = Server(front, port=port, interface=Interfaces.RSGI, websockets=False, log_enabled=False)
        servers.append(server)
        await server.serve()

    loop.run_until_complete(serve())


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
