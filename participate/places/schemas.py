"""Shapes of areas and of where a point lies."""

import marshmallow as ma
from marshmallow import fields

from participate.kernel.shapes import Flag, Number, NumberText, Shape, between, one_of
from participate.places.coordinates import CRS_NAMES


class LookupQuery(Shape):
    """A point, with the system its coordinates are in."""

    lat = NumberText(required=True, allow_nan=False, validate=between(-90, 90), metadata={"example": 28.228209})
    lon = NumberText(required=True, allow_nan=False, validate=between(-180, 180), metadata={"example": 112.938814})
    crs = fields.String(required=True, validate=one_of(*CRS_NAMES), metadata={"example": "wgs84"})


class PointBody(Shape):
    """A place of which the cell alone is kept, with the system its coordinates are in."""

    lat = Number(required=True, validate=between(-90, 90), metadata={"example": 28.228209})
    lon = Number(required=True, validate=between(-180, 180), metadata={"example": 112.938814})
    crs = fields.String(required=True, validate=one_of(*CRS_NAMES), metadata={"example": "wgs84"})


class AreaShape(Shape):
    """An area of one of the levels, or a grid cell."""

    code = fields.String(required=True, metadata={"example": "990101"})
    name = fields.String(required=True, metadata={"example": "示范区"})
    level = fields.String(required=True, metadata={"example": "district"})
    parent = fields.String(required=True, allow_none=True, metadata={"example": "9901"})
    has_boundary = Flag(required=True)
    synthetic = Flag(required=True)


class AreaList(Shape):
    """A page of areas."""

    items = fields.List(fields.Nested(AreaShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class LookupAnswer(Shape):
    """Where a point lies, and how sure that is."""

    cell = fields.String(required=True, allow_none=True, metadata={"example": "990101001001001"})
    area = fields.String(required=True, allow_none=True, metadata={"example": "990101001001"})
    areas = fields.List(fields.Nested(AreaShape), required=True)
    found_by = fields.String(required=True, validate=one_of("cell", "area", "none"))
    edge_m = fields.Float(
        required=True, allow_none=True, metadata={"example": 112.5, "description": "metres to the nearest edge"}
    )
    boundary_version = fields.Integer(required=True, allow_none=True)


class BoundaryShape(ma.Schema):
    """A GeoJSON feature (RFC 7946)."""

    type = fields.String(required=True, metadata={"example": "Feature"})
    id = fields.String(required=True, metadata={"example": "990101"})
    geometry = fields.Dict(required=True, metadata={"example": {"type": "MultiPolygon", "coordinates": []}})
    properties = fields.Dict(required=True, metadata={"example": {"code": "990101"}})
