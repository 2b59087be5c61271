"""Shapes of what happened to a submission."""

from marshmallow import fields

from participate.kernel.shapes import Shape, identifier

SUBJECTS = ("submission", "case", "part", "cohandler", "commitment", "unmasking", "rectification")


class InSteadShape(Shape):
    """A deputy has moved, and in whose stead."""

    deputy = identifier(required=True)
    of = identifier(required=True)


class TimelineEntryShape(Shape):
    """One step."""

    at = fields.DateTime(required=True)
    subject = fields.String(required=True, metadata={"example": "submission", "enum": [*SUBJECTS]})
    move = fields.String(required=True, metadata={"example": "submit"})
    state = fields.String(required=True, metadata={"example": "received"})
    by = fields.String(required=True, metadata={"example": "author", "description": "the role that moved"})
    in_stead = fields.Nested(
        InSteadShape,
        required=True,
        allow_none=True,
        metadata={"description": "for the desks: who did it for a colleague who was away", "example": None},
    )
    text = fields.String(required=True, metadata={"example": "已收到您的提交。"})
    note = fields.String(required=True, allow_none=True, metadata={"example": None})
    answer_class = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "of a final reply, as given, or as audited",
            "example": None,
        },
    )
    part = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "for the desks: the reference of the part of which it speaks", "example": None},
    )
    fields_ = fields.List(
        fields.String(),
        data_key="fields",
        required=True,
        metadata={"example": [], "description": "what is to be mended, or was"},
    )


class TimelineAnswer(Shape):
    """A page of steps, oldest first."""

    items = fields.List(fields.Nested(TimelineEntryShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})
