"""Synthetic cells: a lattice over any polygon, and a small district around any place for demonstrations."""

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

from participate.kernel.errors import Fault, Invalid
from participate.places.boundaries import polygonal, to_wkb
from participate.places.coordinates import metres_per_degree
from participate.places.drafts import Draft

FARTHEST = 80, 179  # degrees: beyond, a demo would touch a pole or the antimeridian.

MAX_CELLS = 999
# A piece smaller than this share of a cell comes from rounding, not from the polygon.
_CRUMB = 1e-6
_DEMO_CELL_M = 500
_DEMO_COMMUNITY_CELLS = 6
# The demo's centre lies in the middle of a cell, not where four communities meet.
_DEMO_WEST_CELLS = _DEMO_COMMUNITY_CELLS - 0.5


def lay(community: str, polygon: Polygon | MultiPolygon, side_m: float) -> list[Draft]:
    """Cover `polygon` (WGS-84, degrees, longitude first) with cells of about `side_m` metres, clipped to its edge.

    They bear the 12-digit code of `community` and a number from 001, row by row from the south-west, and divide the
    polygon's bounds evenly, so that neighbours share their edges to the last bit. Raises Invalid when more than 999
    would be needed.
    """
    pieces = _pieces(polygon, side_m)
    if len(pieces) > MAX_CELLS:
        raise _too_many(len(pieces))
    return [_cell(community, number, piece) for number, piece in enumerate(pieces, start=1)]


def demo_district(lat: float, lon: float) -> list[Draft]:
    """A district of 6 km square around a WGS-84 point, in degrees, with all above and all below it.

    Two streets, four communities and 144 cells of about 500 m; the edge is nowhere nearer than 2.75 km. Raises
    Invalid near the poles and the date line, where a square is none.
    """
    _check_centre(lat, lon)
    lons, lats = _demo_lines(lat, lon)
    whole = shapely.box(lons[0], lats[0], lons[2], lats[2])
    areas = [Draft("99", "示范省", synthetic=True), Draft("9901", "示范市", synthetic=True)]
    areas.append(_area("990101", "示范区", whole))
    for column, street in enumerate(("西", "东")):
        code, west, east = f"99010100{column + 1}", lons[column], lons[column + 1]
        areas.append(_area(code, f"示范{street}街道", shapely.box(west, lats[0], east, lats[2])))
        for row, side in enumerate(("南", "北")):
            square = shapely.box(west, lats[row], east, lats[row + 1])
            areas.append(_area(f"{code}00{row + 1}", f"示范{street}{side}社区", square))
            areas.extend(lay(f"{code}00{row + 1}", square, _DEMO_CELL_M))
    return areas


def _check_centre(lat: float, lon: float) -> None:
    faults = [
        Fault(field, "range", (("min", -limit), ("max", limit)))
        for field, value, limit in zip(("lat", "lon"), (lat, lon), FARTHEST, strict=True)
        if not -limit <= value <= limit
    ]
    if faults:
        raise Invalid(*faults)


def _demo_lines(lat: float, lon: float) -> tuple[list[float], list[float]]:
    """The degrees at which the demo's communities begin and end, from the west and from the south."""
    north, east = metres_per_degree(lat)
    cells = [number * _DEMO_COMMUNITY_CELLS - _DEMO_WEST_CELLS for number in range(3)]
    return (
        [lon + number * _DEMO_CELL_M / east for number in cells],
        [lat + number * _DEMO_CELL_M / north for number in cells],
    )


def _pieces(polygon: Polygon | MultiPolygon, side_m: float) -> list[Polygon | MultiPolygon]:
    west, south, east, north = polygon.bounds
    per_lat, per_lon = metres_per_degree((south + north) / 2)
    at_least = polygon.area * per_lat * per_lon / side_m**2
    if at_least > 2 * MAX_CELLS:  # refuse before the boxes fill the memory.
        raise _too_many(int(at_least))
    lons, lats = _lines(west, east, side_m / per_lon), _lines(south, north, side_m / per_lat)
    boxes = shapely.box(lons[:-1], lats[:-1, np.newaxis], lons[1:], lats[1:, np.newaxis]).ravel()
    crumb = _CRUMB * boxes[0].area
    shapely.prepare(polygon)
    cut = (polygonal(piece) for piece in shapely.intersection(boxes[shapely.intersects(polygon, boxes)], polygon))
    return [piece for piece in cut if piece.area > crumb]


def _lines(low: float, high: float, step: float) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.linspace(low, high, max(1, round((high - low) / step)) + 1)


def _cell(community: str, number: int, piece: Polygon | MultiPolygon) -> Draft:
    return _area(f"{community}{number:03}", f"{community[-3:]}-{number:03}", piece)


def _area(code: str, name: str, polygon: Polygon | MultiPolygon) -> Draft:
    return Draft(code, name, to_wkb(polygon), synthetic=True)


def _too_many(cells: int) -> Invalid:
    return Invalid(Fault("side_m", "cells", (("cells", cells), ("max", MAX_CELLS))))
