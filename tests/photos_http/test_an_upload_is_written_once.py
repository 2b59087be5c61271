"""What a resident uploads is written once and not read again before it is looked at, and leaves nothing beside it."""

import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import create_environ, run_wsgi_app

from participate.kernel.db import db, is_sqlite, release_reader
from participate.photos import service
from participate.photos.arriving import staging
from tests.people import People, Person
from tests.steps import HERE

_OTHER = 2**19  # bytes: rows, their log and lines of the log of requests.
LARGE = Random(1).randbytes(3_500_000)

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts what a process reads and writes")


def counted(call: Callable[[], object]) -> tuple[int, int]:
    """How many bytes this process reads and writes during `call` (proc_pid_io(5))."""

    def sums() -> tuple[int, int]:
        found = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
        return int(found["rchar"]), int(found["wchar"])

    release_reader()
    if is_sqlite():  # Or it may copy its log, up to 4 MB of it, just then.
        with closing(sqlite3.connect(str(db.engine.url.database))) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = sums()
    call()
    after = sums()
    return after[0] - before[0], after[1] - before[1]


def posting(app: Flask, who: Person, path: str, form: dict[str, Any]) -> Callable[[], str]:
    """POST `form`, whose body lies ready in memory."""
    environ = create_environ(path, method="POST", data=form, headers=who.headers)
    environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read())

    def post() -> str:
        _, status, _ = run_wsgi_app(app.wsgi_app, environ)
        return status

    return post


@linux
def test_a_photo(app: Flask, people: People) -> None:
    post = posting(app, people.resident(), "/v1/photos", {"file": (BytesIO(LARGE), "a.jpg")})
    read, written = counted(post)
    assert len(LARGE) <= written < len(LARGE) + _OTHER
    assert read < _OTHER


@linux
def test_the_photos_of_a_submission(town: Flask, people: People) -> None:
    form = {
        "submission": '{"kind": "micro_suggestion", "body": "A bench."}',
        "photos": [(BytesIO(LARGE + bytes([number])), "a.jpg") for number in range(3)],
    }
    _, written = counted(posting(town, people.resident(), "/v1/submissions", form))
    assert 3 * len(LARGE) <= written < 3 * len(LARGE) + _OTHER


@pytest.mark.parametrize("size", [0, 1, 2**15, 2**15 + 1, 2**16 + 1, 1_000_003])
def test_what_is_kept_is_what_was_sent(app: Flask, people: People, size: int) -> None:
    who, sent = people.resident(), LARGE[:size]
    answer = who.post("/v1/photos", data={"file": (BytesIO(sent), "a.jpg")})
    assert who.get(f"{answer.headers['Location']}/original").data == sent
    assert list(staging().glob(".*")) == []


def test_a_body_that_breaks_off_leaves_nothing(app: Flask, people: People) -> None:
    who = people.resident()
    environ = create_environ("/v1/photos", method="POST", data={"file": (BytesIO(LARGE), "a")}, headers=who.headers)
    environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(2_000_000))
    _, status, _ = run_wsgi_app(app.wsgi_app, environ)
    assert status.startswith("400"), status
    assert list(staging().glob(".*")) == []


def test_what_is_refused_leaves_nothing(town: Flask, people: People) -> None:
    who, stored = people.resident(), set(service.store().keys("originals"))
    too_many = {"submission": '{"kind": "micro_suggestion", "body": "x"}', "photos": [_file() for _ in range(10)]}
    no_photo = {"photo": _file()}
    assert who.post("/v1/submissions", data=too_many).status_code == 422
    assert who.post("/v1/photos", data=no_photo).status_code == 422
    assert list(staging().glob(".*")) == []
    assert set(service.store().keys("originals")) == stored


def test_the_json_beside_the_photos_may_be_a_file(town: Flask, people: People) -> None:
    sent = json.dumps({"kind": "snap_report", "body": "A hole.", "place": HERE}).encode()
    form = {"submission": (BytesIO(sent), "submission.json", "application/json"), "photos": _file()}
    answer = people.resident().post("/v1/submissions", data=form)
    assert answer.status_code == 201
    assert len(answer.get_json()["photos"]) == 1


def _file() -> tuple[BytesIO, str]:
    return BytesIO(LARGE[:100_000]), "a.jpg"
