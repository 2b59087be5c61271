"""Points in the four coordinate systems that Chinese maps and phones speak, and distances in metres."""

import math
from collections.abc import Callable
from typing import Literal, NamedTuple, get_args

from participate.kernel.errors import Fault, Invalid

CRS = Literal["wgs84", "gcj02", "bd09", "cgcs2000"]
CRS_NAMES: tuple[CRS, ...] = get_args(CRS)

# WGS-84, NIMA TR8350.2.
_WGS_AXIS = 6378137.0
_WGS_E2 = 0.00669437999014
# Krasovsky 1940, on which GCJ-02's shift is laid out.
_GCJ_AXIS = 6378245.0
_GCJ_E2 = 0.00669342162296594323
# Each step shrinks the error at least a hundredfold within China, so six reach the end of double precision.
_STEPS = 6
_SETTLED = 1e-9  # degrees: 0.1 mm.
_ASTRAY = 1e6  # degrees: from out there the steps only lead further away, to where no sine can follow.


class Point(NamedTuple):
    """A place in degrees."""

    lat: float
    lon: float


def to_wgs84(lat: float, lon: float, crs: str) -> Point:
    """The WGS-84 point, in degrees, of a point stated in `crs`; exact to 0.1 mm.

    Raises Invalid for an unknown `crs`, for what is not on the globe, and for a point so far from China that
    GCJ-02 and BD-09 mean nothing there. Whether a point *is* in one of them only the client can know: a box
    around China would hold Seoul and Hanoi.
    """
    stated = _checked(lat, lon)
    forward = _FORWARD[_known(crs)]
    guess = stated
    for _ in range(_STEPS):
        before, image = guess, forward(guess)
        guess = Point(guess.lat + stated.lat - image.lat, guess.lon + stated.lon - image.lon)
        if max(abs(guess.lat), abs(guess.lon)) > _ASTRAY:
            break
    is_settled = abs(guess.lat - before.lat) <= _SETTLED and abs(guess.lon - before.lon) <= _SETTLED
    if not (is_settled and abs(guess.lat) <= 90 and abs(guess.lon) <= 180):
        raise Invalid(Fault("crs", "crs_far", (("crs", crs),)))
    return guess


def from_wgs84(lat: float, lon: float, crs: str) -> Point:
    """The point in `crs`, in degrees, of a WGS-84 point. Raises Invalid as `to_wgs84` does."""
    return _FORWARD[_known(crs)](_checked(lat, lon))


def metres_per_degree(lat: float) -> tuple[float, float]:
    """The length in metres of one degree of latitude and of one degree of longitude at `lat`, on WGS-84.

    From the radii of curvature in the meridian and the prime vertical (Snyder, Map Projections, 1987, eq. 4-18 ff.).
    """
    phi = math.radians(lat)
    bend = 1 - _WGS_E2 * math.sin(phi) ** 2
    prime = math.radians(_WGS_AXIS) / math.sqrt(bend)
    return prime * (1 - _WGS_E2) / bend, prime * math.cos(phi)


def metres(a: Point, b: Point) -> float:
    """The distance between two WGS-84 points; within 0.1 % up to 100 km outside the polar regions."""
    north, east = metres_per_degree((a.lat + b.lat) / 2)
    turn = abs(a.lon - b.lon)
    return math.hypot((a.lat - b.lat) * north, min(turn, 360 - turn) * east)


def _known(crs: str) -> CRS:
    if crs not in CRS_NAMES:
        raise Invalid(Fault("crs", "choice", (("choices", ", ".join(CRS_NAMES)),)))
    return crs


def _checked(lat: float, lon: float) -> Point:
    faults = tuple(
        Fault(field, "range", (("min", -limit), ("max", limit)))
        for field, value, limit in (("lat", lat, 90), ("lon", lon, 180))
        if not -limit <= value <= limit  # so put, it refuses NaN too.
    )
    if faults:
        raise Invalid(*faults)
    return Point(lat, lon)


def _same(point: Point) -> Point:
    """CGCS2000 and WGS-84 differ by centimetres, less than any phone can tell."""
    return point


def _gcj02(point: Point) -> Point:
    """GCJ-02's shift, as the published reverse engineering has it ("eviltransform", 2010)."""
    x, y = point.lon - 105, point.lat - 35
    phi = math.radians(point.lat)
    bend = 1 - _GCJ_E2 * math.sin(phi) ** 2
    prime = math.radians(_GCJ_AXIS) / math.sqrt(bend)
    north, east = _gcj_shift(x, y)
    return Point(
        point.lat + north / (prime * (1 - _GCJ_E2) / bend),
        point.lon + east / (prime * math.cos(phi)),
    )


def _gcj_shift(x: float, y: float) -> tuple[float, float]:
    """How many metres north and east GCJ-02 moves a point `x` degrees east and `y` degrees north of 35 N 105 E."""
    root = math.sqrt(abs(x))
    common = 20 * _sine(6 * x) + 20 * _sine(2 * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (common + 20 * _sine(y) + 40 * _sine(y / 3) + 160 * _sine(y / 12) + 320 * _sine(y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (common + 20 * _sine(x) + 40 * _sine(x / 3) + 150 * _sine(x / 12) + 300 * _sine(x / 30)) * 2 / 3
    return north, east


def _sine(half_turns: float) -> float:
    return math.sin(half_turns * math.pi)


def _bd09(point: Point) -> Point:
    """BD-09: Baidu's own shift on top of GCJ-02's."""
    lat, lon = _gcj02(point)
    wave = math.pi * 3000 / 180
    radius = math.hypot(lon, lat) + 0.00002 * math.sin(lat * wave)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * wave)
    return Point(radius * math.sin(angle) + 0.006, radius * math.cos(angle) + 0.0065)


_FORWARD: dict[CRS, Callable[[Point], Point]] = {
    "wgs84": _same,
    "cgcs2000": _same,
    "gcj02": _gcj02,
    "bd09": _bd09,
}
