"""Shapes of what lies near a place, for who is still typing."""

from marshmallow import fields

from participate.kernel.shapes import NumberText, Shape, WholeText, between, identifier, matches, one_of, text
from participate.places.coordinates import CRS_NAMES
from participate.submissions.schemas import SubmissionItem


class NearbyQuery(Shape):
    """Where somebody is about to report something, and what is known of it so far."""

    lat = NumberText(required=True, validate=between(-90, 90), metadata={"example": 28.228209})
    lon = NumberText(required=True, validate=between(-180, 180), metadata={"example": 112.938814})
    crs = fields.String(required=True, validate=one_of(*CRS_NAMES), metadata={"example": "wgs84"})
    category = fields.String(validate=matches(r"[A-Za-z0-9._-]{1,40}"), metadata={"example": "C0101"})
    photo_id = identifier()
    q = text(0, 500, metadata={"example": "井盖缺失", "description": "what is typed so far"})
    limit = WholeText(load_default=10, validate=between(1, 20), metadata={"example": 10})


class NearbyItem(SubmissionItem):
    """A submission near by; `alike` says in what, `likeness` is the share of the words in common."""

    distance_m = fields.Integer(required=True, metadata={"example": 35})
    alike = fields.List(fields.String(), required=True, metadata={"example": ["place", "category"]})
    likeness = fields.Float(required=True, allow_none=True, metadata={"example": None})
    affected = fields.Integer(required=True, metadata={"example": 3})


class NearbyAnswer(Shape):
    """What lies near, the nearest first; there is no further page."""

    items = fields.List(fields.Nested(NearbyItem), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})
