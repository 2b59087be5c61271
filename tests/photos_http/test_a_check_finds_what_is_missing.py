"""A check tells of photos without their files and of files without a photo, marks the former and mends what it can."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import delete, update

from participate.cli import main
from participate.cli.doctor.stores import originals
from participate.kernel.context import settings
from participate.kernel.db import execute, transaction
from participate.photos import checking, orphans, relocation
from participate.photos.arriving import store
from participate.photos.checking import Finding, check, damaged
from participate.photos.files import former_key, rendition_key
from participate.photos.models import Photo
from participate.photos.storage import MediaStore, original_key
from tests.conftest import HeldClock
from tests.people import People, Person
from tests.steps import snapshot, upload
from tests.stores import Stores

UNKNOWN = "019aafc3-7c00-7000-8000-000000000001"
Work = Callable[[], int]

pytestmark = pytest.mark.usefixtures("kept_in")


@pytest.fixture
def resident(people: People) -> Person:
    return people.resident()


@pytest.fixture
def present(clock: HeldClock) -> HeldClock:
    """The clock at the stores' own time."""
    clock.moment = datetime.now(UTC)
    return clock


def key(data: bytes) -> str:
    return original_key(sha256(data).hexdigest())


def brought(who: Person, data: bytes) -> str:
    return str(upload(who, data).get_json()["id"])


def found(**how: bool) -> set[tuple[str, str]]:
    return {(finding.what, finding.name) for finding in check(**how)}


def test_where_all_agrees_nothing_is_said(resident: Person, work: Work) -> None:
    for data in (snapshot(), snapshot(), b"no photo", b""):
        brought(resident, data)
    work()
    brought(resident, snapshot())
    assert found(by_hash=True) == set()


def test_rows_without_their_files(resident: Person, work: Work) -> None:
    lost, cut, bare = snapshot(), snapshot(), snapshot()
    ids = [brought(resident, data) for data in (lost, cut, bare)]
    work()
    store().delete(key(lost))
    store().put(key(cut), cut[:-1])
    store().delete(rendition_key(ids[2], "thumb"))
    expected = {("original_missing", ids[0]), ("original_changed", ids[1]), ("rendition_missing", ids[2])}
    assert found() == expected


def test_a_changed_byte_shows_by_its_hash(resident: Person) -> None:
    data = snapshot()
    photo = brought(resident, data)
    store().put(key(data), data[:-1] + b"?")
    assert found() == set()
    assert found(by_hash=True) == {("original_changed", photo)}
    assert found() == {("original_changed", photo)}, "of one that is marked, the size will not do"
    store().put(key(data), data)
    assert found() == set()
    assert damaged(1) == []


def test_files_without_a_photo_once_they_are_old(resident: Person, work: Work, present: HeldClock) -> None:
    photo = brought(resident, snapshot())
    work()
    alone = {key(b"a"), former_key(UNKNOWN), rendition_key(UNKNOWN, "view")}
    for name in alone:
        store().put(name, b"a")
    assert found() == set(), "a row may still come"
    present.forward(hours=25)
    assert found() - {("former_place", former_key(UNKNOWN))} == {("file_without_row", name) for name in alone}
    assert orphans.collect() == len(alone)
    assert found() == set()
    assert resident.get(f"/v1/photos/{photo}/original").status_code == 200


def test_pictures_that_are_shown_no_longer_are_files_without_a_photo(
    resident: Person, work: Work, present: HeldClock
) -> None:
    photo = brought(resident, snapshot())
    work()
    before = rendition_key(photo, f"view-{UNKNOWN}")
    store().put(before, b"what a crash has left of a change of boxes")
    present.forward(hours=25)
    assert found() == {("file_without_row", before)}
    with transaction():
        execute(update(Photo).where(Photo.id == photo).values(rendered=UNKNOWN))
    assert found() == {("rendition_missing", photo)}
    store().put(rendition_key(photo, f"thumb-{UNKNOWN}"), b"now both are there")
    assert found() == set()


def test_the_lost_are_marked_until_they_are_well_again(resident: Person) -> None:
    data = snapshot()
    photo = brought(resident, data)
    store().delete(key(data))
    list(check())
    assert damaged(5) == [photo]
    (said,) = originals(settings())
    assert (said.level, photo in said.text) == ("fail", True)
    store().put(key(data), data)
    list(check())
    assert damaged(5) == []
    assert [said.level for said in originals(settings())] == ["ok"]


def test_a_photo_that_goes_meanwhile_is_not_missed(resident: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = brought(resident, snapshot())
    seen = checking._seen

    def too_late(*arguments: Any) -> list[Finding]:
        with transaction():
            execute(delete(Photo).where(Photo.id == photo))
        return [Finding("original_missing", photo)] if arguments[0] else seen(*arguments)

    monkeypatch.setattr(checking, "_seen", too_late)
    assert found() == set()


def test_originals_in_their_former_place_are_used_and_moved(resident: Person, work: Work, present: HeldClock) -> None:
    photos = {brought(resident, data): data for data in (snapshot(), snapshot(), b"no photo")}
    for photo, data in photos.items():
        store().move(key(data), former_key(photo))
    work()
    waiting = snapshot()
    for photo, data in ((brought(resident, waiting), waiting),):
        store().move(key(data), former_key(photo))
        photos[photo] = data
    assert all(resident.get(f"/v1/photos/{photo}/original").data == data for photo, data in photos.items())
    present.forward(hours=25)
    assert found() == {("former_place", former_key(photo)) for photo in photos}
    assert relocation.relocate(present().timestamp()) == 3
    work()
    assert relocation.relocate(present().timestamp()) == 1
    assert found(by_hash=True) == set()
    assert set(store().keys("originals")) == {key(data) for data in photos.values()}
    assert all(resident.get(f"/v1/photos/{photo}/original").data == data for photo, data in photos.items())


def test_the_collector_moves_them_too(resident: Person, work: Work, present: HeldClock) -> None:
    data = snapshot()
    photo = brought(resident, data)
    work()
    store().move(key(data), former_key(photo))
    present.forward(hours=25)
    orphans.collect()
    assert list(store().keys("originals")) == [key(data)]


def test_one_that_is_not_what_its_row_says_is_not_vouched_for(resident: Person, work: Work, present: HeldClock) -> None:
    data = snapshot()
    photo = brought(resident, data)
    work()
    store().delete(key(data))
    store().put(former_key(photo), data[:-1] + b"?")
    present.forward(hours=25)
    orphans.collect()
    assert list(store().keys("originals")) == [former_key(photo)]


@pytest.fixture
def command(
    app: Flask, stores: Stores, kept_in: MediaStore, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str]]:
    """Runs `participate media …` in an application of its own, on this test's stores."""
    in_bucket = not hasattr(kept_in, "root")
    media = {"MEDIA_URL": request.getfixturevalue("bucket").url} if in_bucket else {}
    for name, value in stores.environment(**media).items():
        monkeypatch.setenv(name, value)

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["media", *words], catch_exceptions=False)
        return result.exit_code, result.stdout

    return run


def test_the_command_says_so_and_exits_with_it(
    resident: Person, work: Work, command: Callable[..., tuple[int, str]]
) -> None:
    data = snapshot()
    photo = brought(resident, data)
    work()
    assert command("check")[0] == 0
    store().delete(key(data))
    code, said = command("check", "--json")
    first, last = map(json.loads, said.splitlines())
    assert (code, first) == (1, {"what": "original_missing", "name": photo})
    assert last["counts"]["original_missing"] == 1
    assert command("check", "--hashes")[1].startswith(f"original_missing  {photo}\n")


def test_the_command_moves_what_lies_in_its_former_place(
    resident: Person, work: Work, command: Callable[..., tuple[int, str]]
) -> None:
    data = snapshot()
    photo = brought(resident, data)
    work()
    store().move(key(data), former_key(photo))
    assert command("migrate") == (0, "1 moved\n")
    assert command("migrate") == (0, "0 moved\n")
    assert list(store().keys("originals")) == [key(data)]
