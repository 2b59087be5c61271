"""A phone on a bad network: it speaks tus over a socket of its own, which may break after any byte."""

import socket
from contextlib import closing
from http.client import HTTPResponse
from urllib.parse import urlsplit

from tests.live import PATIENCE, until


class Phone:
    """Uploads one file; `sent` counts the bytes of it that have left the phone, over all tries."""

    def __init__(self, base: str, token: str, data: bytes) -> None:
        url = urlsplit(base)
        self._address, self._host = (str(url.hostname), int(url.port or 0)), url.netloc
        self._token, self._data, self.sent = token, data, 0
        self.path = self._ask("POST", "/v1/uploads", f"Upload-Length: {len(data)}", status=201)["Location"]

    def stands(self) -> dict[str, str]:
        """The answer to HEAD."""
        return self._ask("HEAD", self.path, status=200)

    def offset(self) -> int:
        """How far it has come."""
        return int(self.stands()["Upload-Offset"])

    def begin(self) -> tuple[socket.socket, int]:
        """Begin a PATCH where the upload has come to; returns the connection, and from where it goes on."""
        offset = self.offset()
        connection = socket.create_connection(self._address, timeout=PATIENCE)
        length = len(self._data) - offset
        connection.sendall(
            self._head("PATCH", self.path, f"Upload-Offset: {offset}", _BODY, f"Content-Length: {length}")
        )
        return connection, offset

    def send(self, connection: socket.socket, start: int, end: int) -> None:
        """Send these bytes of the file."""
        connection.sendall(self._data[start:end])
        self.sent += end - start

    def break_off_at(self, at: int) -> None:
        """Go on with the upload, and lose the network when `at` bytes of the whole have been sent."""
        connection, offset = self.begin()
        with closing(connection):
            self.send(connection, offset, max(offset, at))

    def go_on(self) -> dict[str, str]:
        """Send all that is left; returns the headers of the answer."""

        def tried() -> dict[str, str] | None:
            connection, offset = self.begin()
            with closing(connection):
                self.send(connection, offset, len(self._data))
                status, headers = _answer(connection)
            # The server may still have been reading from the connection that broke.
            assert status in {204, 409}, status
            return headers if status == 204 else None

        return until(tried, "the rest of the upload")

    def _ask(self, method: str, path: str, *headers: str, status: int) -> dict[str, str]:
        with closing(socket.create_connection(self._address, timeout=PATIENCE)) as connection:
            connection.sendall(self._head(method, path, *headers, "Content-Length: 0"))
            answered, found = _answer(connection, method)
        assert answered == status, (method, path, answered)
        return found

    def _head(self, method: str, path: str, *headers: str) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}", f"Authorization: Bearer {self._token}"]
        return "\r\n".join([*lines, "Tus-Resumable: 1.0.0", *headers, "", ""]).encode()


_BODY = "Content-Type: application/offset+octet-stream"


def _answer(connection: socket.socket, method: str = "PATCH") -> tuple[int, dict[str, str]]:
    with HTTPResponse(connection, method=method) as answer:
        answer.begin()
        return answer.status, {name.title(): value for name, value in answer.getheaders()}
