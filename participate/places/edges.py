"""How far a point lies from the edge of a shape."""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

import shapely
from shapely.geometry.base import BaseGeometry

from participate.places.coordinates import metres_per_degree

# Up to here plain arithmetic is quicker than to make a geometry of the point; most cells have four or five corners.
_FEW_CORNERS = 16

_Segment = tuple[float, float, float, float, float]


def edge_distance(shape: BaseGeometry) -> Callable[[float, float], float]:
    """The function that gives the distance in metres from a WGS-84 point (lat, lon in degrees) to the shape's edge.

    It measures on a plane stretched for the shape's own latitude: within 1 % for shapes up to a degree high, outside
    the polar regions. Edges of holes count.
    """
    north, east = metres_per_degree(shape.centroid.y)
    edge = shapely.transform(shape.boundary, lambda degrees: degrees * (east, north))
    if shapely.get_num_coordinates(edge) > _FEW_CORNERS:
        return lambda lat, lon: float(shapely.distance(shapely.Point(lon * east, lat * north), edge))
    segments = tuple(_segments(edge))
    return lambda lat, lon: _to_nearest(segments, lon * east, lat * north)


def _segments(edge: BaseGeometry) -> Iterator[_Segment]:
    """The straight pieces of `edge`: where each begins, where it leads, and one over its length squared."""
    for line in shapely.get_parts(edge):
        for (x, y), (end_x, end_y) in pairwise(line.coords):
            along_x, along_y = end_x - x, end_y - y
            square = along_x * along_x + along_y * along_y
            if square:
                yield x, y, along_x, along_y, 1 / square


def _to_nearest(segments: tuple[_Segment, ...], x: float, y: float) -> float:
    nearest = math.inf
    for start_x, start_y, along_x, along_y, per_square in segments:
        away_x, away_y = x - start_x, y - start_y
        share = (away_x * along_x + away_y * along_y) * per_square
        share = 0.0 if share < 0 else 1.0 if share > 1 else share
        away_x -= share * along_x
        away_y -= share * along_y
        square = away_x * away_x + away_y * away_y
        if square < nearest:
            nearest = square
    return math.sqrt(nearest)
