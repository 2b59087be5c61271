"""Who sends their body slowly is waited for without a thread and without a place, within limits; others go by."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from flask import Flask

from participate.kernel import intake
from participate.kernel.bodies import INCOMPLETE, SMALL
from tests.kernel.fronts import RESUMABLE, TOKEN, Inn, answered, opened
from tests.live import PATIENCE, until


@pytest.fixture
def inn(app: Flask, tmp_path: Path) -> Iterator[Inn]:
    with opened(app, tmp_path) as found:
        yield found


def _begun(inn: Inn, length: int = 1000, sent: bytes = b"begun", **headers: str) -> socket.socket:
    """A connection on which a body has begun."""
    made = inn.connect("POST /report", Content_Length=str(length), **headers)
    made.sendall(sent)
    return made


def test_others_are_served_while_many_drip(inn: Inn) -> None:
    with ExitStack() as stack:
        dripping = [stack.enter_context(_begun(inn)) for _ in range(50)]
        dripping += [stack.enter_context(_begun(inn, Content_Type="multipart/form-data")) for _ in range(50)]
        for path in ("/list", "/report", "/decision"):
            answer = requests.post(f"{inn.base}{path}", data=b"whole", timeout=PATIENCE)
            assert (answer.status_code, answer.content) == (200, b"done")
        assert len(inn.seen) == 3
        assert inn.is_empty
        for connection in dripping:
            connection.sendall(b"x" * 995)
            assert answered(connection).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("sent", [b"", b"begun"])
def test_who_says_nothing_more_is_given_up(inn: Inn, sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "FIRST_SECONDS" if not sent else "SILENT_SECONDS", 0.2)
    with _begun(inn, sent=sent, Accept_Language="en") as connection:
        answer = answered(connection)
        assert answer.startswith(b"HTTP/1.1 408")
        assert b"application/problem+json" in answer
        assert b"urn:participate:problem:timeout" in answer
        assert connection.recv(1) == b"", "the connection is of no more use"
    assert not inn.seen
    assert inn.is_empty


def test_who_drips_is_given_up_though_never_silent_for_long(inn: Inn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "START_SECONDS", 0.2)
    with _begun(inn) as connection:
        connection.settimeout(0.05)
        answer = b""
        while not answer:
            connection.sendall(b"x")
            try:
                answer = connection.recv(2**16)
            except TimeoutError:
                continue
        assert answer.startswith(b"HTTP/1.1 408")


def test_who_keeps_pace_is_waited_for(inn: Inn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond all the times after which others are given up."""
    monkeypatch.setattr(intake, "START_SECONDS", 0.1)
    monkeypatch.setattr(intake, "FIRST_SECONDS", 0.1)
    monkeypatch.setattr(intake, "PACE", 1)
    inn.view = lambda environ: environ["wsgi.input"].read()
    body = os.urandom(500)
    with _begun(inn, 500, b"") as connection:
        for byte in range(500):
            connection.sendall(body[byte : byte + 1])
        assert answered(connection).endswith(body)


def test_whoever_goes_while_sending_is_not_heard_of(inn: Inn) -> None:
    _begun(inn).close()
    with _begun(inn, 4) as connection:
        assert answered(connection).startswith(b"HTTP/1.1 200")
    assert [environ["CONTENT_LENGTH"] for environ in inn.seen] == ["4"]
    with inn.connect("POST /report", Transfer_Encoding="chunked") as cut:
        cut.sendall(b"5\r\nbegun\r\n")
        cut.shutdown(socket.SHUT_WR)
        assert answered(cut).startswith(b"HTTP/1.1 400")
    assert len(inn.seen) == 1


def test_what_can_be_gone_on_with_is_handed_on_as_it_comes(inn: Inn) -> None:
    """Before the rest is there; and where it never comes, the application hears that at its end."""
    got, ends = list[bytes](), list[str]()

    def view(environ: dict[str, object]) -> bytes:
        body = environ["wsgi.input"]
        try:
            while piece := body.read(100):  # type: ignore[attr-defined]
                got.append(piece)
        except OSError:
            ends.append(str(environ.get(INCOMPLETE)))
        return b"done"

    inn.view = view
    with _begun(inn, Content_Type=RESUMABLE) as connection:
        until(lambda: b"".join(got) == b"begun", "what was sent")
        assert inn.turnstile.counts() == (0, 0), "who waits for their body holds no place"
        connection.sendall(b" and more")
        until(lambda: b"".join(got) == b"begun and more", "what was sent then")
    until(lambda: ends, "the end")
    assert ends == ["gone"]
    until(lambda: inn.is_empty, "the place")


def test_what_nobody_reads_to_its_end_is_answered_all_the_same(inn: Inn) -> None:
    with _begun(inn, 3_000_000, Content_Type=RESUMABLE) as connection:
        connection.sendall(b"x" * (3_000_000 - 5))
        assert answered(connection).startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET /list HTTP/1.1\r\nHost: here\r\n\r\n")
        assert answered(connection).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("size", [0, 1, SMALL, SMALL + 1, 5_000_000])
def test_a_body_comes_as_it_was_sent(inn: Inn, size: int) -> None:
    inn.view = lambda environ: environ["wsgi.input"].read()
    body = os.urandom(size)
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert requests.post(f"{inn.base}/report", data=body, headers=headers, timeout=PATIENCE).content == body
    pieces = (body[at : at + 70_000] for at in range(0, size, 70_000))
    assert requests.post(f"{inn.base}/report", data=pieces, headers=headers, timeout=PATIENCE).content == body
    headers["Content-Type"] = RESUMABLE
    assert requests.post(f"{inn.base}/report", data=body, headers=headers, timeout=PATIENCE).content == body


def test_only_so_much_is_taken_in_at_once(inn: Inn, monkeypatch: pytest.MonkeyPatch) -> None:
    inn.intake._room = 2**20
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    for _ in range(3):  # What is done with gives its room back.
        answer = requests.post(f"{inn.base}/report", data=b"x" * 900_000, headers=headers, timeout=PATIENCE)
        assert answer.status_code == 200
        until(lambda: inn.intake._room == 2**20, "the room")
    answer = requests.post(f"{inn.base}/report", data=b"x" * 2_000_000, headers=headers, timeout=PATIENCE)
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    until(lambda: inn.intake._room == 2**20, "the room")
    monkeypatch.setattr(intake, "MOST", 1)
    with _begun(inn):
        assert requests.post(f"{inn.base}/report", data=b"x", timeout=PATIENCE).status_code == 503
        assert requests.get(f"{inn.base}/list", timeout=PATIENCE).status_code == 200


@pytest.mark.parametrize(("token", "is_taken_in"), [("Bearer another's", False), (TOKEN, True)])
def test_nothing_is_taken_in_of_strangers(inn: Inn, token: str, is_taken_in: bool) -> None:
    inn.view = lambda environ: str(len(environ["wsgi.input"].read())).encode()
    headers = {"Authorization": token, "Content-Type": "multipart/form-data"}
    answer = requests.post(f"{inn.base}/closed", data=b"x" * 1000, headers=headers, timeout=PATIENCE)
    assert answer.content == (b"1000" if is_taken_in else b"0")


def test_what_is_too_long_by_its_head_is_not_waited_for(inn: Inn) -> None:
    for size, kind in ((SMALL + 1, "application/json"), (9 * 2**20, "multipart/form-data")):
        with inn.connect("POST /report", Content_Length=str(size), Content_Type=kind) as connection:
            assert answered(connection).startswith(b"HTTP/1.1 200")
        assert inn.seen[-1]["CONTENT_LENGTH"] == str(size), "for the application to refuse"
