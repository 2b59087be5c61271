"""Steps on a submission's way, made over HTTP, for tests that begin further on."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from threading import Barrier
from typing import Any, TypeVar

import pytest
from flask import Flask
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from werkzeug.test import TestResponse

from participate.cases import queries as cases
from participate.kernel.clock import now
from participate.photos.arriving import Arrival
from participate.places.locate import locate
from tests.people import People, Person

T = TypeVar("T")
HERE: dict[str, Any] = {"lat": 28.2282, "lon": 112.9388, "crs": "wgs84"}  # The demo district's centre.
# What must be said of a kind for it to be accepted, beside what all say.
_LEAST = {"micro_service": {"service": "S0102"}, "micro_supervision": {"watched": "The new road."}}
ELSEWHERE: dict[str, Any] = {"lat": 39.9, "lon": 116.4, "crs": "wgs84"}  # In no area that the tests know.


def at_once(*calls: Callable[[], T]) -> list[T]:
    """What `calls` return, each made in a thread of its own, all setting off together."""
    line = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        line.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


def snapshot(lat: float | None = None, lon: float | None = None) -> bytes:
    """A small photo, taken on a known day, at `lat` and `lon` (north and east) where they are given."""
    exif = Image.Exif()
    exif[Base.Model] = "Canary"
    exif.get_ifd(IFD.Exif).update({Base.DateTimeOriginal: "2026:05:04 09:30:00", Base.OffsetTimeOriginal: "+08:00"})
    if lat is not None and lon is not None:
        position: dict[int, Any] = {GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (lat, 0.0, 0.0)}
        exif.get_ifd(IFD.GPSInfo).update(position | {GPS.GPSLongitudeRef: "E", GPS.GPSLongitude: (lon, 0.0, 0.0)})
    target = BytesIO()
    Image.effect_noise((64, 48), 60).convert("RGB").save(target, "JPEG", exif=exif)
    return target.getvalue()


def noise() -> bytes:
    """A small photo that says nothing of where and when it was taken, nor looks like another."""
    target = BytesIO()
    Image.effect_noise((64, 48), 60).convert("RGB").save(target, "JPEG")
    return target.getvalue()


def arrival(data: bytes) -> Arrival:
    """A file as it has come with a request, which has to be kept or closed."""
    arrived = Arrival(len(data))
    arrived.write(data)
    return arrived


def upload(who: Person, data: bytes | None = None, **options: Any) -> TestResponse:
    """`who` uploads a photo, which nobody has looked at yet."""
    file = (BytesIO(snapshot() if data is None else data), "photo.jpg", "image/jpeg")
    return who.post("/v1/photos", data={"file": file}, **options)


def code_of(answer: TestResponse) -> tuple[int, str]:
    """A refusal's status and the last word of its type."""
    return answer.status_code, answer.get_json()["type"].rpartition(":")[2]


class Way:
    """The people whom a submission meets in the demo town, and the steps that they make."""

    def __init__(self, app: Flask, people: People, work: Callable[[], int]) -> None:
        self.app, self.people, self.work = app, people, work
        self.cell = locate(HERE["lat"], HERE["lon"]).cell or ""
        self.author = people.resident()
        self.moderator = people.staff("moderator")
        self.officer = people.staff("grid_officer", self.cell)
        self.dispatcher, self.supervisor = people.staff("dispatcher"), people.staff("supervisor")

    def photo(self, who: Person, data: bytes | None = None) -> str:
        """A photo that `who` has uploaded and the worker has looked at."""
        answer = upload(who, data)
        assert answer.status_code == 201
        self.work()
        return str(answer.get_json()["id"])

    def hand_in(self, kind: str = "snap_report", by: Person | None = None, **fields: Any) -> str:
        """A submission that waits for moderation; `place=None` leaves the place out."""
        body = {"kind": kind, "body": "A deep hole in the pavement.", "place": HERE}
        body |= ({"details": _LEAST[kind]} if kind in _LEAST else {}) | fields
        answer = (by or self.author).post("/v1/submissions", {k: v for k, v in body.items() if v is not None})
        assert answer.status_code == 201, answer.get_json()
        self.work()
        return str(answer.get_json()["id"])

    def task(self, submission_id: str, by: Person | None = None) -> dict[str, Any]:
        """The task that waits on the moderator's desk."""
        queue = (by or self.moderator).get("/v1/moderation/queue?limit=100").get_json()["items"]
        found: dict[str, Any] = next(task for task in queue if task["submission_id"] == submission_id)
        return found

    def decide(self, submission_id: str, decision: str, by: Person | None = None, **fields: Any) -> TestResponse:
        """A moderator's decision, worked off."""
        path = f"/v1/moderation/tasks/{self.task(submission_id, by)['id']}/decision"
        answer = (by or self.moderator).post(path, {"decision": decision} | fields)
        self.work()
        return answer

    def accepted(self, kind: str = "snap_report", by: Person | None = None, **fields: Any) -> str:
        """A submission that a moderator has accepted."""
        submission_id = self.hand_in(kind, by, **fields)
        assert self.decide(submission_id, "accept").status_code == 200
        return submission_id

    def filed_for(self, phone: str, by: Person | None = None, hears_by: str = "call", **fields: Any) -> TestResponse:
        """The officer has filed a service for whoever has that phone, who has said yes; not yet worked off.

        `form` is a photo of their consent, `seen` says that the officer has looked at the papers that are needed.
        """
        form, seen = fields.pop("form", None), fields.pop("seen", False)
        said = {"kind": "micro_service", "body": "A sofa.", "place": HERE, "details": {"service": "S0102"}} | fields
        person = {"name": "Granny Li", "phone": phone, "hears_by": hears_by}
        consent = {"how": "oral", "at": now().isoformat(), "witness": "Wang Fang"}
        consent |= {"photo_id": form} if form else {}
        body = {"submission": said, "person": person, "consent": consent, "documents_seen": seen}
        return (by or self.officer).post("/v1/submissions/assisted", body)

    def accepted_for(self, phone: str, **options: Any) -> str:
        """What was filed for somebody, accepted by a moderator."""
        answer = self.filed_for(phone, **options)
        assert answer.status_code == 201, answer.get_json()
        self.work()
        submission_id = str(answer.get_json()["id"])
        assert self.decide(submission_id, "accept").status_code == 200
        return submission_id

    def rejected(self) -> str:
        """A submission that a moderator has rejected."""
        submission_id = self.hand_in()
        assert self.decide(submission_id, "reject", reason="unclear", note="Where is it?").status_code == 200
        return submission_id

    def move(self, who: Person, submission_id: str, name: str, **fields: Any) -> TestResponse:
        """A move on the submission, worked off."""
        headers = fields.pop("headers", {})
        answer = who.post(f"/v1/submissions/{submission_id}/moves", {"move": name} | fields, headers=headers)
        self.work()
        return answer

    def case(self, submission_id: str) -> str:
        """The id of the submission's case."""
        found = cases.of_submission(submission_id)
        assert found is not None
        return str(found.id)

    def act(self, who: Person, submission_id: str, name: str, **fields: Any) -> TestResponse:
        """A move on the submission's case, worked off."""
        headers = fields.pop("headers", {})
        path = f"/v1/cases/{self.case(submission_id)}/moves"
        answer = who.post(path, {"move": name} | fields, headers=headers)
        self.work()
        return answer

    def started(self) -> str:
        """A submission that the officer works on."""
        submission_id = self.accepted()
        for name in ("accept", "start"):
            assert self.act(self.officer, submission_id, name).status_code == 200
        return submission_id

    def pause(self, submission_id: str, wait: timedelta, **fields: Any) -> TestResponse:
        """The officer waits for others, at most so long."""
        asked = {"note": "The pipe is being dug up.", "waits_for": "other_unit", "due_at": (now() + wait).isoformat()}
        return self.act(self.officer, submission_id, "pause", **asked | fields)

    def resolve(self, submission_id: str) -> TestResponse:
        """The officer says that it is done, and shows it."""
        photos = [self.photo(self.officer)]
        return self.act(self.officer, submission_id, "resolve", note="Filled in.", photo_ids=photos)

    def resolved(self) -> str:
        """A submission that waits to be verified."""
        submission_id = self.started()
        assert self.resolve(submission_id).status_code == 200
        return submission_id

    def answered(self) -> str:
        """A submission that waits to be rated."""
        submission_id = self.resolved()
        assert self.act(self.supervisor, submission_id, "verify").status_code == 200
        return submission_id

    def mended(self, who: Person, place: dict[str, Any] = HERE, **fields: Any) -> dict[str, Any]:
        """The case of what an officer has found and mended on the spot, worked off; None leaves a field out."""
        photos = {f"{when}_photo_ids": [upload(who, noise()).get_json()["id"]] for when in ("before", "after")}
        body = photos | {"category": "E0101", "details": {"condition": "E0101-1"}, "place": place, "note": "Swept."}
        answer = who.post(
            "/v1/cases/found", {name: value for name, value in (body | fields).items() if value is not None}
        )
        assert answer.status_code == 201, answer.get_json()
        self.work()
        found: dict[str, Any] = answer.get_json()
        return found

    def state(self, submission_id: str) -> str:
        """The submission's state, as its author sees it."""
        return str(self.author.get(f"/v1/submissions/{submission_id}").get_json()["state"])


@pytest.fixture
def way(town: Flask, people: People, work: Callable[[], int]) -> Way:
    """The demo town with the people whom a submission meets there."""
    return Way(town, people, work)
