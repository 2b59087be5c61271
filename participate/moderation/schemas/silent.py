"""Shapes of what its author has heard nothing of for too long."""

from marshmallow import fields

from participate.kernel.shapes import Shape
from participate.submissions.schemas import SubmissionItem


class SilentItem(SubmissionItem):
    """A submission that the staff have, and when they told its author of a step last."""

    told_at = fields.DateTime(required=True)


class SilentList(Shape):
    """A page of them, the longest silence first."""

    items = fields.List(fields.Nested(SilentItem), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})
