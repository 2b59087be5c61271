"""Files of areas go in completely and once, or every fault in them is named and nothing is written."""

from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import orjson
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from participate.kernel.db import db, one, rows
from participate.kernel.errors import Invalid
from participate.places import queries
from participate.places.drafts import Draft
from participate.places.models import Area, AreaBoundary
from participate.places.service import Counts, import_areas, store

SQUARE = [[112, 28], [113, 28], [113, 29], [112, 29]]
SMALLER = [[112, 28], [112.5, 28], [112.5, 29], [112, 29]]
BOW_TIE = [[112, 28], [113, 29], [113, 28], [112, 29]]

Write = Callable[..., Path]


def _faults(path: Path) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refusal:
        import_areas(path)
    return [(fault.field, fault.code) for fault in refusal.value.faults]


def _areas() -> int:
    row = one(select(func.count()).select_from(Area))
    assert row is not None
    return int(row[0])


def test_a_sheet_brings_names_and_all_that_lies_above(app: Flask, sheet: Write) -> None:
    counts = import_areas(sheet("code,name\n431271001,某镇\n431271001001,某村\n"))
    assert counts == Counts(added=2, placeholders=3)
    found = _all()
    assert found["43"] == ("43", "province", None)
    assert found["431271"] == ("431271", "district", "4312")
    assert found["431271001001"] == ("某村", "community", "431271001")


def _all() -> dict[str, tuple[str, str, str | None]]:
    found = rows(select(Area.code, Area.name, Area.level, Area.parent))
    return {row.code: (row.name, row.level, row.parent) for row in found}


def test_a_placeholder_is_named_by_a_later_import(app: Flask, sheet: Write) -> None:
    import_areas(sheet("code,name\n431271001,某镇\n"))
    assert import_areas(sheet("code,name\n431271,某区\n")) == Counts(changed=1)
    assert _all()["431271"][0] == "某区"


def test_the_byte_order_mark_and_windows_lines_and_more_columns_do_no_harm(app: Flask, sheet: Write) -> None:
    counts = import_areas(sheet('\ufeff编号, code,name\r\n1, 430102001 ,"文艺路,街道"\r\n\r\n2,430102002,朝阳街,\r\n'))
    assert counts.added == 2
    assert _all()["430102002"][0] == "朝阳街"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["43", "4301", "430102", "430103", "430102001", "430102001001", "430102001001001"]),
        st.text("甲乙丙丁", min_size=1, max_size=5),
        min_size=1,
    )
)
def test_a_second_time_nothing_changes(app: Flask, sheet: Write, names: dict[str, str]) -> None:
    path = sheet("code,name\n" + "".join(f"{code},{name}\n" for code, name in names.items()))
    import_areas(path)
    before = _all()
    assert import_areas(path) == Counts(unchanged=len(names))
    assert _all() == before
    assert all(before[code][0] == name for code, name in names.items())


def test_polygons_a_second_time_are_the_same(app: Flask, geojson: Write) -> None:
    assert import_areas(geojson((430102, "芙蓉区", SQUARE))) == Counts(added=1, placeholders=2, redrawn=1)
    turned = SQUARE[2:] + SQUARE[:2]
    assert import_areas(geojson(("430102", "芙蓉区", turned))) == Counts(unchanged=1)


def test_a_changed_boundary_is_appended_and_the_old_one_stays(app: Flask, geojson: Write, sheet: Write) -> None:
    import_areas(geojson(("430102", "芙蓉区", SQUARE)))
    assert import_areas(geojson(("430102", "芙蓉区", SMALLER))) == Counts(changed=1, redrawn=1)
    assert import_areas(sheet("code,name\n430102,芙蓉\n")) == Counts(changed=1)
    kept = rows(select(AreaBoundary.version).order_by(AreaBoundary.version))
    assert [row.version for row in kept] == [1, 2]
    assert _easternmost(queries.boundary_geojson("430102", version=1)) == 113
    assert _easternmost(queries.boundary_geojson("430102")) == 112.5
    area = queries.area("430102")
    assert area is not None
    assert (area.name, area.version) == ("芙蓉", 3)


def _easternmost(feature: dict[str, Any] | None) -> float:
    assert feature is not None
    return max(float(lon) for lon, _ in feature["geometry"]["coordinates"][0])


def test_every_fault_of_a_sheet_is_named_and_nothing_is_written(app: Flask, sheet: Write) -> None:
    rows_ = [
        "code,name",
        "430102001,好街道",
        "43010,短",
        ",无码",
        "430102002,",
        "430102001000,又一次",
        "430103,a\0b",
        "1,,3",
    ]
    assert _faults(sheet("\n".join(rows_))) == [
        ("3.code", "area_code"),
        ("4.code", "required"),
        ("5.name", "required"),
        ("6.code", "same_as_row"),
        ("7.name", "area_name"),
        ("8", "not_csv"),
    ]
    assert _areas() == 0


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        ("", [("1.code", "required"), ("1.name", "required")]),
        ("name\n某镇\n", [("1.code", "required")]),
        ("code,name\n430102,芙蓉区\n".encode("gb18030"), [("file", "not_utf8")]),
        ('code,name\n430102,"芙蓉\n', [("2", "not_csv")]),
        (f"code,name\n430102,{'长' * 101}\n", [("2.name", "length")]),
    ],
)
def test_a_sheet_that_cannot_be_read_says_where(app: Flask, sheet: Write, content: str, faults: object) -> None:
    assert _faults(sheet(content)) == faults


def test_every_fault_of_the_polygons_is_named_and_nothing_is_written(app: Flask, geojson: Write) -> None:
    flat = [[112, 28], [113, 29], [112, 28]]
    swapped = [[lat, lon] for lon, lat in SQUARE]
    path = geojson(
        ("430102", "好", SQUARE),
        ("430103", "无面积", flat),
        ("430104", "颠倒", swapped),
        (430105.5, None, SQUARE),
        ("430106", "文字", [["a", "b"], [1, 2], [2, 3]]),
        (None, "无码", SQUARE),
    )
    assert _faults(path) == [
        ("2.geometry", "polygon_empty"),
        ("3.geometry", "polygon_range"),
        ("4.adcode", "area_code"),
        ("4.name", "required"),
        ("5.geometry", "polygon"),
        ("6.code", "required"),
    ]
    assert _areas() == 0


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b'{"features": [', ("1:15", "json_syntax")),
        (b"[]", ("features", "required")),
        (b'{"features": [7]}', ("1.properties", "required")),
        (b'{"features": [{"properties": {"code": "43", "name": "a"}}]}', ("1.geometry", "polygon")),
        (b'{"features": [], "crs": null}', ("crs", "file_crs")),
    ],
)
def test_geojson_that_cannot_be_read_says_where(
    app: Flask, tmp_path: Path, content: bytes, fault: tuple[str, str]
) -> None:
    path = tmp_path / "areas.geojson"
    path.write_bytes(content)
    assert _faults(path) == [fault]


@pytest.mark.parametrize(
    "name",
    ["urn:ogc:def:crs:EPSG::4490", "EPSG:4326", "urn:ogc:def:crs:EPSG:9.9:4490", "urn:ogc:def:crs:OGC:1.3:CRS84"],
)
def test_these_reference_systems_are_taken(app: Flask, geojson: Write, name: str) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    assert import_areas(geojson(("43", "湖南省", SQUARE), crs=crs)).added == 1


@pytest.mark.parametrize("name", ["EPSG:3857", "urn:ogc:def:crs:EPSG::4491", "EPSG:44900", "GCJ02"])
def test_others_are_refused_by_name(app: Flask, geojson: Write, name: str) -> None:
    assert _faults(geojson(("43", "湖南省", SQUARE), crs={"properties": {"name": name}})) == [("crs", "file_crs")]


def test_a_polygon_that_crosses_itself_is_repaired_and_counted(app: Flask, geojson: Write) -> None:
    assert import_areas(geojson(("430102", "芙蓉区", BOW_TIE))).repaired == 1
    feature = queries.boundary_geojson("430102")
    assert feature is not None
    assert feature["geometry"]["type"] == "MultiPolygon"


def test_a_file_of_another_kind_is_refused(app: Flask, tmp_path: Path) -> None:
    assert _faults(tmp_path / "areas.shp") == [("file", "area_file")]


def _sheet_of_3000(sheet: Write) -> Path:
    lines = (f"4301{number // 100 + 10}001{number % 100 + 1:03},村" for number in range(3000))
    return sheet("\n".join(["code,name", *lines]))


def test_progress_reaches_the_end(app: Flask, sheet: Write) -> None:
    told: list[tuple[int, int]] = []
    import_areas(_sheet_of_3000(sheet), lambda *done: told.append(done))
    assert told == [(2000, 3000), (3000, 3000)]


def test_a_failure_half_way_leaves_nothing(app: Flask, sheet: Write) -> None:
    def stop_at_the_second_batch(done: int, _all: int) -> None:
        if done > 2000:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        import_areas(_sheet_of_3000(sheet), stop_at_the_second_batch)
    assert _areas() == 0


def test_two_first_imports_at_once_add_each_area_once(app: Flask, other_process: Flask) -> None:
    drafts = [Draft(f"430102001{number:03}", "村") for number in range(1, 500)]
    counts: list[Counts] = []

    def run(process: Flask) -> None:
        with process.app_context():
            counts.append(store(drafts))
            db.session.remove()

    threads = [Thread(target=run, args=(process,)) for process in (app, other_process)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(count.added for count in counts) == [0, 499]
    assert sorted(count.unchanged for count in counts) == [0, 499]


def test_geojson_keeps_the_places_of_its_numbers(app: Flask, tmp_path: Path) -> None:
    """Height is dropped, holes are kept."""
    hole = [[112.4, 28.4], [112.4, 28.6], [112.6, 28.6], [112.4, 28.4]]
    rings = [[[*corner, 55.5] for corner in [*SQUARE, SQUARE[0]]], [[*corner, 55.5] for corner in hole]]
    feature = {
        "type": "Feature",
        "properties": {"code": "43", "name": "湖南省"},
        "geometry": {"type": "Polygon", "coordinates": rings},
    }
    path = tmp_path / "areas.json"
    path.write_bytes(b"\xef\xbb\xbf" + orjson.dumps({"type": "FeatureCollection", "features": [feature]}))
    import_areas(path)
    kept = queries.boundary_geojson("43")
    assert kept is not None
    assert len(kept["geometry"]["coordinates"]) == 2
    assert all(len(corner) == 2 for ring in kept["geometry"]["coordinates"] for corner in ring)
