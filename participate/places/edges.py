"""How far a point lies from the edge of a shape."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from participate.places.coordinates import metres_per_degree

# Up to here plain arithmetic is quicker than arrays; most cells have four or five edges.
_FEW = 16


class Edges:
    """The edges of many shapes, those of holes too, one behind the other in one array."""

    def __init__(self, shapes: NDArray[Any]) -> None:
        """`shapes` are polygons in degrees."""
        polygons, shape_of = shapely.get_parts(shapes, return_index=True)
        rings, polygon_of = shapely.get_rings(polygons, return_index=True)
        corners, ring_of = shapely.get_coordinates(rings, return_index=True)
        # A row is a corner and the way to the next one; what leads from one ring to another is no edge.
        ways = np.hstack([corners[:-1], np.diff(corners, axis=0)])
        kept = (ring_of[1:] == ring_of[:-1]) & ways[:, 2:].any(axis=1)
        self._edges = ways[kept]
        owners = shape_of[polygon_of[ring_of[:-1][kept]]]
        self._ends: list[int] = np.searchsorted(owners, np.arange(len(shapes) + 1)).tolist()

    def distance(self, position: int, lat: float, lon: float) -> float:
        """The distance in metres from a WGS-84 point, in degrees, to the nearest edge of the shape at `position`.

        It measures on a plane stretched for the point's own latitude: within 1 % for shapes up to a degree high,
        outside the polar regions.
        """
        edges = self._edges[self._ends[position] : self._ends[position + 1]]
        north, east = metres_per_degree(lat)
        if len(edges) > _FEW:
            return _to_nearest(edges, lat, lon, north, east)
        return _to_nearest_of_few(edges.tolist(), lat, lon, north, east)


def _to_nearest(edges: NDArray[np.float64], lat: float, lon: float, north: float, east: float) -> float:
    away = ((lon, lat) - edges[:, :2]) * (east, north)
    along = edges[:, 2:] * (east, north)
    share = np.clip((away * along).sum(axis=1) / (along * along).sum(axis=1), 0, 1)
    left = away - share[:, None] * along
    return math.sqrt((left * left).sum(axis=1).min())


def _to_nearest_of_few(edges: Sequence[Sequence[float]], lat: float, lon: float, north: float, east: float) -> float:
    nearest = math.inf
    for x, y, along_x, along_y in edges:
        away_x, away_y = (lon - x) * east, (lat - y) * north
        along_x, along_y = along_x * east, along_y * north
        share = (away_x * along_x + away_y * along_y) / (along_x * along_x + along_y * along_y)
        share = 0.0 if share < 0 else 1.0 if share > 1 else share
        away_x -= share * along_x
        away_y -= share * along_y
        square = away_x * away_x + away_y * away_y
        if square < nearest:
            nearest = square
    return math.sqrt(nearest)
