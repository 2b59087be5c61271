"""Squares of the map, by which what lies near is found with an index: about 220 m from south to north."""

from math import cos, radians

from flask import current_app
from sqlalchemy import bindparam, select, update

from participate.kernel.db import execute, rows, table, transaction
from participate.submissions.models import Submission

_DEGREES = 0.002
_METRES = 110_500  # of a degree from south to north, at least
_BITS = (
    15  # of a number, of which a square has two: what lies 65 degrees away may share one, and is told by its distance.
)
_MASK = (1 << _BITS) - 1
_ROUND = round(360 / _DEGREES)
_MOST = 49  # Near a pole all squares meet.
_POSITION = "participate.tiles_filled"
_BATCH = 1000


def tile_of(lat: float | None, lon: float | None) -> int | None:
    """The square in which a WGS-84 point lies; None where there is no point."""
    return None if lat is None or lon is None else _numbered(int((lat + 90) / _DEGREES), int((lon + 180) / _DEGREES))


def _numbered(row: int, column: int) -> int:
    return (row & _MASK) << _BITS | (column % _ROUND & _MASK)


def tiles_around(lat: float, lon: float, metres: float) -> list[int]:
    """The squares that hold all within so many metres of a WGS-84 point; near the poles the nearest of them."""
    north = metres / _METRES
    east = north / max(0.01, cos(radians(min(89.9, abs(lat) + north))))
    row, column = int((lat + 90) / _DEGREES), int((lon + 180) / _DEGREES)
    rows_there = range(int((lat - north + 90) / _DEGREES), int((lat + north + 90) / _DEGREES) + 1)
    columns = range(int((lon - east + 180) // _DEGREES), int((lon + east + 180) // _DEGREES) + 1)
    squares = sorted(
        ((r, c) for r in rows_there for c in columns if abs(c - column) <= _MOST),
        key=lambda square: abs(square[0] - row) + abs(square[1] - column),
    )
    return list(dict.fromkeys(_numbered(*square) for square in squares[:_MOST]))


_FOLLOWING = (
    select(Submission.id, Submission.lat, Submission.lon, Submission.tile)
    .where(Submission.id > bindparam("after"))
    .order_by(Submission.id)
    .limit(_BATCH)
)
_HELD = table(Submission)
# Who has moved it meanwhile has said in which square it lies.
_SAY = update(_HELD).where(
    _HELD.c.id == bindparam("of"), _HELD.c.lat == bindparam("north"), _HELD.c.lon == bindparam("east")
)
_FIRST = "00000000-0000-0000-0000-000000000000"


def fill() -> int:
    """Say in which square what an earlier release took in lies: a batch of them, by id, once in each worker's life.

    Returns how many it has looked at.
    """
    done = current_app.extensions.setdefault(_POSITION, [_FIRST])
    with transaction():
        found = rows(_FOLLOWING, {"after": done[0]})
        missing = [row for row in found if row.tile is None and row.lat is not None]
        if missing:
            said = (
                {"tile": tile_of(row.lat, row.lon), "of": row.id, "north": row.lat, "east": row.lon} for row in missing
            )
            execute(_SAY.values(tile=bindparam("tile")), [*said])
    done[0] = found[-1].id if found else done[0]
    return len(found)
