"""Polygons as they come and as they are kept: valid, flat, WGS-84, one spelling for one shape."""

from typing import Any, NamedTuple

import orjson
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

_GLOBE = (-180, -90, 180, 90)


class Unusable(Exception):
    """This is no boundary; the message is the fault's code."""


class Boundary(NamedTuple):
    """A boundary as WKB, and whether it had to be repaired for that."""

    wkb: bytes
    repaired: bool


def from_geojson(geometry: Any) -> Boundary:
    """The boundary that a GeoJSON geometry (RFC 7946, degrees) draws; one that crosses itself is repaired.

    Raises Unusable for what is no polygon, encloses nothing or leaves the globe.
    """
    if not isinstance(geometry, dict) or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        raise Unusable("polygon")
    try:
        drawn = shapely.from_geojson(orjson.dumps(geometry))
    except (shapely.GEOSException, orjson.JSONEncodeError) as error:
        raise Unusable("polygon") from error
    if not _on_globe(drawn):
        raise Unusable("polygon_range" if not drawn.is_empty else "polygon_empty")
    if drawn.is_valid:
        return Boundary(to_wkb(drawn), False)
    return Boundary(to_wkb(shapely.make_valid(drawn, method="structure", keep_collapsed=False)), True)


def to_wkb(drawn: BaseGeometry) -> bytes:
    """The WKB of the polygons in `drawn`, the same for the same shape wherever its rings begin.

    Raises Unusable when they enclose nothing.
    """
    polygons = polygonal(drawn)
    if polygons.is_empty or not polygons.area:
        raise Unusable("polygon_empty")
    return bytes(shapely.to_wkb(shapely.normalize(polygons), output_dimension=2, byte_order=1))


def polygonal(drawn: BaseGeometry) -> Polygon | MultiPolygon:
    """The polygons in `drawn`, without the points and lines that cutting leaves where shapes merely touch."""
    if isinstance(drawn, (Polygon, MultiPolygon)):
        return drawn
    parts = shapely.get_parts(drawn)
    return MultiPolygon([part for part in parts if isinstance(part, Polygon)])


def _on_globe(drawn: BaseGeometry) -> bool:
    west, south, east, north = drawn.bounds
    return bool(_GLOBE[0] <= west and _GLOBE[1] <= south and east <= _GLOBE[2] and north <= _GLOBE[3])
