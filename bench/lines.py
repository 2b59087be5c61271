"""The lines of the table: what is asked of the service and of its floor."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from random import Random
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4
from wsgiref.types import WSGIApplication, WSGIEnvironment

import numpy as np
import orjson
import shapely
from flask import Flask
from PIL import Image
from sqlalchemy import func, select
from werkzeug.test import create_environ

from bench import prose
from bench.city import anywhere, crowd
from bench.measure import Side, answer, asking
from bench.ours import Service
from participate.kernel.db import db
from participate.photos.sample import draw_sample
from participate.places.coordinates import from_wgs84
from participate.places.drafts import Draft
from participate.places.locate import locate

Request = Callable[[], WSGIEnvironment]
_NEARBY = 10  # are shown, if there are as many.


@dataclass(frozen=True)
class Line:
    """One line: its name, its two sides, and how many calls make up one side's turn."""

    name: str
    ours: Side
    floor: Side
    calls: int


def lines(service: Service, floor: WSGIApplication, cells: list[Draft]) -> Iterator[Line]:
    """All lines, to be measured one by one: what writes comes behind what reads, so that the latter stays the same."""
    author, moderator = service.author, service.moderator

    def line(name: str, request: Request, status: int, calls: int) -> Line:
        return Line(name, asking(service.app, request, status), asking(floor, request, status), calls)

    def reading(name: str, request: Request, calls: int) -> Line:
        assert _ids(service.app, request) == _ids(floor, request), f"{name}: the floor reads other rows"
        return line(name, request, 200, calls)

    yield reading("GET one submission", getting(f"/v1/submissions/{service.submission_id}", author), 20)
    yield _unchanged(service, floor)
    yield reading("public list of 50", getting("/v1/submissions?limit=50"), 10)
    yield reading("moderation queue of 50", getting("/v1/moderation/queue?limit=50", moderator), 10)
    yield _nearby(service, cells)
    submitting = _submitting(author, service.category)
    ours, bare = (_written(service.app, app, submitting) for app in (service.app, floor))
    assert ours == bare, f"the floor writes {bare}, the service {ours}"
    yield line("POST a submission", submitting, 201, 10)
    yield line("POST a 3.5 MB photo", uploading(author), 201, 1)
    yield _points(service, cells)


def _written(service: Flask, app: WSGIApplication, request: Request) -> Counter[str]:
    """How many rows one request to `app` adds to each of the service's tables."""

    def counted() -> Counter[str]:
        with service.app_context(), db.engine.connect() as connection:
            counts = {table.name: connection.scalar(select(func.count()).select_from(table)) for table in tables}
        return Counter(counts)

    tables = db.metadata.sorted_tables
    before = counted()
    answer(app, request())
    return counted() - before


def _ids(app: WSGIApplication, request: Request) -> list[str]:
    found = orjson.loads(answer(app, request())[2])
    return [item["id"] for item in found.get("items", [found])]


def getting(path: str, token: str = "", **headers: str) -> Request:
    """A GET, by whoever holds `token`."""
    given = {**_bearer(token), **headers}
    return lambda: create_environ(path, headers=given)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _unchanged(service: Service, floor: WSGIApplication) -> Line:
    """Each side is shown the ETag that it gave itself."""

    def side(app: WSGIApplication) -> Side:
        path = "/v1/me/submissions"
        _, headers, _ = answer(app, getting(path, service.author)())
        return asking(app, getting(path, service.author, **{"If-None-Match": headers["ETag"]}), 304)

    return Line("own list, unchanged", side(service.app), side(floor), 20)


def _nearby(service: Service, cells: list[Draft]) -> Line:
    """What is near where much is handed in, by all that it may be alike, beside one submission of the same service."""
    one = getting(f"/v1/submissions/{service.submission_id}", service.author)
    photo = orjson.loads(answer(service.app, one())[2])["photos"][0]["id"]
    here = crowd(cells)._asdict()
    typed = {"crs": "wgs84", "category": service.category, "q": prose.body(Random(1))[:40], "photo_id": photo}
    request = getting(f"/v1/submissions/nearby?{urlencode(here | typed)}", service.author)
    found = orjson.loads(answer(service.app, request())[2])["items"]
    assert len(found) == _NEARBY, f"{len(found)} are nearby"
    return Line("nearby, while typing", asking(service.app, request, 200), asking(service.app, one, 200), 20)


def _submitting(token: str, category: str) -> Request:
    chance = Random(1)

    def request() -> WSGIEnvironment:
        point = from_wgs84(*anywhere(chance), "gcj02")
        sent = {
            "kind": "snap_report",
            "title": prose.title(chance),
            "body": prose.body(chance),
            "category": category,
            "place": {"lat": point.lat, "lon": point.lon, "crs": "gcj02", "accuracy_m": 12.0, "address": "解放路"},
        }
        headers = {**_bearer(token), "Idempotency-Key": str(uuid4())}
        return create_environ("/v1/submissions", method="POST", json=sent, headers=headers)

    return request


def uploading(token: str) -> Request:
    """An upload of `phone_photo` by whoever holds `token`."""
    photo = phone_photo()

    def request() -> WSGIEnvironment:
        form: dict[str, Any] = {"file": (BytesIO(photo), "photo.jpg", "image/jpeg")}
        return create_environ("/v1/photos", method="POST", data=form, headers=_bearer(token))

    return request


def phone_photo() -> bytes:
    """The sample's 12 megapixels, saved as finely as a phone does: about 3.5 MB."""
    drawn = Image.open(BytesIO(draw_sample(*anywhere(Random(1)), datetime.now(UTC))))
    saved = BytesIO()
    drawn.save(saved, "JPEG", quality=99, subsampling=0, exif=drawn.getexif())
    return saved.getvalue()


def _points(service: Service, cells: list[Draft]) -> Line:
    """No request: which cell a point lies in, beside what the tree of polygons alone takes."""
    tree = shapely.STRtree(shapely.from_wkb(np.array([cell.boundary for cell in cells], dtype=object)))

    def bare(lat: float, lon: float) -> object:
        return tree.query(shapely.Point(lon, lat), predicate="intersects")

    return Line("point to cell", _finding(locate, service.app), _finding(bare, service.app), 2000)


def _finding(find: Callable[[float, float], object], app: Flask) -> Side:
    """Looks points up within one of `app`'s contexts, as a request does."""
    chance = Random(1)

    def prepare(calls: int) -> Callable[[], None]:
        points = [anywhere(chance) for _ in range(calls)]

        def run() -> None:
            with app.app_context():
                for lat, lon in points:
                    find(lat, lon)

        return run

    return prepare
