"""Shapes of how often flags are right."""

from marshmallow import fields

from participate.kernel.shapes import Flag, Moment, Shape


class FlagsQuery(Shape):
    """Of which time; the last 30 days where nothing is said."""

    since = Moment(metadata={"example": "2026-10-01T00:00:00Z"})
    until = Moment(metadata={"example": "2026-11-01T00:00:00Z"})


class FlagFiguresShape(Shape):
    """One flag: on how many of what was decided it stood, and for how many of these the decision bore it out."""

    code = fields.String(required=True, metadata={"example": "repeated_text"})
    name = fields.String(required=True, metadata={"example": "重复的文字"})
    n = fields.Integer(required=True, metadata={"example": 120, "description": "of the last 1,000 at most"})
    borne_out = fields.Integer(
        required=True, allow_none=True, metadata={"example": 84, "description": "null where n is 1 to 4"}
    )
    precision = fields.Float(
        required=True, allow_none=True, metadata={"example": 0.7, "description": "null where n is under 5"}
    )
    waiting = fields.Integer(required=True, metadata={"example": 3, "description": "how many wait with it now"})


class SuggestionShape(Shape):
    """Whether categories are suggested, and if not, why; `examples` is from how many decisions was learned."""

    active = Flag(required=True, metadata={"example": True})
    why_silent = fields.String(required=True, allow_none=True, metadata={"example": None})
    examples = fields.Integer(required=True, metadata={"example": 4210})


class FlagsAnswer(Shape):
    """All flags of the desk, in the caller's scope."""

    since = fields.DateTime(required=True)
    until = fields.DateTime(required=True)
    flags = fields.List(fields.Nested(FlagFiguresShape), required=True)
    suggestion = fields.Nested(SuggestionShape, required=True)
