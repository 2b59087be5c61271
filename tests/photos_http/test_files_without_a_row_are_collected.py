"""What a crash leaves between a photo's bytes and its row is collected once it is old enough, and nothing else."""

import os
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
import uuid_utils
from flask import Flask

from participate.photos import orphans
from participate.photos import service as photos
from participate.photos.arriving import store
from participate.photos.files import RENDITIONS, rendition_key
from participate.photos.storage import LocalStore, original_key
from tests.conftest import HeldClock
from tests.people import People
from tests.steps import arrival, snapshot, upload


@pytest.fixture
def present(app: Flask, clock: HeldClock) -> HeldClock:
    """The clock where a photo that is kept now counts as new."""
    clock.moment = datetime.now(UTC)
    return clock


def bring() -> photos.Kept:
    """The bytes are put away, and no row comes for them."""
    with closing(arrival(snapshot())) as brought:
        return photos.keep(brought)


@pytest.mark.usefixtures("present")
def test_bytes_whose_row_may_still_come_stay() -> None:
    kept = bring()
    orphans.collect()
    assert store().exists(original_key(kept.sha256))


def test_bytes_that_no_row_came_for_go(present: HeldClock) -> None:
    kept = bring()
    present.forward(hours=23)
    orphans.collect()
    assert store().exists(original_key(kept.sha256))
    present.forward(hours=2)
    assert orphans.collect() >= 1
    assert not store().exists(original_key(kept.sha256))


def test_a_photo_with_its_row_stays_with_all_its_files(
    present: HeldClock, people: People, work: Callable[[], int]
) -> None:
    data = snapshot()
    photo_id = upload(people.resident(), data).get_json()["id"]
    work()
    present.forward(days=30)
    orphans.collect()
    keys = [original_key(sha256(data).hexdigest()), *(rendition_key(photo_id, name) for name in RENDITIONS)]
    assert [key for key in keys if not store().exists(key)] == []


def test_renditions_that_are_left_alone_go(present: HeldClock) -> None:
    photo_id = str(uuid_utils.uuid7())
    store().put(rendition_key(photo_id, "thumb"), b"left by a crash in the midst of a removal")
    present.forward(days=2)
    orphans.collect()
    assert not store().exists(rendition_key(photo_id, "thumb"))


def test_a_half_written_file_goes_when_nobody_writes_it_any_more(app: Flask) -> None:
    kept_in = store()
    assert isinstance(kept_in, LocalStore)
    folder = kept_in.root / "originals" / "ab"
    old, new = _part(folder / ".old.part", hours=25), _part(folder / ".new.part", hours=1)
    orphans.collect()
    assert (old.exists(), new.exists()) == (False, True)
    new.unlink()


def test_what_is_not_ours_is_left_alone(app: Flask, present: HeldClock) -> None:
    others = ["originals/ab/notes", "originals/notes", "renditions/ab/notes/view.jpg", "aside/ab/x-y"]
    others += [f"originals/ab/{'a' * 64}", f"originals/zz/{uuid_utils.uuid7()}"]
    for key in others:
        store().put(key, b"somebody has put it there")
    present.forward(days=30)
    orphans.collect()
    assert [key for key in others if not store().exists(key)] == []
    for key in others:
        store().delete(key)


def _part(path: Path, hours: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half of it")
    moment = datetime.now(UTC).timestamp() - hours * 3600
    os.utime(path, (moment, moment))
    return path


def test_by_turns_every_folder_is_looked_through(present: HeldClock) -> None:
    kept = bring()
    present.forward(days=2)
    for _ in range(256):
        orphans.collect_in_turn()
        present.forward(minutes=10)
    assert not store().exists(original_key(kept.sha256))
