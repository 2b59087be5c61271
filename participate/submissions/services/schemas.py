"""Shapes of what is promised to those who ask for a service."""

from marshmallow import fields

from participate.kernel.shapes import Shape


class PromiseShape(Shape):
    """Which service is asked for, how long it takes, and until when that is since it was accepted."""

    code = fields.String(required=True, metadata={"example": "S0101"})
    name_zh = fields.String(required=True, metadata={"example": "大件垃圾上门收运"})
    name_en = fields.String(required=True, metadata={"example": "Bulky waste pick-up"})
    limit_value = fields.Integer(required=True, metadata={"example": 2})
    clock = fields.String(required=True, metadata={"example": "work_day"})
    promised_by = fields.DateTime(required=True, allow_none=True)


class ShownPaperShape(Shape):
    """Papers that were shown; the photo is opened by its own calls, by those who handle the matter alone."""

    document = fields.String(required=True, metadata={"example": "id_card"})
    photo_id = fields.String(required=True, metadata={"format": "uuid"})
    forget_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "once it is over: from when on it is gone"}
    )
