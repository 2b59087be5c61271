"""The outlines of many shapes in a few flat arrays: whether one holds a point, and how far its edge is."""

import math
from array import array
from collections.abc import Iterator, Sequence
from fractions import Fraction

from participate.places.coordinates import metres_per_degree
from participate.places.wkb import Ring, polygons

Box = tuple[float, float, float, float]  # west, south, east, north

_RUN = 16  # edges
# By how much rounding can falsify the sign of `_side`, as a share of its two terms (Shewchuk 1997, ccwerrboundA).
_ROUNDING = (3 + 16 * 2**-53) * 2**-53
_UNDERFLOW = 1e-280


class Outlines:
    """Shapes in the order in which they were added, each cut into runs of at most 16 edges with a box around them.

    Most cells are a single run. Of a long outline only the runs near a point are looked at edge by edge.
    """

    def __init__(self) -> None:
        self._corners = array("d")  # x and y by turns; a run's last corner is also its successor's first.
        self._begins = array("I", [0])  # Of each run among the corners, and where the last one ends.
        self._boxes = array("d")  # Four numbers for each run.
        self._runs = array("I", [0])  # Of each shape its first run, and where the last one's end.

    def add(self, wkb: bytes) -> Box:
        """Add a boundary, in degrees, longitude first; returns its box."""
        first = len(self._boxes)
        for rings in polygons(wkb):
            for ring in rings:
                self._cut(_without_repeats(ring))
        self._runs.append(len(self._begins) - 1)
        boxes = self._boxes[first:]
        return min(boxes[::4]), min(boxes[1::4]), max(boxes[2::4]), max(boxes[3::4])

    def _cut(self, ring: Ring) -> None:
        for start in range(0, len(ring) - 2, 2 * _RUN):
            run = ring[start : start + 2 * (_RUN + 1)]
            xs, ys = run[::2], run[1::2]
            self._boxes.extend((min(xs), min(ys), max(xs), max(ys)))
            self._corners.extend(run)
            self._begins.append(len(self._corners))

    def _run(self, run: int) -> Iterator[float]:
        return iter(self._corners[self._begins[run] : self._begins[run + 1]])

    def holds(self, position: int, lat: float, lon: float) -> bool:
        """Whether the point, in degrees, lies within the shape at `position`, or to the last bit on its edge.

        A ray to the east crosses the edge an odd number of times if the point lies within (for valid shapes, holes
        and all). An edge that rises from or to the ray's own height counts as if the ray ran a little higher.
        """
        runs, boxes, within = range(self._runs[position], self._runs[position + 1]), self._boxes, False
        for run in runs:
            west, south, east, north = boxes[4 * run : 4 * run + 4]
            if not (south <= lat <= north and lon <= east):
                continue
            if lon < west:  # All to the east: how often it goes up and down is told by its ends.
                within ^= self._changes_side(run, lat)
                continue
            crosses = _crosses(self._run(run), lat, lon)
            if crosses is None:
                return True
            within ^= crosses
        return within

    def _changes_side(self, run: int, lat: float) -> bool:
        first, last = self._corners[self._begins[run] + 1], self._corners[self._begins[run + 1] - 1]
        return (first > lat) != (last > lat)

    def distance(self, position: int, lat: float, lon: float) -> float:
        """The distance in metres from a WGS-84 point, in degrees, to the nearest edge of the shape at `position`.

        It measures on a plane stretched for the point's own latitude: within 1 % for shapes up to a degree high,
        outside the polar regions.
        """
        scale = metres_per_degree(lat)
        runs, nearest = range(self._runs[position], self._runs[position + 1]), math.inf
        if len(runs) == 1:
            return math.sqrt(_nearest(self._run(runs[0]), lat, lon, scale))
        boxes = self._boxes
        # The nearest box first, so that the far ones need no look at their edges.
        for least, run in sorted((_to_box(boxes[4 * run : 4 * run + 4], lat, lon, scale), run) for run in runs):
            if least >= nearest:
                break
            nearest = min(nearest, _nearest(self._run(run), lat, lon, scale))
        return math.sqrt(nearest)


def _without_repeats(ring: Ring) -> Ring:
    """The ring without corners that are the same as the one before: the way to them is no edge."""
    if all(ring[at] != ring[at + 2] or ring[at + 1] != ring[at + 3] for at in range(0, len(ring) - 2, 2)):
        return ring
    kept = ring[:2]
    for at in range(2, len(ring), 2):
        if ring[at : at + 2] != kept[-2:]:
            kept.extend(ring[at : at + 2])
    return kept


def _crosses(corners: Iterator[float], lat: float, lon: float) -> bool | None:
    """Whether a run crosses the ray to the east an odd number of times; None if the point lies on the run."""
    odd = False
    x1, y1 = next(corners), next(corners)
    for x2, y2 in zip(corners, corners, strict=False):
        if (y1 > lat) != (y2 > lat):
            if x1 > lon and x2 > lon:
                odd = not odd
            elif x1 >= lon or x2 >= lon:
                side = _side(x1, y1, x2, y2, lon, lat)
                if side == 0:
                    return None
                odd ^= (side > 0) == (y2 > y1)
        elif (y1 == lat and (x1 == lon or (y2 == lat and (x1 > lon) != (x2 > lon)))) or (x2 == lon and y2 == lat):
            return None
        x1, y1 = x2, y2
    return odd


def _side(x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> float:
    """More than 0 where the point lies to the left of the way from the first corner to the second, 0 if on it."""
    left, right = (x1 - x) * (y2 - y), (y1 - y) * (x2 - x)
    side = left - right
    if abs(side) > _ROUNDING * (abs(left) + abs(right)) + _UNDERFLOW:
        return side
    ax, ay, bx, by, cx, cy = map(Fraction, (x1, y1, x2, y2, x, y))
    exact = (ax - cx) * (by - cy) - (ay - cy) * (bx - cx)
    return (exact > 0) - (exact < 0)


def _to_box(box: Sequence[float], lat: float, lon: float, scale: tuple[float, float]) -> float:
    """The square of the distance in metres, 0 within; `scale` has the metres of a degree north and east."""
    west, south, east, north = box
    away_x, away_y = max(west - lon, 0.0, lon - east) * scale[1], max(south - lat, 0.0, lat - north) * scale[0]
    return away_x * away_x + away_y * away_y


def _nearest(corners: Iterator[float], lat: float, lon: float, scale: tuple[float, float]) -> float:
    """The square of the distance in metres to the nearest edge of a run."""
    north, east = scale
    nearest = math.inf
    x, y = (next(corners) - lon) * east, (next(corners) - lat) * north
    for next_lon, next_lat in zip(corners, corners, strict=False):
        next_x, next_y = (next_lon - lon) * east, (next_lat - lat) * north
        along_x, along_y = next_x - x, next_y - y
        share = -(x * along_x + y * along_y) / (along_x * along_x + along_y * along_y)
        share = 0.0 if share < 0 else 1.0 if share > 1 else share
        away_x, away_y = x + share * along_x, y + share * along_y
        square = away_x * away_x + away_y * away_y
        if square < nearest:
            nearest = square
        x, y = next_x, next_y
    return nearest
