"""Whatever is sent to a live service becomes ready or is refused with a reason: nothing fails and nothing is left over.

All files of PARTICIPATE_CORPORA go in, where it names a folder of real photos; hostile ones always do.
"""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.journeys.callers import Caller, resident
from tests.live import Live, laid, until
from tests.photos.hostile import MADE
from tests.stores import Stores

MEMORY = 300 * 10**6
PATIENCE = 300.0  # seconds for all of them


@pytest.fixture(scope="module")
def service(stores: Stores) -> Iterator[Live]:
    with laid(os.environ.get("TEST_STORES", "embedded")) as service:
        service.start()
        yield service
        assert service.stop() == 0, service.said()


def files() -> dict[str, bytes]:
    """What is sent, by name."""
    sent = {f"made: {name}": make() for name, make in MADE.items()}
    folder = os.environ.get("PARTICIPATE_CORPORA")
    if folder:
        found = (path for path in Path(folder).rglob("*") if path.is_file())
        sent |= {str(path.relative_to(folder)): path.read_bytes() for path in found}
    return sent


def send(who: Caller, name: str, data: bytes) -> tuple[str, str]:
    """The photo's id, and what the answer to its upload was: never one of the server's own failures."""
    file = {"file": (Path(name).name, data, "image/jpeg")}
    answer = who.request("POST", "/v1/photos", files=file)
    assert answer.status_code == 201, (name, answer.status_code, answer.text)
    return answer.json()["id"], name


def settled(who: Caller, photo_id: str) -> Any:
    """The photo, once it is no longer waited for."""
    found = who.get(f"/v1/photos/{photo_id}")
    return found if found["state"] in {"ready", "refused"} else None


def peaks(service: Live) -> Counter[str]:
    """The most that each of the photo worker's processes has held."""
    worker = service.child("photos")
    assert worker is not None
    found = Counter[str]()
    for process in worker.children(recursive=True):
        status = Path(f"/proc/{process.pid}/status").read_text()
        found[str(process.pid)] = int(status.partition("VmHWM:")[2].split()[0]) * 1024
    return found


def test_everything_is_ready_or_refused(service: Live) -> None:
    who = resident(service)
    sent = [send(who, name, data) for name, data in files().items()]
    fates = {}
    for photo_id, name in sent:
        fates[name] = until(lambda: settled(who, photo_id), name, PATIENCE)  # noqa: B023
    for name, photo in fates.items():
        assert bool(photo["reason"]) == (photo["state"] == "refused"), (name, photo)
        if "pngsuite" in Path(name).parts and name.endswith(".png"):
            assert photo["state"] == ("refused" if Path(name).name.startswith("x") else "ready"), (name, photo)
        if name.lower().endswith((".jpg", ".jpeg", ".heic", ".heif")) and not name.startswith("made: "):
            assert photo["state"] == "ready", (name, photo)
    assert max(peaks(service).values(), default=0) <= MEMORY
    log = service.said()
    assert "Traceback" not in log
    assert '"errand failed"' not in log
    assert psutil.Process(service.leader.pid).is_running()  # type: ignore[union-attr]


def test_a_ready_one_shows_its_pictures_and_a_refused_one_says_why_in_both_languages(service: Live) -> None:
    who = resident(service)
    good, _ = send(who, "good", MADE["jpeg and page"]())
    bad, _ = send(who, "bad", MADE["page.jpg"]())
    photo = until(lambda: settled(who, good), "the good one")
    for name in ("thumb", "view"):
        picture = who.request("GET", photo["renditions"][name])
        assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/jpeg")
        assert b"script" not in picture.content
    until(lambda: settled(who, bad), "the bad one")
    said = [
        who.request("GET", f"/v1/photos/{bad}", headers={"Accept-Language": language}).json()["reason"]
        for language in ("en", "zh-Hans")
    ]
    assert said == ["This is not a photo.", "这不是照片。"]
