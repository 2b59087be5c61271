"""A point lies in one cell, the same each time; in none, it goes to the smallest area around it; else nowhere."""

import pytest
import shapely
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from participate.places.boundaries import to_wkb
from participate.places.coordinates import Point, metres, metres_per_degree
from participate.places.drafts import Draft
from participate.places.locate import NOWHERE, Index, locate
from participate.places.service import store

COMMUNITY = "430102001001"
# Two cells side by side in a community that reaches further north, in a street that reaches further still.
SHAPES = {
    "430102": shapely.box(112.0, 28.0, 112.4, 28.4),
    "430102001": shapely.box(112.1, 28.1, 112.3, 28.3),
    COMMUNITY: shapely.box(112.1, 28.1, 112.2, 28.2),
    f"{COMMUNITY}001": shapely.box(112.1, 28.1, 112.15, 28.15),
    f"{COMMUNITY}002": shapely.box(112.15, 28.1, 112.2, 28.15),
}
INDEX = Index([(code, 1, to_wkb(shape)) for code, shape in SHAPES.items()])


def test_the_cell_is_found_with_all_areas_above_it() -> None:
    found = INDEX.locate(28.12, 112.11)
    assert found.cell == f"{COMMUNITY}001"
    assert found.area == COMMUNITY
    assert found.areas == (COMMUNITY, "430102001", "430102", "4301", "43")
    assert (found.found_by, found.boundary_version) == ("cell", 1)


def test_on_a_shared_edge_the_lowest_code_has_it_whatever_the_order() -> None:
    backwards = Index([(code, 1, to_wkb(shape)) for code, shape in reversed(SHAPES.items())])
    for index in (INDEX, backwards):
        found = index.locate(28.12, 112.15)
        assert found.cell == f"{COMMUNITY}001"
        assert found.edge_m == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("lat", "area"), [(28.17, COMMUNITY), (28.25, "430102001"), (28.35, "430102")])
def test_in_no_cell_it_is_the_smallest_area_around(lat: float, area: str) -> None:
    found = INDEX.locate(lat, 112.15)
    assert (found.cell, found.area, found.found_by) == (None, area, "area")
    assert found.areas[0] == area
    assert found.areas[-1] == "43"


@pytest.mark.parametrize(("lat", "lon"), [(27.999, 112.1), (28.1, 112.401), (-28.1, 112.1), (90, 180)])
def test_outside_all_it_is_nowhere(lat: float, lon: float) -> None:
    assert INDEX.locate(lat, lon) == NOWHERE


def test_where_no_boundary_is_known_every_point_is_nowhere(app: Flask) -> None:
    assert locate(28.12, 112.11) == NOWHERE


def test_a_part_of_a_cell_goes_before_the_cell() -> None:
    part = f"{COMMUNITY}001001"
    shapes = {**SHAPES, part: shapely.box(112.1, 28.1, 112.12, 28.12)}
    index = Index([(code, 1, to_wkb(shape)) for code, shape in shapes.items()])
    found = index.locate(28.11, 112.11)
    assert (found.cell, found.area) == (part, COMMUNITY)


def test_the_nearest_edge_is_told_in_metres() -> None:
    found = INDEX.locate(28.12, 112.149)
    assert found.edge_m == pytest.approx(metres(Point(28.12, 112.149), Point(28.12, 112.15)), rel=0.01)
    found = INDEX.locate(28.101, 112.12)
    assert found.edge_m == pytest.approx(metres(Point(28.101, 112.12), Point(28.1, 112.12)), rel=0.01)


def test_the_edge_of_a_hole_is_an_edge() -> None:
    ring = shapely.box(112.0, 28.0, 112.4, 28.4).difference(shapely.box(112.1, 28.1, 112.3, 28.3))
    index = Index([("430102", 1, to_wkb(ring))])
    assert index.locate(28.2, 112.2) == NOWHERE
    expected = metres(Point(28.2, 112.099), Point(28.2, 112.1))
    assert index.locate(28.2, 112.099).edge_m == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("corners", [5, 8, 12, 40, 400])
@given(lon=st.floats(112.1, 112.3), lat=st.floats(28.1, 28.3))
def test_the_edge_is_as_far_for_few_corners_as_for_many(corners: int, lon: float, lat: float) -> None:
    """Of a long outline only the nearest runs are measured: few and many are held against the same third."""
    rings = [shapely.Point(112.2, 28.2).buffer(radius).exterior for radius in (0.2, 0.08)]
    star = [rings[number % 2].interpolate(number / corners, normalized=True) for number in range(corners)]
    shape = shapely.Polygon(star)
    found = Index([("430102", 1, to_wkb(shape))]).locate(lat, lon)
    if found.edge_m is not None:
        north, east = metres_per_degree(lat)
        flat = shapely.transform(shape.exterior, lambda degrees: degrees * (east, north))
        assert found.edge_m == pytest.approx(flat.distance(shapely.Point(lon * east, lat * north)), abs=0.001)


@given(st.floats(111.9, 112.5), st.floats(27.9, 28.5))
def test_the_index_finds_what_a_look_at_every_shape_finds(lon: float, lat: float) -> None:
    holding = [code for code, shape in SHAPES.items() if shape.intersects(shapely.Point(lon, lat))]
    deepest = min(holding, key=lambda code: (-len(code), code), default=None)
    found = INDEX.locate(lat, lon)
    assert (found.cell or found.area) == deepest


def test_the_version_is_that_of_the_boundary_that_held_it(app: Flask) -> None:
    store([Draft("430102", "芙蓉区", to_wkb(SHAPES["430102"]))])
    assert locate(28.35, 112.35).boundary_version == 1
    store([Draft("430102", "芙蓉区", to_wkb(shapely.box(112, 28, 113, 29)))])
    assert locate(28.35, 112.35).boundary_version == 2
