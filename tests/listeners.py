"""Somebody who listens to a stream of events, over a connection that may be cut after any byte."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any

from tests.live import PATIENCE
from tests.people import Person

PIECE = 4096


@dataclass
class Event:
    """One event that has come whole."""

    id: str = ""
    name: str = ""
    data: str = ""

    @property
    def body(self) -> Any:
        """What it says."""
        return json.loads(self.data)


class Listener:
    """One stream; `last` is the id of the last event that has come whole, or of the mark that stands for it."""

    def __init__(self, port: int, path: str, headers: dict[str, str], last: str = "") -> None:
        self.last, self.beats, self.retry = last, 0, 0
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        told = headers | ({"Last-Event-ID": last} if last else {})
        lines = [f"GET {path} HTTP/1.1", "Host: here", *(f"{name}: {value}" for name, value in told.items())]
        self.connection.sendall("\r\n".join([*lines, "", ""]).encode())
        self.answer = HTTPResponse(self.connection)
        self.answer.begin()
        self._got = b""

    def events(self, bytes_left: int = 2**30) -> Iterator[Event]:
        """Events as they come, until the service ends the stream, or for so many bytes: then it is cut."""
        while piece := self.answer.read1(min(PIECE, bytes_left)):
            bytes_left -= len(piece)
            self._got += piece
            while b"\n\n" in self._got:
                block, _, self._got = self._got.partition(b"\n\n")
                event = self._read(block.decode())
                if event.data:
                    yield event
            if not bytes_left:
                break
        self.close()

    def hear(self, number: int) -> list[Event]:
        """The next so many events."""
        coming = self.events()
        return [next(coming) for _ in range(number)]

    def _read(self, block: str) -> Event:
        event = Event()
        for line in block.splitlines():
            name, _, value = line.partition(": ")
            if name == "id":
                self.last = event.id = value
            elif name == "event":
                event.name = value
            elif name == "data":
                event.data += value
            elif name == "retry":
                self.retry = int(value)
            else:
                assert line.startswith(":"), line
                self.beats += 1
        return event

    def close(self) -> None:
        """Hang up."""
        self.answer.close()
        self.connection.close()


def told(who: Person, path: str, last: str = "") -> tuple[list[Event], str]:
    """The events that there are now for somebody behind the place `last`, and where they are to go on from.

    Of a server without streams, asked until it has no more.
    """
    found = list[Event]()
    while True:
        answer = who.get(path, headers={"Last-Event-ID": last} if last else {})
        assert answer.status_code == 200, answer.get_json()
        events, last = _written(answer.get_data(as_text=True), last)
        found += events
        if not events:
            return found, last


def _written(text: str, last: str) -> tuple[list[Event], str]:
    found = list[Event]()
    for block in text.split("\n\n"):
        said = dict(line.partition(": ")[::2] for line in block.splitlines())
        last = said.get("id", last)
        if "data" in said:
            found.append(Event(said.get("id", ""), said.get("event", ""), said["data"]))
    return found, last
