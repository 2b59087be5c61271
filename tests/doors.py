"""Another process of the service, with streams that tests listen to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from participate.kernel import herald
from participate.kernel.entrance import front_of
from participate.kernel.streaming import streams_of
from tests.kernel.fronts import served
from tests.listeners import Listener
from tests.live import until
from tests.people import Person


class Door:
    """Another process of the service, on a port of its own."""

    def __init__(self, app: Flask, port: int) -> None:
        self.app, self.port, self.streams = app, port, streams_of(app)

    def listen(self, who: Person, path: str, last: str = "", **headers: str) -> Listener:
        """An open stream."""
        listener = Listener(self.port, path, who.headers | headers, last)
        assert listener.answer.status == 200
        return listener


@pytest.fixture
def door(other_process: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    for name, seconds in {"CHECK_SECONDS": 0.2, "TICK_SECONDS": 0.05}.items():
        monkeypatch.setattr(herald, name, seconds)
    with served(front_of(other_process, tmp_path)) as port:
        found = Door(other_process, port)
        yield found
        found.streams.close()
        until(lambda: not found.streams, "the streams to end")
