"""Shapes of photos at the desk."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from participate.kernel.shapes import Number, Shape, between, identifier, length, one_of
from participate.photos.models import REDACTIONS
from participate.photos.redaction.boxes import KINDS as KINDS_OF_BOXES
from participate.photos.redaction.boxes import SMALLEST_BOX
from participate.photos.redaction.models import SOURCES
from participate.photos.redaction.service import MOST_BOXES
from participate.photos.schemas import RenditionsShape


class BoxBody(Shape):
    """A box that stays, by its `id`; or a new one, in shares of the upright photo's width and height."""

    id = identifier()
    kind = fields.String(validate=one_of(*KINDS_OF_BOXES))
    x = Number(validate=between(0, 1), metadata={"example": 0.42})
    y = Number(validate=between(0, 1), metadata={"example": 0.31})
    w = Number(validate=between(SMALLEST_BOX, 1), metadata={"example": 0.08})
    h = Number(validate=between(SMALLEST_BOX, 1), metadata={"example": 0.11})

    @validates_schema(skip_on_field_errors=True)
    def one_or_the_other(self, data: dict[str, Any], **kwargs: Any) -> None:
        """An id alone, or kind and place together."""
        place = ("kind", "x", "y", "w", "h")
        if "id" in data and len(data) > 1:
            raise ValidationError("unknown", next(name for name in place if name in data))
        if "id" not in data and data.keys() < set(place):
            raise ValidationError("required", next(name for name in place if name not in data))


class BoxesBody(Shape):
    """All that must be covered in a photo."""

    boxes = fields.List(
        fields.Nested(BoxBody),
        required=True,
        validate=length(0, MOST_BOXES),
        metadata={"example": [{"kind": "face", "x": 0.42, "y": 0.31, "w": 0.08, "h": 0.11}]},
    )


class BoxShape(Shape):
    """What is covered: who says so (`found` by itself, or a moderator), and how sure that is, from 0 to 1."""

    id = identifier(required=True)
    kind = fields.String(required=True, validate=one_of(*KINDS_OF_BOXES))
    x = fields.Float(required=True, metadata={"example": 0.42})
    y = fields.Float(required=True, metadata={"example": 0.31})
    w = fields.Float(required=True, metadata={"example": 0.08})
    h = fields.Float(required=True, metadata={"example": 0.11})
    source = fields.String(required=True, validate=one_of(*SOURCES))
    sure = fields.Float(required=True, metadata={"example": 0.93})


class LookShape(Shape):
    """A photo on the desk; `why` says why it waits for a look."""

    photo_id = identifier(required=True)
    submission_id = identifier(required=True)
    purpose = fields.String(required=True, metadata={"example": "report", "enum": ["report", "after", "draft"]})
    redaction = fields.String(required=True, validate=one_of(*REDACTIONS[1:]))
    why = fields.String(required=True, allow_none=True, metadata={"example": None})
    created_at = fields.DateTime(required=True)
    version = fields.Integer(required=True)


class BoxesAnswer(LookShape):
    """A photo on the desk with what is covered in it."""

    boxes = fields.List(fields.Nested(BoxShape), required=True)
    renditions = fields.Nested(RenditionsShape, required=True)


class LookList(Shape):
    """A page of photos that wait for a look."""

    items = fields.List(fields.Nested(LookShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})
