"""Points come back from every coordinate system exactly, and as an independent implementation has them."""

import math
import random

import prcoords
import pytest
from hypothesis import given
from hypothesis import strategies as st

from participate.kernel.errors import Invalid
from participate.places.coordinates import CRS_NAMES, Point, from_wgs84, metres, metres_per_degree, to_wgs84

TENTH_OF_A_MILLIMETRE = 0.0001
TWO_CENTIMETRES = 0.02

_random = random.Random(430000)
HUNAN = [Point(_random.uniform(24.6, 30.2), _random.uniform(108.7, 114.3)) for _ in range(20_000)]


@pytest.mark.parametrize("crs", CRS_NAMES)
def test_there_and_back_is_where_one_began(crs: str) -> None:
    assert max(metres(point, to_wgs84(*from_wgs84(*point, crs), crs)) for point in HUNAN) <= TENTH_OF_A_MILLIMETRE


@pytest.mark.parametrize(("crs", "oracle"), [("gcj02", prcoords.wgs_gcj), ("bd09", prcoords.wgs_bd)])
def test_another_implementation_agrees(crs: str, oracle: object) -> None:
    assert callable(oracle)
    assert max(metres(from_wgs84(*point, crs), Point(*oracle(point))) for point in HUNAN) <= TWO_CENTIMETRES


@pytest.mark.parametrize(("crs", "oracle"), [("gcj02", prcoords.gcj_wgs_bored), ("bd09", prcoords.bd_wgs_bored)])
def test_another_implementation_agrees_backwards(crs: str, oracle: object) -> None:
    assert callable(oracle)
    shifted = [from_wgs84(*point, crs) for point in HUNAN[:5000]]
    assert max(metres(to_wgs84(*point, crs), Point(*oracle(point))) for point in shifted) <= TWO_CENTIMETRES


def test_taking_one_system_for_another_is_off_by_hundreds_of_metres() -> None:
    assert min(metres(point, from_wgs84(*point, "gcj02")) for point in HUNAN[:1000]) > 400


@pytest.mark.parametrize("crs", ["wgs84", "cgcs2000"])
def test_what_is_wgs84_already_is_left_alone(crs: str) -> None:
    assert to_wgs84(28.2, 112.95, crs) == (28.2, 112.95)


@given(
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.sampled_from(CRS_NAMES),
)
def test_anywhere_on_the_globe_the_answer_is_right_or_a_refusal(lat: float, lon: float, crs: str) -> None:
    try:
        found = to_wgs84(lat, lon, crs)
        shifted = from_wgs84(*found, crs)
    except Invalid:
        return
    assert math.isclose(shifted.lat, lat, abs_tol=1e-8)
    assert math.isclose(shifted.lon, lon, abs_tol=1e-8)


@pytest.mark.parametrize(
    ("lat", "lon", "fields"),
    [
        (90.1, 0, ["lat"]),
        (0, -180.1, ["lon"]),
        (math.nan, 0, ["lat"]),
        (0, math.inf, ["lon"]),
        (111.9, 282.0, ["lat", "lon"]),
    ],
)
def test_what_is_not_on_the_globe_is_refused(lat: float, lon: float, fields: list[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        to_wgs84(lat, lon, "wgs84")
    assert [fault.field for fault in refusal.value.faults] == fields


def test_an_unknown_system_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        to_wgs84(28, 112, "epsg4326")
    assert refusal.value.faults[0].field == "crs"


def test_far_from_china_its_systems_are_refused_rather_than_guessed() -> None:
    with pytest.raises(Invalid) as refusal:
        to_wgs84(-89.9, -179, "gcj02")
    assert [fault.code for fault in refusal.value.faults] == ["crs_far"]


def test_distances_are_those_of_the_ellipsoid() -> None:
    # The usual series for WGS-84: 111132.92 - 559.82 cos 2L + 1.175 cos 4L, and 111412.84 cos L - 93.5 cos 3L.
    north, east = metres_per_degree(28)
    assert north == pytest.approx(110_819.4, abs=1)
    assert east == pytest.approx(98_361.8, abs=1)
    assert metres(Point(28, 179.999), Point(28, -179.999)) == pytest.approx(0.002 * east, rel=1e-6)
