"""What an earlier release took in gets its square of the map by and by, and is found near by then."""

import pytest
from flask import Flask
from sqlalchemy import update

from participate.kernel.db import execute, table, transaction
from participate.places.coordinates import Point, metres
from participate.submissions import tiles
from participate.submissions.models import Submission
from tests.steps import HERE, Way


def test_it_is_found_once_it_is_filled_in(app: Flask, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "_BATCH", 2)
    made = [way.accepted("micro_suggestion") for _ in range(3)]
    way.accepted("micro_suggestion", place=None)
    with transaction():
        execute(update(table(Submission)).values(tile=None))
    app.extensions.pop(tiles._POSITION, None)
    assert near(way) == set()
    assert sum(iter(tiles.fill, 0)) == 4
    assert near(way) == set(made)
    assert tiles.fill() == 0


def near(way: Way) -> set[str]:
    found = way.people.nobody().get("/v1/submissions/nearby", query_string=HERE).get_json()["items"]
    return {each["id"] for each in found}


@pytest.mark.parametrize("lat", [-89.0, -45.0, 0.0, 28.2282, 60.0])
@pytest.mark.parametrize("lon", [-179.9995, 0.0, 112.9388, 179.9995])
def test_the_squares_around_hold_all_that_is_near(lat: float, lon: float) -> None:
    around = set(tiles.tiles_around(lat, lon, 200))
    for north in range(-20, 21):
        for east in range(-20, 21):
            point = Point(lat + north / 11_000, (lon + east / 11_000 + 180) % 360 - 180)
            if metres(Point(lat, lon), point) <= 200:
                assert tiles.tile_of(point.lat, point.lon) in around
