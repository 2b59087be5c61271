"""Callers on bad networks, or with bad intentions: connections that say little, slowly, or nothing more."""

import contextlib
import selectors
import socket
import threading
import time
from types import TracebackType

from tests.live import Live

_HEAD = (
    "POST /v1/photos HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    "Content-Length: 100000\r\n"
)
_BODY = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'


class Drip:
    """Connections held open by one thread: `silent` ones, some with half a head, some with half a body.

    Every `pause` seconds each of the latter two sends another byte; None: never. `token` is the header that signs in
    those with a body.
    """

    def __init__(
        self,
        live: Live,
        *,
        silent: int = 0,
        headers: int = 0,
        bodies: int = 0,
        pause: float | None = 1.0,
        token: str = "",
    ) -> None:
        self._address = ("127.0.0.1", live.port)
        signed = f"Authorization: {token}\r\n" if token else ""
        begun = [""] * silent + [_HEAD] * headers + [_HEAD + signed + "\r\n" + _BODY] * bodies
        self._begun, self._silent, self._pause = begun, silent, pause
        self._sockets: list[socket.socket] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._drip, daemon=True)
        self.closed = 0

    def __enter__(self) -> "Drip":
        for text in self._begun:
            connection = socket.create_connection(self._address, timeout=5)
            connection.sendall(text.encode())
            connection.setblocking(False)
            self._sockets.append(connection)
        self._thread.start()
        return self

    def _drip(self) -> None:
        while not self._over.wait(self._pause or 0.5):
            if self._pause is not None:
                for connection in self._sockets[self._silent :]:
                    with contextlib.suppress(OSError):
                        connection.send(b"x")
            self._count_closed()

    def _count_closed(self) -> None:
        with selectors.DefaultSelector() as found:
            for connection in self._sockets:
                found.register(connection, selectors.EVENT_READ)
            self.closed = len(found.select(0))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(5)
        for connection in self._sockets:
            connection.close()
        time.sleep(0.2)
