"""A synthetic district of 100,000 cells, and points in it."""

from collections.abc import Sequence
from random import Random

import shapely

from participate.places.coordinates import Point, metres, metres_per_degree
from participate.places.drafts import Draft
from participate.places.lattice import lay

DISTRICT = "990101"
_SOUTH, _WEST = 28.1, 112.8
_ROWS, _COLUMNS = 10, 16  # Communities from south to north and from west to east.
_SIDE_M, _CELL_M = 2500, 100
_OF_COMMUNITY = (_SIDE_M // _CELL_M) ** 2  # cells
_CROWDED = 16  # cells
_HIGH, _WIDE = (_SIDE_M / metres for metres in metres_per_degree(_SOUTH))  # One community, in degrees.


def cells() -> list[Draft]:
    """160 communities of 625 cells each, of about 100 m."""
    return [cell for number in range(_ROWS * _COLUMNS) for cell in _community(number)]


def _community(number: int) -> list[Draft]:
    row, column = divmod(number, _COLUMNS)
    south, north = (_SOUTH + step * _HIGH for step in (row, row + 1))
    west, east = (_WEST + step * _WIDE for step in (column, column + 1))
    return lay(f"{DISTRICT}001{number + 1:03}", shapely.box(west, south, east, north), _CELL_M)


def crowd(cells: Sequence[Draft]) -> Point:
    """Where much is handed in (WGS-84, degrees)."""
    return middle(cells[_OF_COMMUNITY // 2])


def crowded(cells: Sequence[Draft]) -> list[Draft]:
    """The cells around `crowd`, about 400 m across."""
    here = crowd(cells)
    return sorted(cells[:_OF_COMMUNITY], key=lambda cell: metres(here, middle(cell)))[:_CROWDED]


def anywhere(chance: Random) -> Point:
    """A point in the district (WGS-84, degrees)."""
    return Point(_SOUTH + chance.random() * _ROWS * _HIGH, _WEST + chance.random() * _COLUMNS * _WIDE)


def middle(cell: Draft) -> Point:
    """The middle of a cell (WGS-84, degrees)."""
    centre = shapely.centroid(shapely.from_wkb(cell.boundary))
    return Point(float(shapely.get_y(centre)), float(shapely.get_x(centre)))
