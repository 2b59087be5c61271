"""Telling the worker is best effort: a store that never answers costs one request 0.3 s, the others nothing."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from participate.kernel.wake import Waker
from tests.steps import at_once


class Silent:
    """A server that takes connections and what is said on them, and answers nothing, as a frozen one does."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listening.getsockname()[1]}/0"
        self.asked: list[socket.socket] = []
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def _take(self) -> None:
        try:
            while True:
                self.asked.append(self._listening.accept()[0])
        except OSError:
            return

    def close(self) -> None:
        """Hang up."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)
        for connection in self.asked:
            connection.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    server = Silent()
    yield server
    server.close()


def test_after_a_failure_nobody_asks_for_a_while(silent: Silent) -> None:
    waker = Waker(silent.url)
    for _ in range(20):
        waker(["facts"])
    assert len(silent.asked) == 1


def test_when_the_rest_is_over_one_alone_looks(silent: Silent, monkeypatch: pytest.MonkeyPatch) -> None:
    waker = Waker(silent.url)
    waker(["facts"])
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + 6)
    at_once(*[lambda: waker(["facts"])] * 8)
    assert len(silent.asked) == 2
