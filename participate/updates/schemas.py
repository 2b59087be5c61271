"""Shapes of updates."""

from marshmallow import fields

from participate.kernel.paging import PageQuery
from participate.kernel.shapes import Shape, identifier


class FeedQuery(PageQuery):
    """Where to go on reading."""

    after = identifier(load_default=None)


class UpdateShape(Shape):
    """What happened, what comes next, and by when."""

    id = identifier(required=True)
    at = fields.DateTime(required=True)
    submission_id = fields.String(required=True, allow_none=True, metadata={"format": "uuid"})
    fact = fields.String(required=True, metadata={"example": "accept", "description": "the move's name"})
    text = fields.String(required=True, metadata={"example": "您的提交已通过审核。"})
    next = fields.String(required=True, allow_none=True, metadata={"example": "接下来由责任人处理。"})
    due_at = fields.DateTime(required=True, allow_none=True)


class UpdateList(Shape):
    """A page of updates, oldest first."""

    items = fields.List(fields.Nested(UpdateShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})
