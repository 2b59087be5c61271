"""Shapes of what is followed."""

from typing import Any, ClassVar

from marshmallow import fields

from participate.kernel.shapes import Shape, identifier, matches, one_of, text
from participate.places.schemas import PointBody
from participate.updates.following.keys import WHAT


class FollowBody(Shape):
    """A submission, a category in an area, or a cell: the one that is named, or in which `place` lies."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"what": "category", "category": "C0101", "area": "990101"}
    what = fields.String(required=True, validate=one_of(*WHAT), metadata={"example": "category"})
    submission_id = identifier()
    category = text(1, 40, metadata={"example": "C0101"})
    area = fields.String(validate=matches(r"[0-9]{2,12}"), metadata={"example": "990101"})
    cell = fields.String(validate=matches(r"[0-9]{15}|[0-9]{18}"), metadata={"example": "990101001001001"})
    place = fields.Nested(PointBody)


class FollowShape(Shape):
    """Something that the caller follows; `area` is the cell where that is what they follow."""

    id = identifier(required=True)
    what = fields.String(required=True, validate=one_of(*WHAT), metadata={"example": "category"})
    submission_id = identifier(required=True, allow_none=True)
    category = fields.String(required=True, allow_none=True, metadata={"example": "C0101"})
    area = fields.String(required=True, allow_none=True, metadata={"example": "990101"})
    created_at = fields.DateTime(required=True)


class FollowList(Shape):
    """A page of what the caller follows, oldest first."""

    items = fields.List(fields.Nested(FollowShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})
