"""What a crash leaves between a photo's bytes and its row is collected once it is old enough, and nothing else."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uuid_utils
from flask import Flask

from participate.photos import orphans
from participate.photos import service as photos
from participate.photos.storage import LocalStore
from tests.conftest import HeldClock
from tests.people import People
from tests.steps import snapshot, upload


@pytest.fixture
def present(app: Flask, clock: HeldClock) -> HeldClock:
    """The clock where a photo that is kept now counts as new."""
    clock.moment = datetime.now(UTC)
    return clock


@pytest.mark.usefixtures("present")
def test_bytes_whose_row_may_still_come_stay() -> None:
    kept = photos.keep(snapshot())
    orphans.collect()
    assert photos.store().exists(photos.original_key(kept.photo_id))


def test_bytes_that_no_row_came_for_go(present: HeldClock) -> None:
    kept = photos.keep(snapshot())
    present.forward(hours=23)
    orphans.collect()
    assert photos.store().exists(photos.original_key(kept.photo_id))
    present.forward(hours=2)
    assert orphans.collect() >= 1
    assert not photos.store().exists(photos.original_key(kept.photo_id))


def test_a_photo_with_its_row_stays_with_all_its_files(
    present: HeldClock, people: People, work: Callable[[], int]
) -> None:
    photo_id = upload(people.resident()).get_json()["id"]
    work()
    present.forward(days=30)
    orphans.collect()
    keys = [photos.original_key(photo_id), *(photos.rendition_key(photo_id, name) for name in photos.RENDITIONS)]
    assert [key for key in keys if not photos.store().exists(key)] == []


def test_renditions_that_are_left_alone_go(present: HeldClock) -> None:
    photo_id = str(uuid_utils.uuid7())
    photos.store().put(photos.rendition_key(photo_id, "thumb"), b"left by a crash in the midst of a removal")
    present.forward(days=2)
    orphans.collect()
    assert not photos.store().exists(photos.rendition_key(photo_id, "thumb"))


def test_a_half_written_file_goes_when_nobody_writes_it_any_more(app: Flask) -> None:
    store = photos.store()
    assert isinstance(store, LocalStore)
    folder = store.root / "originals" / "ab"
    old, new = _part(folder / ".old.part", hours=25), _part(folder / ".new.part", hours=1)
    orphans.collect()
    assert (old.exists(), new.exists()) == (False, True)
    new.unlink()


def _part(path: Path, hours: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half of it")
    moment = datetime.now(UTC).timestamp() - hours * 3600
    os.utime(path, (moment, moment))
    return path


def test_by_turns_every_folder_is_looked_through(present: HeldClock) -> None:
    kept = photos.keep(snapshot())
    present.forward(days=2)
    for _ in range(256):
        orphans.collect_in_turn()
        present.forward(minutes=10)
    assert not photos.store().exists(photos.original_key(kept.photo_id))
