"""The queue that docs/mobile.md describes is killed again and again, and hands in one submission with its photos."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from tests.journeys.callers import PLACE, Caller, resident, sample_photo
from tests.journeys.offline_queue import Queue, Sender
from tests.live import Live

KILLS = 12
CHANCE = Random(12)
LARGE = CHANCE.randbytes(3_000_000)
BODY = {"kind": "snap_report", "body": "A deep hole.", "place": PLACE}


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """One that goes in pieces, one that goes at once, one more that goes in pieces."""
    files = [tmp_path / f"{number}.jpg" for number in range(3)]
    for file, data in zip(files, (LARGE, sample_photo()[:500_000], LARGE[1:]), strict=True):
        file.write_bytes(data)
    return files


def originals(author: Caller, submission: dict[str, object]) -> list[bytes]:
    """The photos of the submission, as they came."""
    listed = author.get(f"/v1/submissions/{submission['id']}")["photos"]
    return [author.request("GET", f"/v1/photos/{photo['id']}/original").content for photo in listed]


def test_killed_at_any_moment(service: Live, photos: list[Path], tmp_path: Path) -> None:
    author, file = resident(service, "+8613800000012"), tmp_path / "queue.db"
    Queue(file).add(BODY, photos)
    command = [sys.executable, "-m", "tests.journeys.offline_queue", str(file), service.base, author.token, "0.02"]
    for _ in range(KILLS):
        process = subprocess.Popen(command)
        with suppress(subprocess.TimeoutExpired):
            process.wait(CHANCE.uniform(0.3, 1.2))
        process.kill()
        process.wait()
    subprocess.run(command, check=True, timeout=120)
    assert (Queue(file).waiting(), Queue(file).refusals()) == ([], [])
    (made,) = author.items("/v1/me/submissions")
    assert sorted(originals(author, made)) == sorted(photo.read_bytes() for photo in photos)


def test_what_is_refused_is_not_tried_for_ever(service: Live, tmp_path: Path) -> None:
    author, queue = resident(service, "+8613800000013"), Queue(tmp_path / "queue.db")
    queue.add(BODY | {"kind": "no_such_kind"}, [])
    queue.add(BODY, [])
    Sender(queue, service.base, author.token).run()
    assert queue.waiting() == []
    assert [refusal[:3] for refusal in queue.refusals()] == ["422"]
    assert len(list(author.items("/v1/me/submissions"))) == 1


def test_photos_that_are_gone_are_sent_anew(service: Live, photos: list[Path], tmp_path: Path) -> None:
    author, queue = resident(service, "+8613800000014"), Queue(tmp_path / "queue.db")
    key = queue.add(BODY, photos)
    first, second, third = (photo[0] for photo in queue.photos(key))
    queue.note("photos", first, upload="/v1/uploads/019aafc3-7c00-7000-8000-000000000001")
    for photo in (second, third):
        queue.note("photos", photo, photo_id="019aafc3-7c00-7000-8000-000000000001")
    Sender(queue, service.base, author.token).run()
    assert queue.refusals() == []
    (made,) = author.items("/v1/me/submissions")
    assert sorted(originals(author, made)) == sorted(photo.read_bytes() for photo in photos)
