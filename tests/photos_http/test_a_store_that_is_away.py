"""Where the store of photos does not answer, requests say so soon, nothing is half done, and all goes on after."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from participate.kernel import sending
from participate.kernel.db import one, rows
from participate.kernel.outbox import OutboxErrand
from participate.photos import service
from participate.photos.arriving import store
from participate.photos.models import Photo
from participate.photos.storage import S3Store, StoreAway, open_store
from participate.submissions.models import Submission
from tests import buckets
from tests.conftest import HeldClock
from tests.faults.ledger import LONGEST_SECONDS
from tests.steps import HERE, Way, arrival, snapshot, upload

REPORT = {"kind": "snap_report", "body": "A deep hole.", "place": HERE}


@pytest.fixture
def server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[buckets.Bucket]:
    """A bucket of this test's own, in which the application's photos lie."""
    for name, value in buckets.KEYS.items():
        monkeypatch.setenv(name, value)
    before = app.extensions["participate.media"]
    with buckets.running() as found:
        app.extensions["participate.media"] = open_store(found.url)
        yield found
    app.extensions["participate.media"] = before


def timed(ask: Callable[[], TestResponse]) -> TestResponse:
    """The answer, which has not kept anybody waiting."""
    began = time.monotonic()
    answer = ask()
    assert time.monotonic() - began < LONGEST_SECONDS
    return answer


def counted() -> tuple[int, int]:
    found = [one(select(func.count().label("n")).select_from(model)) for model in (Photo, Submission)]
    return found[0].n if found[0] else -1, found[1].n if found[1] else -1


def is_away(answer: TestResponse) -> bool:
    wanted = (503, "urn:participate:problem:unavailable", "10")
    return (answer.status_code, answer.get_json()["type"], answer.headers["Retry-After"]) == wanted


@pytest.mark.parametrize("how", ["end", "freeze"])
def test_requests_hear_so_and_nothing_is_half_done(way: Way, server: buckets.Bucket, how: str) -> None:
    photo = way.photo(way.author)
    path, before = f"/v1/photos/{photo}", counted()
    getattr(server, how)()
    assert is_away(timed(lambda: upload(way.author)))
    form = {
        "submission": json.dumps(REPORT),
        "photos": [(BytesIO(snapshot()), "a.jpg"), (BytesIO(snapshot()), "b.jpg")],
    }
    assert is_away(timed(lambda: way.author.post("/v1/submissions", data=form)))
    for name in ("thumb", "view", "original"):
        assert is_away(timed(lambda name=name: way.author.get(f"{path}/{name}")))
    assert counted() == before
    assert way.author.get(path).status_code == 200
    assert way.author.post("/v1/submissions", REPORT).status_code == 201
    if how == "freeze":
        server.thaw()
    else:
        server.begin_anew()
    assert upload(way.author).status_code == 201


def test_the_worker_waits_however_long_it_lasts(way: Way, server: buckets.Bucket, clock: HeldClock) -> None:
    photo = upload(way.author).get_json()["id"]
    server.freeze()
    hasty = store()
    assert isinstance(hasty, S3Store)
    usual, hasty._clients = hasty._clients, dict.fromkeys(hasty._clients, hasty._client("0.2s"))
    for _ in range(12):
        way.work()
        clock.forward(minutes=1)
    (errand,) = rows(select(OutboxErrand.attempts, OutboxErrand.dead, OutboxErrand.last_error))
    assert (errand.attempts, errand.dead, errand.last_error) == (0, False, "StoreAway")
    server.thaw()
    hasty._clients = usual
    way.work()
    assert way.author.get(f"/v1/photos/{photo}").get_json()["state"] == "ready"


def test_what_breaks_off_is_not_taken_for_whole(
    way: Way, server: buckets.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_AT_ONCE", 10)
    monkeypatch.setattr(sending, "_PIECE", 500)
    path = f"/v1/photos/{way.photo(way.author)}/original"
    for _ in range(2):
        answer = way.author.get(path, buffered=False)
        pieces = answer.iter_encoded()
        next(pieces)
        server.end()
        with pytest.raises(StoreAway):
            list(pieces)
        answer.close()
        server.begin_anew()
        path = f"/v1/photos/{way.photo(way.author)}/original"
    assert way.author.get(path).status_code == 200


def test_a_photo_is_kept_that_could_not_be_looked_for_again(way: Way, server: buckets.Bucket) -> None:
    with closing(arrival(snapshot())) as brought:
        kept = service.keep(brought)
        server.end()
        photo = service.register(kept, way.author.account_id)
    assert one(select(Photo.id).where(Photo.id == photo)) is not None
