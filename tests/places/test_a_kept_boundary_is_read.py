"""A boundary as it is kept reads as what was drawn: every ring of it, for GeoJSON turned as RFC 7946 wants it."""

import orjson
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from participate.places.boundaries import to_wkb
from participate.places.wkb import geojson, polygons

SQUARE = shapely.box(112, 28, 113, 29)
HOLED = SQUARE.difference(shapely.box(112.4, 28.4, 112.6, 28.6))
SHAPES = [
    SQUARE,
    HOLED,
    shapely.MultiPolygon([HOLED, shapely.box(114, 28, 115, 29)]),
    shapely.Point(179.123456789, -89.5).buffer(0.1),
]


@pytest.mark.parametrize("shape", SHAPES)
def test_all_rings_are_there(shape: BaseGeometry) -> None:
    kept = to_wkb(shape)
    read = [[list(zip(ring[::2], ring[1::2], strict=True)) for ring in rings] for rings in polygons(kept)]
    parts = shapely.get_parts(shapely.from_wkb(kept))
    assert read == [[list(ring.coords) for ring in shapely.get_rings(part)] for part in parts]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("clockwise", [True, False])
def test_geojson_is_that_of_a_geometry_library(shape: BaseGeometry, clockwise: bool) -> None:
    """However its rings run in the row."""
    kept = shapely.orient_polygons(shapely.normalize(shape), exterior_cw=clockwise)
    wanted = orjson.loads(shapely.to_geojson(shapely.orient_polygons(kept)))
    assert orjson.loads(orjson.dumps(geojson(shapely.to_wkb(kept, byte_order=1)))) == wanted


@pytest.mark.parametrize("shape", [shapely.Point(112, 28), shapely.LineString([(112, 28), (113, 29)])])
def test_what_is_no_polygon_is_an_error(shape: BaseGeometry) -> None:
    with pytest.raises(ValueError, match="WKB of type"):
        list(polygons(shapely.to_wkb(shape, byte_order=1)))
