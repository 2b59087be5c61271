"""A photo whose connection breaks again and again, and whose server is killed, arrives byte by byte as it was."""

import socket
from contextlib import closing, suppress
from hashlib import sha256
from random import Random

import psutil

from participate.photos.storage import original_key
from tests.journeys.callers import Caller, resident
from tests.journeys.wire import Phone
from tests.live import Live, until

PHOTO = Random(5).randbytes(5_000_000)
CUTS = 20
SETTINGS = {"PARTICIPATE_WEB_PROCESSES": "2"}


def arrived(service: Live, author: Caller, photo: str) -> None:
    """The stored original is what was sent, and the service says that it is there."""
    digest = sha256(PHOTO).hexdigest()
    stored = service.folder / "uploads" / original_key(digest)
    assert sha256(stored.read_bytes()).hexdigest() == digest
    answer = author.request("GET", f"/v1/photos/{photo}/original")
    assert answer.content == PHOTO


def test_cut_at_twenty_points(service: Live) -> None:
    author, chance = resident(service), Random(20)
    phone = Phone(service.base, author.token, PHOTO)
    for at in sorted(chance.randrange(1, len(PHOTO)) for _ in range(CUTS)):
        phone.break_off_at(at)
        # What the phone's own system still had to hand over comes after the phone has given up.
        until(lambda at=at: phone.offset() == at, "all that was sent to count")
    photo = phone.go_on()["Photo-Id"]
    assert phone.sent == len(PHOTO), "it went on, and sent nothing twice"
    assert phone.stands()["Photo-Id"] == photo
    arrived(service, author, photo)


def test_two_processes_serve_one_upload(service: Live) -> None:
    author = resident(service)
    phone, served = Phone(service.base, author.token, PHOTO), set[int]()
    for at in range(0, len(PHOTO), len(PHOTO) // 12):
        connection, offset = phone.begin()
        with closing(connection):
            phone.send(connection, offset, max(at, offset))
            served.add(serving(service, connection).pid)
    photo = phone.go_on()["Photo-Id"]
    assert len(served) == 2, "of twelve connections each process has had some"
    arrived(service, author, photo)


def test_a_killed_process_takes_nothing_with_it(service: Live) -> None:
    author = resident(service)
    phone = Phone(service.base, author.token, PHOTO)
    connection, _ = phone.begin()
    with closing(connection):
        phone.send(connection, 0, 3_000_000)
        until(lambda: phone.offset() == 3_000_000, "what was sent to be written")
        serving(service, connection).kill()
        with suppress(ConnectionError):
            assert connection.recv(1) == b"", "it died before it could answer"
    until(service.ready, "the service to be ready again")
    assert phone.offset() == 3_000_000
    arrived(service, author, phone.go_on()["Photo-Id"])


def serving(service: Live, connection: socket.socket) -> psutil.Process:
    """The process at the other end."""
    mine = connection.getsockname()

    def found() -> psutil.Process | None:
        for process in service.processes():
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                if any(open_.raddr and tuple(open_.raddr) == mine for open_ in process.net_connections("tcp")):
                    return process
        return None

    return until(found, "a process that has taken the connection")
