"""Areas are read one by one, upward, and downward page by page; each read is served by an index."""

from collections.abc import Callable
from typing import Any

import pytest
import shapely
from flask import Flask
from sqlalchemy import event

from participate.kernel.db import db, is_sqlite
from participate.kernel.paging import page
from participate.places import queries
from participate.places.boundaries import to_wkb
from participate.places.drafts import Draft
from participate.places.models import Area
from participate.places.service import store


@pytest.fixture(autouse=True)
def areas(app: Flask) -> None:
    villages = [Draft(f"430102001{number:03}", f"第{number}村") for number in range(1, 6)]
    square = to_wkb(shapely.box(112, 28, 113, 29))
    store([Draft("430102", "芙蓉区", square), Draft("430102001", "文艺路街道"), *villages])


def test_an_area_by_its_code() -> None:
    area = queries.area("430102")
    assert area is not None
    assert area._asdict() == {
        "code": "430102",
        "name": "芙蓉区",
        "level": "district",
        "parent": "4301",
        "has_boundary": True,
        "synthetic": False,
        "version": 1,
    }


def test_no_area_by_an_unknown_code() -> None:
    assert queries.area("430103") is None
    assert queries.boundary_geojson("430103") is None
    assert _children("430103", 10) == {"items": [], "next": None}


def _children(code: str, limit: int, cursor: str | None = None) -> dict[str, Any]:
    below = {"parent": code}
    return page(queries.CHILDREN, [Area.code], lambda row: {"code": row.code}, limit, cursor, parameters=below)


def test_children_come_page_by_page() -> None:
    first = _children("430102001", 2)
    second = _children("430102001", 2, first["next"])
    third = _children("430102001", 2, second["next"])
    villages = [{"code": f"430102001{number:03}"} for number in range(1, 6)]
    assert [each["items"] for each in (first, second, third)] == [villages[:2], villages[2:4], villages[4:]]
    assert third["next"] is None


def test_an_area_and_those_above_it_come_from_the_smallest() -> None:
    upward = [row.code for row in queries.upward("430102001005")]
    assert upward == ["430102001005", "430102001", "430102", "4301", "43"]


def test_a_boundary_is_a_geojson_feature_drawn_counter_clockwise() -> None:
    feature = queries.boundary_geojson("430102")
    assert feature is not None
    assert feature["properties"] == {"code": "430102", "name": "芙蓉区", "level": "district", "boundary_version": 1}
    [ring] = feature["geometry"]["coordinates"]
    assert shapely.LinearRing(ring).is_ccw
    assert shapely.Polygon(ring).bounds == (112, 28, 113, 29)


def test_an_area_without_a_boundary_has_no_feature() -> None:
    assert queries.boundary_geojson("430102001") is None


@pytest.mark.parametrize(
    "read",
    [
        lambda: queries.area("430102"),
        lambda: _children("430102001", 2, "WyI0MzAxMDIwMDEwMDIiXQ"),  # behind 430102001002
        lambda: queries.upward("430102001005"),
        lambda: queries.boundary_geojson("430102"),
        queries.revision,
    ],
)
def test_no_read_looks_through_the_whole_table(read: Callable[[], Any]) -> None:
    if not is_sqlite():
        return  # PostgreSQL plans by statistics, and reads a table of this size whole in any case.
    ran: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        ran.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    read()
    event.remove(db.engine, "before_cursor_execute", note)
    [(statement, parameters)] = ran
    with db.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    assert not [step for *_, step in plan if step.startswith("SCAN") or "TEMP B-TREE" in step]
