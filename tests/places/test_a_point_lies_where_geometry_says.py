"""Which shape holds a point is answered as a geometry library answers it, on edges and at corners to the last bit."""

import math
from collections.abc import Sequence

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from participate.places.boundaries import to_wkb
from participate.places.coordinates import metres_per_degree
from participate.places.locate import Index
from participate.places.outlines import Outlines

# A star of many corners with a hole in it, an island beside it, and a thin sliver that is no rectangle.
STAR = shapely.Polygon(
    [
        (112 + reach * math.cos(turn / 50 * math.tau), 28 + reach * math.sin(turn / 50 * math.tau))
        for turn, reach in enumerate([0.3, 0.12] * 25)
    ],
    [shapely.box(111.95, 27.95, 112.05, 28.05).exterior.coords],
)
ISLAND = shapely.Point(112.6, 28.1).buffer(0.1, quad_segs=64)
SHAPES = {
    "430102": shapely.MultiPolygon([STAR, ISLAND]),
    "430103": shapely.Polygon([(112.7, 28.0), (112.70001, 28.0), (112.9, 28.3), (112.89999, 28.3)]),
    "430104": shapely.Polygon([(112.2, 28.2), (112.7, 28.2), (112.7, 28.4), (112.45, 28.3), (112.2, 28.4)]),
}
INDEX = Index((code, 1, to_wkb(shape)) for code, shape in SHAPES.items())
CORNERS = [(float(x), float(y)) for shape in SHAPES.values() for x, y in shapely.get_coordinates(shape)]
EDGES = [
    (ring.coords[number], ring.coords[number + 1])
    for shape in SHAPES.values()
    for ring in shapely.get_rings(shape)
    for number in range(len(ring.coords) - 1)
]


def _first_that_holds(lon: float, lat: float) -> str | None:
    point = shapely.Point(lon, lat)
    return min((code for code, shape in SHAPES.items() if shape.covers(point)), default=None)


def _agrees(lon: float, lat: float) -> bool:
    return INDEX.locate(lat, lon).area == _first_that_holds(lon, lat)


@given(st.floats(111.6, 113), st.floats(27.6, 28.5))
def test_anywhere(lon: float, lat: float) -> None:
    assert _agrees(lon, lat)


@pytest.mark.parametrize("towards", [-math.inf, math.inf])
def test_at_every_corner_and_right_beside_it(towards: float) -> None:
    for lon, lat in CORNERS:
        beside_lon, beside_lat = math.nextafter(lon, towards), math.nextafter(lat, towards)
        assert INDEX.locate(lat, lon).area is not None
        assert all(_agrees(*point) for point in ((lon, lat), (beside_lon, lat), (lon, beside_lat)))


@given(st.sampled_from(EDGES), st.floats(0, 1), st.integers(-2, 2), st.integers(-2, 2))
def test_on_an_edge_and_a_few_bits_beside_it(
    edge: tuple[tuple[float, float], tuple[float, float]], share: float, right: int, up: int
) -> None:
    (x1, y1), (x2, y2) = edge
    lon, lat = x1 + share * (x2 - x1), y1 + share * (y2 - y1)
    assert _agrees(lon + right * math.ulp(lon), lat + up * math.ulp(lat))


@given(st.sampled_from(CORNERS), st.floats(111.6, 113))
def test_at_the_height_of_a_corner(corner: tuple[float, float], lon: float) -> None:
    """The ray that is counted along runs through corners and along level edges here."""
    assert _agrees(lon, corner[1])


def test_where_rounding_would_decide_it_is_worked_out_exactly() -> None:
    """Beside a diagonal, a plain cross product of these numbers has the wrong sign every few bits."""
    below = shapely.Polygon([(-12, -12), (24, -12), (24, 24)])
    index = Index([("99", 1, to_wkb(below))])
    for right in range(32):
        for up in range(32):
            lon, lat = 0.5 + right * math.ulp(0.25), 0.5 + up * math.ulp(0.25)
            assert (index.locate(lat, lon).area is not None) == (lat <= lon)


SIZES = st.sampled_from([1e-6, 1e-4, 0.001, 0.00195, 2**-9, 0.06, 1, 40, 170])
PLACES = st.tuples(st.floats(-180, 180), st.floats(-90, 90), SIZES, st.floats(0.1, 1))


@given(st.lists(PLACES, min_size=1, max_size=12), st.data())
def test_boxes_of_all_sizes_all_over_the_globe(places: Sequence[tuple[float, ...]], data: st.DataObject) -> None:
    boxes: dict[str, BaseGeometry] = {}
    for number, (lon, lat, size, ratio) in enumerate(places):
        box = shapely.box(lon, lat, min(lon + size, 180), min(lat + size * ratio, 90))
        if box.area:
            boxes[f"4301{number + 1:02}"] = box
    index = Index((code, 1, to_wkb(box)) for code, box in boxes.items())
    for box in boxes.values():
        west, south, east, north = box.bounds
        lon, lat = data.draw(st.floats(west, east)), data.draw(st.floats(south, north))
        for x, y in ((lon, lat), (west, lat), (east, lat), (lon, south), (lon, north), (east, north)):
            holding = [code for code, each in boxes.items() if each.covers(shapely.Point(x, y))]
            assert index.locate(y, x).area == min(holding)


def test_corners_that_are_there_twice_are_no_edges() -> None:
    west, east = [(112.0, 28.0)] * 3, [(112.1, 28.0), (112.1, 28.1), (112.1, 28.1), (112.0, 28.1)]
    shape = shapely.Polygon([*west, *east])
    outlines = Outlines()
    outlines.add(shapely.to_wkb(shape, byte_order=1))
    assert outlines.holds(0, 28.05, 112.05)
    assert outlines.distance(0, 28.05, 112.01) == pytest.approx(0.01 * metres_per_degree(28.05)[1], abs=0.01)
