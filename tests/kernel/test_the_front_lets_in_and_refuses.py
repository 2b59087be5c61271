"""The front of a web process: requests come to the application as they were sent, or are refused by their head."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from wsgiref.types import WSGIEnvironment

import pytest
import requests
from flask import Flask

from participate.kernel.entrance import front_of
from participate.kernel.overload import DECISION, LIST
from participate.kernel.rsgi import LEAVES
from tests.kernel.fronts import Inn, answered, opened, served
from tests.live import PATIENCE, until


@pytest.fixture
def inn(app: Flask, tmp_path: Path) -> Iterator[Inn]:
    with opened(app, tmp_path) as found:
        yield found


def test_a_request_comes_as_wsgi_has_it(inn: Inn) -> None:
    with inn.connect("GET /%E4%BA%95/a%20b?q=%41", X_Request_ID="abc", Cookie="a=1") as connection:
        answered(connection)
    environ = inn.seen[0]
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/井/a b"
    assert environ["QUERY_STRING"] == "q=%41"
    assert (environ["REQUEST_METHOD"], environ["SERVER_PROTOCOL"]) == ("GET", "HTTP/1.1")
    assert (environ["REMOTE_ADDR"], environ["SERVER_NAME"]) == ("127.0.0.1", "127.0.0.1")
    assert (environ["HTTP_HOST"], environ["HTTP_X_REQUEST_ID"], environ["HTTP_COOKIE"]) == ("here", "abc", "a=1")
    assert environ["wsgi.input"].read() == b""
    assert environ["believed"]


def test_no_header_passes_for_another(inn: Inn) -> None:
    lines = [b"GET /list HTTP/1.1", b"Host: here", b"X_Forwarded_For: liar", b"X-One: a", b"X-One: b", b"X-Odd: \xe4"]
    with inn.connect() as connection:
        connection.sendall(b"\r\n".join([*lines, b"", b""]))
        answered(connection)
    environ = inn.seen[0]
    assert "HTTP_X_FORWARDED_FOR" not in environ
    assert environ["HTTP_X_ONE"] == "a,b"
    assert environ["HTTP_X_ODD"] == "", "it was there, whatever it was"


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_who_finds_no_place_hears_so_by_the_head_alone(inn: Inn, language: str) -> None:
    inn.fill()
    with inn.connect("POST /report", Content_Length="1000", Accept_Language=language) as connection:
        answer = answered(connection)
    assert answer.startswith(b"HTTP/1.1 503")
    assert b"retry-after: " in answer.lower()
    assert f"content-language: {language}".encode() in answer
    assert b"urn:participate:problem:unavailable" in answer
    assert not inn.seen


def test_a_refused_body_is_read_so_that_the_connection_goes_on(inn: Inn) -> None:
    inn.fill()
    with requests.Session() as session:
        for size in (10, 300_000, 2_000_000):
            answer = session.post(f"{inn.base}/report", data=b"x" * size, timeout=PATIENCE)
            assert answer.status_code == 503
    assert requests.head(f"{inn.base}/list", timeout=PATIENCE).content == b""


@pytest.mark.parametrize(
    ("path", "sent", "headers"),
    [
        ("/list", 6_000_000, {}),
        ("/closed", 6_000_000, {"Content-Type": "application/octet-stream"}),
        ("/closed", 0, {"Expect": "100-continue"}),
    ],
)
@pytest.mark.parametrize("is_full", [False, True])
def test_who_sends_what_is_not_read_hears_that_the_connection_ends(
    inn: Inn, path: str, sent: int, headers: dict[str, str], is_full: bool
) -> None:
    """Else the next request on it, which may have been sent already, breaks off without a word."""
    if is_full:
        inn.fill()
    with inn.connect(f"POST {path}", Content_Length=str(sent or 1000), **headers) as connection:
        with suppress(OSError):
            connection.sendall(b"x" * sent)
        answer = answered(connection)
    assert b"connection: close" in answer.lower()


def test_who_is_read_to_the_end_may_go_on(inn: Inn) -> None:
    with inn.connect("POST /closed", Content_Length="100000") as connection:
        connection.sendall(b"x" * 100_000)
        assert b"connection: close" not in answered(connection).lower()
        connection.sendall(b"GET /list HTTP/1.1\r\nHost: here\r\n\r\n")
        assert answered(connection).startswith(b"HTTP/1.1 200")


def test_a_probe_is_answered_in_a_full_house(inn: Inn) -> None:
    inn.fill()
    before = inn.turnstile.counts()
    assert requests.get(f"{inn.base}/probe", timeout=PATIENCE).status_code == 200
    assert inn.turnstile.counts() == before


class _Held:
    """A view that holds every request until it is let go."""

    def __init__(self) -> None:
        self.inside, self.go = 0, threading.Event()

    def __call__(self, _environ: WSGIEnvironment) -> bytes:
        self.inside += 1
        assert self.go.wait(PATIENCE)
        return b"done"


def test_who_is_in_line_goes_in_when_a_place_is_free(inn: Inn) -> None:
    """In a house of two places, where six ask at once, two are inside and four wait, however long; nobody is lost."""
    inn.view = held = _Held()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inn.turnstile, "_patience", PATIENCE)
        connections = [inn.connect("GET /decision") for _ in range(6)]
        until(lambda: inn.turnstile.counts()[1] == 5, "a line")
        assert held.inside == 1, "decisions may hold so many places"
        held.go.set()
        for connection in connections:
            assert answered(connection).startswith(b"HTTP/1.1 200")
            connection.close()
    until(lambda: inn.is_empty, "an empty house")


def test_who_has_waited_in_vain_is_refused(inn: Inn) -> None:
    inn.turnstile.resume(DECISION)
    inn.turnstile.resume(DECISION)
    answer = requests.get(f"{inn.base}/list", timeout=PATIENCE)
    assert (answer.status_code, inn.turnstile.counts()) == (503, (2, 0))
    inn.turnstile.leave(DECISION)
    inn.turnstile.leave(DECISION)
    assert requests.get(f"{inn.base}/list", timeout=PATIENCE).status_code == 200


def test_a_failing_application_is_answered_for_and_gives_its_place_back(inn: Inn) -> None:
    def fail(_environ: WSGIEnvironment) -> bytes:
        raise RuntimeError("a fault of ours")

    inn.view = fail
    answer = requests.get(f"{inn.base}/list", timeout=PATIENCE)
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:participate:problem:internal")
    until(lambda: inn.is_empty, "the place")


def test_what_is_long_is_sent_when_its_request_has_left(inn: Inn) -> None:
    body = bytes(range(256)) * 40_000

    def view(environ: WSGIEnvironment) -> bytes:
        environ[LEAVES] = True
        return body

    inn.view = view
    with inn.connect("GET /list") as connection:
        until(lambda: inn.seen and inn.is_empty, "its leaving, though nobody has read a byte")
        assert answered(connection).endswith(body)


def test_the_less_urgent_are_refused_first(inn: Inn) -> None:
    for _ in range(2):
        inn.turnstile.resume(LIST)
    inn.view = held = _Held()
    inn.turnstile.leave(LIST)
    connection = inn.connect("GET /decision")
    until(lambda: held.inside == 1, "the decision inside")
    assert requests.get(f"{inn.base}/list", timeout=PATIENCE).status_code == 503
    held.go.set()
    assert answered(connection).startswith(b"HTTP/1.1 200")
    connection.close()
    inn.turnstile.leave(LIST)


def test_the_application_stands_behind_it(app: Flask, tmp_path: Path) -> None:
    with served(front_of(app, tmp_path)) as port:
        base = f"http://127.0.0.1:{port}"
        assert requests.get(f"{base}/livez", timeout=PATIENCE).json() == {"alive": True}
        assert requests.get(f"{base}/v1/nowhere", timeout=PATIENCE).status_code == 404
        body, headers = b"x" * 3_000_000, {"Content-Type": "multipart/form-data; boundary=x"}
        for token in ("", "Bearer a.b.c"):
            answer = requests.post(
                f"{base}/v1/photos", data=body, headers=headers | {"Authorization": token}, timeout=PATIENCE
            )
            assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
        assert requests.post(f"{base}/v1/auth/otp", data=body, timeout=PATIENCE).status_code in {413, 415}
