"""Shapes of uploads."""

from marshmallow import fields

from participate.kernel.shapes import Shape, identifier


class UploadShape(Shape):
    """How an upload stands: `offset` bytes of `length` have come; `photo_id` is what it has become."""

    id = identifier(required=True)
    length = fields.Integer(required=True, metadata={"example": 3500000})
    offset = fields.Integer(required=True, metadata={"example": 0})
    expires_at = fields.DateTime(required=True)
    photo_id = identifier(required=True, allow_none=True, metadata={"format": "uuid", "example": None})
