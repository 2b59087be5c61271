"""What nobody finishes goes after a day, rows and bytes; what a crash leaves of an upload goes, too."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from participate.kernel.ids import new_id
from participate.photos.arriving import staging
from participate.photos.uploads import pieces, service
from participate.worker import FORGETTING
from tests.conftest import HeldClock
from tests.people import People, Person
from tests.photos_http.tus import FILE, begin, go_on, look


@pytest.fixture
def resident(app: Flask, clock: HeldClock, people: People) -> Person:
    clock.moment = datetime.now(UTC)
    return people.resident()


def bytes_of(path: str) -> bool:
    return path[-36:] in pieces.uploads()


def sweep() -> None:
    """What the worker does every ten minutes."""
    service.forget_expired()
    service.forget_pieces()


def test_the_worker_does_it() -> None:
    assert service.forget_expired in FORGETTING


def test_a_day_after_its_beginning_it_goes(resident: Person, clock: HeldClock) -> None:
    old = begin(resident, len(FILE), FILE[:1000]).headers["Location"]
    clock.forward(hours=23)
    young = begin(resident, len(FILE), FILE[:1000]).headers["Location"]
    sweep()
    assert [look(resident, path).status_code for path in (old, young)] == [200, 200]
    clock.forward(hours=1)
    assert look(resident, old).status_code == 410
    sweep()
    assert [look(resident, path).status_code for path in (old, young)] == [404, 200]
    assert [bytes_of(path) for path in (old, young)] == [False, True]
    assert go_on(resident, young, 1000, FILE[1000:]).status_code == 204
    assert not bytes_of(young), "its bytes are the photo's now"


def test_what_was_finished_is_told_of_for_two_days(resident: Person, clock: HeldClock) -> None:
    path = begin(resident, len(FILE), FILE).headers["Location"]
    clock.forward(hours=47)
    sweep()
    assert look(resident, path).headers["Photo-Id"]
    clock.forward(hours=1)
    sweep()
    assert look(resident, path).status_code == 404


def test_a_key_whose_upload_is_over_begins_another(resident: Person, clock: HeldClock) -> None:
    old = begin(resident, 10, Idempotency_Key="k").headers["Location"]
    clock.forward(hours=24)
    answer = begin(resident, 10, Idempotency_Key="k")
    assert answer.status_code == 201
    assert answer.headers["Location"] != old


def test_pieces_without_a_row_go(resident: Person) -> None:
    kept = begin(resident, len(FILE), FILE[:1000]).headers["Location"]
    stray = new_id()
    piece = pieces.Piece(stray, 1)
    piece.write(b"left by a crash")
    piece.close()
    assert service.forget_pieces() == 1
    assert [bytes_of(kept), bytes_of(stray)] == [True, False]


def test_files_that_broke_off_go_after_a_day(resident: Person, clock: HeldClock) -> None:
    part = staging() / ".left.part"
    part.write_bytes(b"left by a crash")
    sweep()
    assert part.exists()
    clock.forward(hours=25)
    sweep()
    assert not part.exists()
