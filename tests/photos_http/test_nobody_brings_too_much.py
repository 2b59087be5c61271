"""A photo's bytes, a submission's photos, a day's bytes, unfinished uploads: each has a bound, which is a setting."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from participate.config import BadSettings, from_environment
from tests.conftest import HeldClock
from tests.people import People, Person
from tests.photos_http.tus import FILE, begin, end, go_on
from tests.steps import HERE, code_of, upload

Set = Callable[..., None]
SETTINGS = {
    "PARTICIPATE_MAX_PHOTO_BYTES": ("max_photo_bytes", 20 * 2**20),
    "PARTICIPATE_MAX_PHOTOS": ("max_photos", 9),
    "PARTICIPATE_MAX_DAILY_BYTES": ("max_daily_bytes", 2**30),
    "PARTICIPATE_MAX_UNFINISHED_UPLOADS": ("max_unfinished_uploads", 20),
}


@pytest.fixture
def bounded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Set:
    """Sets bounds for the test."""

    def bound(**values: int) -> None:
        changed = replace(app.extensions["participate.settings"], **values)
        monkeypatch.setitem(app.extensions, "participate.settings", changed)

    return bound


def hand_in(who: Person, *sizes: int) -> TestResponse:
    body = json.dumps({"kind": "snap_report", "body": "A hole.", "place": HERE})
    photos = [(BytesIO(FILE[:size]), "a.jpg") for size in sizes]
    return who.post("/v1/submissions", data={"submission": body, "photos": photos})


@pytest.mark.parametrize("name", SETTINGS)
def test_each_is_a_setting(name: str) -> None:
    field, usual = SETTINGS[name]
    env = {"SECRET_KEY": "x" * 32}
    assert getattr(from_environment(env), field) == usual
    assert getattr(from_environment(env | {name: str(2 * usual)}), field) == 2 * usual
    for wrong in ("0", "-1", "many"):
        with pytest.raises(BadSettings, match=name):
            from_environment(env | {name: wrong})


def test_the_bytes_of_a_photo(bounded: Set, town: Flask, people: People) -> None:
    bounded(max_photo_bytes=1000)
    who = people.resident()
    for send in (lambda n: upload(who, FILE[:n]), lambda n: hand_in(who, n), lambda n: begin(who, n, FILE[:n])):
        assert code_of(send(1001)) == (413, "photo_too_large")
        assert send(1000).status_code == 201


def test_the_photos_of_a_submission(bounded: Set, town: Flask, people: People) -> None:
    bounded(max_photos=2)
    who = people.resident()
    answer = hand_in(who, 10, 10, 10)
    assert code_of(answer) == (422, "invalid")
    assert answer.get_json()["errors"][0]["field"] == "photos"
    assert hand_in(who, 10, 10).status_code == 201


def test_the_bytes_of_a_day(bounded: Set, town: Flask, people: People, clock: HeldClock) -> None:
    bounded(max_daily_bytes=5000)
    clock.moment = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # An hour before midnight in Shanghai.
    who, other = people.resident(), people.resident()
    ways: list[Any] = [
        lambda who: upload(who, FILE[:1000]),
        lambda who: hand_in(who, 1000),
        lambda who: begin(who, 1000, FILE[:1000]),
    ]
    for send in (*ways, lambda who: upload(who, FILE[:2000])):
        assert send(who).status_code == 201
    for send in ways:
        refused = send(who)
        assert code_of(refused) == (429, "daily_bytes_used")
        assert refused.headers["Retry-After"] == "3600"
        assert "tomorrow" in refused.get_json()["title"]
        assert send(other).status_code == 201, "each has their own"
    clock.forward(hours=1)
    assert {send(who).status_code for send in ways} == {201}


def test_what_is_on_its_way_counts_as_brought(bounded: Set, people: People) -> None:
    bounded(max_daily_bytes=5000)
    who = people.resident()
    path = begin(who, 4000).headers["Location"]
    assert code_of(begin(who, 1001)) == (429, "daily_bytes_used")
    assert go_on(who, path, 0, FILE[:4000]).status_code == 204
    assert begin(who, 1000).status_code == 201


def test_unfinished_uploads(bounded: Set, people: People) -> None:
    bounded(max_unfinished_uploads=3)
    who = people.resident()
    first, *_ = [begin(who, 10, Idempotency_Key=str(n)).headers["Location"] for n in range(3)]
    refused = begin(who, 10)
    assert code_of(refused) == (429, "too_many_uploads")
    assert int(refused.headers["Retry-After"]) > 0
    assert begin(who, 10, Idempotency_Key="2").status_code == 201, "it is there already"
    assert begin(people.resident(), 10).status_code == 201
    go_on(who, first, 0, FILE[:10])
    second = begin(who, 10)
    assert second.status_code == 201, "a finished one is none any more"
    assert begin(who, 10).status_code == 429
    end(who, second.headers["Location"])
    assert begin(who, 10).status_code == 201
