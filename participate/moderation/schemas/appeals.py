"""Shapes of appeals, and of what is given to somebody."""

from marshmallow import fields

from participate.kernel.shapes import Shape, identifier, one_of
from participate.moderation.models import DECISIONS
from participate.moderation.schemas.tasks import TaskShape


class EarlierShape(Shape):
    """The decision that an appeal questions, with the words that the author has read."""

    decision = fields.String(required=True, validate=one_of(*DECISIONS))
    reason = fields.String(required=True, allow_none=True, metadata={"example": "unclear"})
    note = fields.String(required=True, allow_none=True, metadata={"example": "看不清是什么事。"})
    decided_at = fields.DateTime(required=True)


class AppealShape(TaskShape):
    """An appeal that waits; `grounds` is what its author says."""

    earlier = fields.Nested(EarlierShape, required=True)
    grounds = fields.String(required=True, allow_none=True, metadata={"example": "照片里看得很清楚。"})


class AppealList(Shape):
    """A page of appeals, the first due first."""

    items = fields.List(fields.Nested(AppealShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class AssignBody(Shape):
    """To whom."""

    to = identifier(required=True)
