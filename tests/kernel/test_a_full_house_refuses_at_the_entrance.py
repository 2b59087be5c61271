"""Who finds no place hears 503 at once, with when to come again, and every place is given back, however it ends."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from threading import Event, Semaphore
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from flask import Flask
from werkzeug.exceptions import ClientDisconnected
from werkzeug.test import Client, TestResponse

from participate.kernel.bodies import SMALL
from participate.kernel.entrance import Entrance
from participate.kernel.overload import DECISION, LIST, PROBE, REPORT, Turnstile, Urgency

BY_PATH = {"/decision": DECISION, "/list": LIST, "/probe": PROBE}


def _urgency_of(environ: WSGIEnvironment) -> Urgency:
    return BY_PATH.get(environ["PATH_INFO"], REPORT)


class House:
    """An application of one place behind an entrance; what it does with a request, a test says."""

    def __init__(self, places: int = 1, readers: int = 16) -> None:
        self.turnstile = Turnstile(places, patience=0.0)
        self.refused: list[str] = []
        self.view: Callable[[WSGIEnvironment], Iterable[bytes]] = lambda _environ: [b"done"]
        self.headers: list[tuple[str, str]] = []
        self.client = Client(
            Entrance(self._app, self.turnstile, _urgency_of, lambda urgency: self.refused.append(urgency.name), readers)
        )

    def _app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self.view(environ)
        start_response("200 OK", self.headers)
        return answer

    @property
    def is_empty(self) -> bool:
        return self.turnstile.counts() == (0, 0)


@pytest.fixture
def house() -> House:
    return House()


class Held:
    """Requests that are held in flight until released."""

    def __init__(self, house: House, pool: ThreadPoolExecutor) -> None:
        self._house, self._pool = house, pool
        self._come, self._go = Semaphore(0), Event()
        house.view, house.headers = self._view, [("Content-Length", "4")]

    def _view(self, _environ: WSGIEnvironment) -> list[bytes]:
        self._come.release()
        assert self._go.wait(60)
        return [b"done"]

    def one(self, path: str = "/report", **options: Any) -> "Future[TestResponse]":
        """A request that is inside by the time this returns."""
        asked = self._pool.submit(self._house.client.post, path, **options)
        assert self._come.acquire(timeout=60)
        return asked

    def release(self) -> None:
        """Let all go on."""
        self._go.set()


@pytest.fixture
def held(house: House) -> Iterator[Held]:
    with ThreadPoolExecutor(4) as pool:
        holding = Held(house, pool)
        yield holding
        holding.release()


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_who_finds_no_place_hears_when_to_come_again(house: House, held: Held, language: str, app: Flask) -> None:
    inside = held.one()
    answer = house.client.post("/report", headers={"Accept-Language": language, "X-Request-ID": "abc"})
    assert answer.status_code == 503
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Content-Language"] == language
    assert answer.headers["X-Request-ID"] == "abc"
    problem = answer.get_json()
    assert problem.keys() == {"type", "title", "status", "detail", "errors"}
    assert (problem["type"], problem["status"]) == ("urn:participate:problem:unavailable", 503)
    assert house.refused == ["report"]
    held.release()
    assert inside.result().status_code == 200
    assert house.is_empty


def test_a_head_is_refused_without_a_body(house: House, held: Held) -> None:
    held.one()
    answer = house.client.head("/list")
    assert (answer.status_code, answer.data) == (503, b"")


def test_not_all_who_are_refused_come_back_at_once(house: House, held: Held) -> None:
    held.one()
    assert len({house.client.get("/list").headers["Retry-After"] for _ in range(200)}) > 1


def test_a_probe_is_answered_in_a_full_house(house: House, held: Held) -> None:
    held.one()
    held.release()
    full = House(1)
    full.turnstile.enter(DECISION)
    assert full.client.get("/probe").status_code == 200
    assert full.turnstile.counts() == (1, 0)


def test_a_refused_body_is_read_so_that_the_answer_is_heard(house: House, held: Held) -> None:
    held.one()
    for size in (10, SMALL + 1, 2_000_000):
        body = BytesIO(b" " * size)
        assert house.client.post("/report", input_stream=body, content_length=size).status_code == 503
        assert body.read() == b""


def test_who_expects_to_be_told_to_continue_need_not_send_what_is_refused(house: House, held: Held) -> None:
    held.one()
    body = BytesIO(b" " * 1_000_000)
    answer = house.client.post(
        "/report", input_stream=body, content_length=1_000_000, headers={"Expect": "100-continue"}
    )
    assert answer.status_code == 503
    assert body.tell() == 0


# However a request ends, its place is free again.


def test_an_answer_gives_its_place_back(house: House) -> None:
    for headers in ([], [("Content-Length", "4")]):
        house.headers = headers
        with house.client.get("/report") as answer:
            assert answer.data == b"done"
        assert house.is_empty


def test_a_failing_view_gives_its_place_back(house: House) -> None:
    def fail(_environ: WSGIEnvironment) -> list[bytes]:
        raise RuntimeError("a fault of ours")

    house.view = fail
    with pytest.raises(RuntimeError):
        house.client.get("/report")
    assert house.is_empty


class _Parts:
    """An answer in parts that remembers whether it was closed; fails at the part `fails_at`."""

    def __init__(self, fails_at: int = 99) -> None:
        self.closed, self._fails_at = False, fails_at

    def __iter__(self) -> Iterator[bytes]:
        for number in range(5):
            if number == self._fails_at:
                raise RuntimeError("a fault of ours")
            yield b"part"

    def close(self) -> None:
        self.closed = True


def _answered(house: House) -> Iterable[bytes]:
    """What a server is handed for a request."""
    return house.client.application({"REQUEST_METHOD": "GET", "PATH_INFO": "/report"}, lambda *_: lambda _: None)


def test_a_stream_holds_its_place_until_it_is_closed(house: House) -> None:
    parts = _Parts()
    house.view = lambda _environ: parts
    answer = _answered(house)
    assert next(iter(answer)) == b"part"
    assert house.turnstile.counts() == (1, 0)
    answer.close()  # type: ignore[attr-defined]
    assert parts.closed
    assert house.is_empty


def test_a_stream_whose_client_has_gone_gives_its_place_back(house: House) -> None:
    """Even where the server forgets to close what it no longer wants."""
    house.view = lambda _environ: _Parts()
    answer = _answered(house)
    next(iter(answer))
    del answer
    assert house.is_empty


@pytest.mark.parametrize("headers", [[], [("Content-Length", "20")]])
def test_an_answer_that_fails_on_its_way_gives_its_place_back(house: House, headers: list[tuple[str, str]]) -> None:
    parts = _Parts(fails_at=3)
    house.view, house.headers = lambda _environ: parts, headers
    with pytest.raises(RuntimeError):
        house.client.get("/report", buffered=True)
    assert parts.closed
    assert house.is_empty


class _Slow:
    """A body that comes as slowly as its client likes; it looks around while it is waited for."""

    def __init__(self, size: int, look: Callable[[], object]) -> None:
        self._inner, self._look, self.seen = BytesIO(b" " * size), look, list[object]()

    def read(self, size: int = -1) -> bytes:
        """As a server's input."""
        self.seen.append(self._look())
        return self._inner.read(size)


@pytest.mark.parametrize("size", [100, SMALL, SMALL + 1, 1_000_000])
def test_who_waits_for_their_body_holds_no_place(house: House, size: int) -> None:
    house.view, house.headers = lambda environ: [environ["wsgi.input"].read()], [("Content-Length", str(size))]
    body = _Slow(size, house.turnstile.counts)
    answer = house.client.post("/report", content_length=size, environ_overrides={"wsgi.input": body})
    assert answer.data == b" " * size
    assert set(body.seen) == {(0, 0)}
    assert house.is_empty


@pytest.mark.parametrize("size", [100, 1_000_000])
def test_only_so_many_wait_for_their_bodies_and_the_others_are_served(size: int) -> None:
    house = House(places=4, readers=1)
    house.view, house.headers = lambda environ: [environ["wsgi.input"].read()], [("Content-Length", str(size))]

    def look() -> tuple[int, int]:
        refused = house.client.post("/report", data=b"another body")
        house.view = lambda _environ: [b"done"]
        return refused.status_code, house.client.get("/list").status_code

    body = _Slow(size, look)
    house.client.post("/report", content_length=size, environ_overrides={"wsgi.input": body})
    assert body.seen[0] == (503, 200)
    assert house.client.post("/report", data=b"another body").status_code == 200
    assert house.is_empty


@pytest.mark.parametrize("size", [100, 1_000_000])
def test_a_client_that_goes_while_sending_gives_its_place_back(house: House, size: int) -> None:
    house.view = lambda environ: [environ["wsgi.input"].read()]
    with suppress(ClientDisconnected):
        house.client.post("/report", input_stream=BytesIO(b" "), content_length=size)
    assert house.is_empty
