"""Shapes of parts."""

from marshmallow import fields

from participate.cases.parts.workflow import PART
from participate.kernel.shapes import Flag, Shape, identifier, one_of


class PartShape(Shape):
    """A part of a case, which is a case itself: how it stands, and whose it is."""

    id = identifier(required=True)
    reference = fields.String(required=True, metadata={"example": "7HM-2VD-W4T"})
    title = fields.String(required=True, metadata={"example": "修复被砸断的电缆"})
    state = fields.String(required=True, validate=one_of(*PART.states), metadata={"example": "in_progress"})
    stage = fields.String(required=True, validate=one_of(*dict.fromkeys(PART.stages.values())))
    level = fields.Integer(required=True, metadata={"example": 1})
    area = fields.String(required=True, allow_none=True, metadata={"example": "990101001001001"})
    assignee = fields.String(required=True, allow_none=True, metadata={"format": "uuid"})
    unit = fields.String(required=True, allow_none=True, metadata={"example": None, "format": "uuid"})
    due_at = fields.DateTime(required=True)
    overdue = Flag(required=True, metadata={"example": False})
