"""Synthetic cells cover a polygon without gap or overlap, and a demo district can be laid around any place."""

import math

import pytest
import shapely
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from participate.kernel.errors import Invalid
from participate.places import queries
from participate.places.coordinates import metres_per_degree
from participate.places.drafts import Draft
from participate.places.lattice import demo_district, lay
from participate.places.locate import Index, locate
from participate.places.service import Counts, seed_demo_areas

COMMUNITY = "430102001001"
LATITUDES, LONGITUDES = st.floats(-80, 80), st.floats(-179, 179)


def _shapes(drafts: list[Draft]) -> list[BaseGeometry]:
    return [shapely.from_wkb(draft.boundary) for draft in drafts if draft.boundary is not None]


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.floats(112, 112.05), st.floats(28, 28.05)), min_size=3, max_size=12),
    st.floats(200, 2000),
)
def test_cells_cover_any_polygon_once(corners: list[tuple[float, float]], side_m: float) -> None:
    polygon = shapely.MultiPoint(corners).convex_hull
    if not isinstance(polygon, shapely.Polygon) or polygon.area < 1e-5:
        return
    shapes = _shapes(lay(COMMUNITY, polygon, side_m))
    assert shapely.union_all(shapes).symmetric_difference(polygon).area <= polygon.area * 1e-5
    assert sum(shape.area for shape in shapes) == pytest.approx(polygon.area, rel=1e-5)


def test_cells_are_numbered_below_their_community_and_about_as_long_as_asked() -> None:
    cells = lay(COMMUNITY, shapely.box(112, 28, 112.05, 28.05), 500)
    assert [cell.code for cell in cells] == [f"{COMMUNITY}{number:03}" for number in range(1, len(cells) + 1)]
    assert all(cell.synthetic for cell in cells)
    north, east = metres_per_degree(28.025)
    for shape in _shapes(cells):
        west, south, east_end, north_end = shape.bounds
        assert (east_end - west) * east == pytest.approx(500, rel=0.06)
        assert (north_end - south) * north == pytest.approx(500, rel=0.06)


@pytest.mark.parametrize("side_m", [10, 0.001])
def test_more_cells_than_a_community_has_numbers_are_refused(side_m: float) -> None:
    with pytest.raises(Invalid) as refusal:
        lay(COMMUNITY, shapely.box(112, 28, 112.05, 28.05), side_m)
    assert refusal.value.faults[0].code == "cells"


@settings(max_examples=10, deadline=None)
@given(LATITUDES, LONGITUDES, st.data())
def test_within_two_and_a_half_kilometres_every_point_has_one_cell(lat: float, lon: float, data: st.DataObject) -> None:
    areas = demo_district(lat, lon)
    index = Index([(area.code, 1, area.boundary) for area in areas if area.boundary is not None])
    north, east = metres_per_degree(lat)
    for _ in range(20):
        far, bearing = data.draw(st.floats(0, 2500)), data.draw(st.floats(0, math.tau))
        point = lat + far * math.sin(bearing) / north, lon + far * math.cos(bearing) / east
        found = index.locate(*point)
        assert found.found_by == "cell"
        assert found.areas[-3:] == ("990101", "9901", "99")
        assert found.cell is not None
        assert found.cell.startswith(found.areas[0])


@settings(max_examples=20, deadline=None)
@given(LATITUDES, LONGITUDES)
def test_the_demo_has_its_levels_and_its_cells_do_not_overlap(lat: float, lon: float) -> None:
    areas = demo_district(lat, lon)
    lengths = [len(area.code) for area in areas]
    assert {length: lengths.count(length) for length in lengths} == {2: 1, 4: 1, 6: 1, 9: 2, 12: 4, 15: 144}
    assert all(area.synthetic for area in areas)
    cells = _shapes([area for area in areas if len(area.code) == 15])
    [district] = _shapes([area for area in areas if area.code == "990101"])
    assert shapely.union_all(cells).equals(district)
    assert sum(cell.area for cell in cells) == pytest.approx(district.area, rel=1e-9)


def test_the_place_itself_lies_in_the_middle_of_a_cell(app: Flask) -> None:
    seed_demo_areas(28.2, 112.95)
    assert locate(28.2, 112.95).edge_m == pytest.approx(250, rel=0.01)
    area = queries.area("990101")
    assert area is not None
    assert (area.name, area.synthetic, area.has_boundary) == ("示范区", True, True)


def test_the_demo_is_laid_once_and_can_be_moved(app: Flask) -> None:
    assert seed_demo_areas(28.2, 112.95).added == 153
    assert seed_demo_areas(28.2, 112.95) == Counts(unchanged=153)
    assert seed_demo_areas(52.5, 13.4) == Counts(changed=151, unchanged=2, redrawn=151)
    assert locate(52.5, 13.4).found_by == "cell"
    assert locate(28.2, 112.95).found_by == "none"


@pytest.mark.parametrize(("lat", "lon"), [(89, 0), (0, 179.9), (math.nan, 0)])
def test_where_a_square_is_none_the_demo_is_refused(lat: float, lon: float) -> None:
    with pytest.raises(Invalid):
        demo_district(lat, lon)
