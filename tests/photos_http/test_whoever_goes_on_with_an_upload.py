"""However many processes take part in one upload, at once or one after the other's death, each byte counts once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import Headers

from participate.kernel.db import rows
from participate.kernel.errors import ChecksumMismatch, Conflict, Missing, Unreadable
from participate.photos.models import Photo
from participate.photos.uploads import protocol, service
from participate.photos.uploads.protocol import BrokenOff
from tests.people import People, Person
from tests.photos_http.tus import FILE, begin, go_on, look
from tests.photos_http.tus import checksum as promised
from tests.steps import at_once

HALF = len(FILE) // 2


class Killed(BaseException):
    """What ends a process in the midst of a line."""


@pytest.fixture
def resident(app: Flask, people: People) -> Person:
    return people.resident()


@pytest.fixture
def path(resident: Person) -> str:
    return str(begin(resident, len(FILE)).headers["Location"])


def offset(who: Person, path: str) -> int:
    return int(look(who, path).headers["Upload-Offset"])


def photos_of(who: Person) -> list[str]:
    return [row.id for row in rows(select(Photo.id).where(Photo.owner_id == who.account_id))]


def finished(who: Person, path: str) -> bytes:
    photo = look(who, path).headers["Photo-Id"]
    return bytes(who.get(f"/v1/photos/{photo}/original").data)


def breaking(data: bytes, error: type[BaseException]) -> Iterator[bytes]:
    """A body that ends in `error`."""
    yield data
    raise error


def test_of_two_at_once_one_counts(resident: Person, path: str) -> None:
    go_on(resident, path, 0, FILE[:HALF])
    answers = at_once(*[lambda: go_on(resident, path, HALF, FILE[HALF:])] * 2)
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    assert finished(resident, path) == FILE
    assert len(photos_of(resident)) == 1


def test_processes_take_turns(app: Flask, other_process: Flask, resident: Person, path: str) -> None:
    whos = [resident, Person(other_process, resident.account_id, resident.headers)]
    for number, start in enumerate(range(0, len(FILE), 50_000)):
        answer = go_on(whos[number % 2], path, start, FILE[start : start + 50_000])
        assert answer.headers["Upload-Offset"] == str(start + 50_000)
    assert finished(resident, path) == FILE


def test_what_came_before_the_network_broke_is_kept(resident: Person, path: str) -> None:
    with pytest.raises(Unreadable):
        service.go_on(path[-36:], resident.account_id, 0, breaking(FILE[:HALF], BrokenOff))
    assert offset(resident, path) == HALF
    go_on(resident, path, HALF, FILE[HALF:])
    assert finished(resident, path) == FILE


def test_what_came_before_the_process_was_killed_is_kept(resident: Person, path: str, other_process: Flask) -> None:
    with pytest.raises(Killed):
        service.go_on(path[-36:], resident.account_id, 0, breaking(FILE[:HALF], Killed))
    another = Person(other_process, resident.account_id, resident.headers)
    assert offset(another, path) == HALF
    go_on(another, path, HALF, FILE[HALF:])
    assert finished(resident, path) == FILE


def test_what_was_killed_before_its_last_step_is_finished_by_whoever_looks(resident: Person, path: str) -> None:
    with pytest.raises(Killed):
        service.go_on(path[-36:], resident.account_id, 0, breaking(FILE, Killed))
    assert photos_of(resident) == []
    looks = at_once(*[lambda: look(resident, path)] * 4)
    assert {answer.status_code for answer in looks} <= {200, 409}
    assert finished(resident, path) == FILE
    assert len(photos_of(resident)) == 1


def test_who_was_taken_for_gone_adds_nothing_any_more(app: Flask, resident: Person, path: str) -> None:
    came, others_went_on = Event(), Event()

    def slow() -> Iterator[bytes]:
        yield FILE[:HALF]
        came.set()
        assert others_went_on.wait(20)
        yield b"\0" * (len(FILE) - HALF)

    def send() -> None:
        with app.app_context():
            service.go_on(path[-36:], resident.account_id, 0, slow())

    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send)
        assert came.wait(20)
        assert offset(resident, path) == HALF, "what has come counts while the rest is waited for"
        assert go_on(resident, path, HALF, FILE[HALF:-1]).status_code == 204
        others_went_on.set()
        with pytest.raises(Conflict):
            sending.result()
    go_on(resident, path, len(FILE) - 1, FILE[-1:])
    assert finished(resident, path) == FILE


def test_a_piece_with_a_checksum_counts_whole_or_not_at_all(resident: Person, path: str) -> None:
    promise = protocol.checksum(Headers({"Upload-Checksum": promised("sha1", FILE)}))
    for error in (BrokenOff, Killed):
        with pytest.raises((ChecksumMismatch, Killed)):
            service.go_on(path[-36:], resident.account_id, 0, breaking(FILE[:HALF], error), None, promise)
        assert offset(resident, path) == 0
    go_on(resident, path, 0, FILE, Upload_Checksum=promised("sha1", FILE))
    assert finished(resident, path) == FILE


def test_one_key_is_one_upload(resident: Person, people: People) -> None:
    key = {"Idempotency_Key": "one and the same"}
    answers = at_once(*[lambda: begin(resident, len(FILE), **key)] * 4)
    assert {answer.status_code for answer in answers} == {201}
    (path,) = {answer.headers["Location"] for answer in answers}
    go_on(resident, path, 0, FILE[:HALF])
    again = begin(resident, len(FILE), FILE[:HALF], **key)
    assert (again.headers["Location"], again.headers["Upload-Offset"]) == (path, str(HALF))
    done = go_on(resident, path, HALF, FILE[HALF:])
    again = begin(resident, len(FILE), FILE, **key)
    assert (again.status_code, again.headers["Photo-Id"]) == (201, done.headers["Photo-Id"])
    assert len(photos_of(resident)) == 1
    assert begin(resident, len(FILE) - 1, **key).get_json()["type"].endswith("idempotency_key_reused")
    assert begin(people.resident(), len(FILE), **key).headers["Location"] != path


def test_an_upload_that_is_ended_under_way_comes_to_nothing(resident: Person, path: str) -> None:
    def ended() -> Iterator[bytes]:
        yield FILE[:HALF]
        resident.request("DELETE", path, headers={"Tus-Resumable": "1.0.0"})
        yield FILE[HALF:]

    with pytest.raises(Missing):
        service.go_on(path[-36:], resident.account_id, 0, ended())
    assert photos_of(resident) == []
