"""Reads the polygons as they are kept, without a geometry library, which would cost every web process 20 MB."""

import sys
from array import array
from collections.abc import Iterator
from itertools import pairwise
from struct import unpack_from
from typing import TypeAlias

Ring: TypeAlias = "array[float]"  # x, y, x, y, …, in degrees; the last corner is the first one again.

_POLYGON, _MULTIPOLYGON = 3, 6
_HEAD, _COUNT, _CORNER = 5, 4, 16  # bytes


def polygons(wkb: bytes) -> Iterator[list[Ring]]:
    """The polygons of a boundary, each as its rings: the outer one, then those of its holes.

    `wkb` is well-known binary (OGC 06-103r4, 8.2) as `boundaries.to_wkb` spells it: little-endian, in two dimensions.
    Raises ValueError for what is neither a polygon nor several.
    """
    kind, count = unpack_from("<xII", wkb)
    at = _HEAD
    if kind == _MULTIPOLYGON:
        at += _COUNT
    elif kind == _POLYGON:
        count = 1
    else:
        raise ValueError(f"WKB of type {kind}")
    for _ in range(count):
        rings, at = _rings(wkb, at if kind == _POLYGON else at + _HEAD)
        yield rings


def _rings(wkb: bytes, at: int) -> tuple[list[Ring], int]:
    """The rings that are counted at `at`, and where they end."""
    rings = list[Ring]()
    (count,) = unpack_from("<I", wkb, at)
    at += _COUNT
    for _ in range(count):
        (corners,) = unpack_from("<I", wkb, at)
        end = at + _COUNT + corners * _CORNER
        ring = array("d", wkb[at + _COUNT : end])
        if sys.byteorder == "big":
            ring.byteswap()
        rings.append(ring)
        at = end
    return rings, at


def geojson(wkb: bytes) -> dict[str, object]:
    """The boundary as a GeoJSON geometry (RFC 7946), its outer rings counter-clockwise, its holes clockwise."""
    drawn = [[_positions(ring, hole=number > 0) for number, ring in enumerate(rings)] for rings in polygons(wkb)]
    if unpack_from("<xI", wkb)[0] == _POLYGON:
        return {"type": "Polygon", "coordinates": drawn[0]}
    return {"type": "MultiPolygon", "coordinates": drawn}


def _positions(ring: Ring, hole: bool) -> list[tuple[float, float]]:
    positions = list(zip(ring[::2], ring[1::2], strict=True))
    x, y = positions[0]  # Seen from a corner of its own, since far from the origin the products would drown the area.
    doubled = sum((x1 - x) * (y2 - y) - (x2 - x) * (y1 - y) for (x1, y1), (x2, y2) in pairwise(positions))
    return positions[::-1] if (doubled > 0) == hole else positions
