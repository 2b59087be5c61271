"""Shapes of absences."""

from marshmallow import fields

from participate.kernel.shapes import Moment, Shape, identifier, text

_FROM, _UNTIL = "2026-12-01T08:00:00+08:00", "2026-12-08T08:00:00+08:00"


class AbsenceBody(Shape):
    """For how long the caller is away, and who does meanwhile what they hold."""

    deputy = identifier(required=True)
    starts_at = Moment(metadata={"example": _FROM, "description": "from now on, where nothing is said"})
    ends_at = Moment(required=True, metadata={"example": _UNTIL})
    reason = text(
        1, 200, metadata={"example": "年休假", "description": "for who watches over them; forgotten at its end"}
    )


class AbsenceOfBody(AbsenceBody):
    """The same of somebody over whom the caller watches."""

    account = identifier(required=True)


class StoodForShape(Shape):
    """Whom somebody stands in for, and how long."""

    id = identifier(required=True)
    account = identifier(required=True)
    account_name = fields.String(required=True, metadata={"example": "网格员王芳"})
    starts_at = fields.DateTime(required=True)
    ends_at = fields.DateTime(required=True)


class AbsenceShape(StoodForShape):
    """Who is away, and who stands in."""

    deputy = identifier(required=True)
    deputy_name = fields.String(required=True, metadata={"example": "网格员李强"})
    reason = fields.String(required=True, allow_none=True, metadata={"example": "年休假"})


class OwnAbsenceAnswer(Shape):
    """The caller's own absence that is not over, if there is one, and whom they stand in for."""

    absence = fields.Nested(AbsenceShape, required=True, allow_none=True)
    stands_for = fields.List(fields.Nested(StoodForShape), required=True)


class AbsenceList(Shape):
    """A page of absences."""

    items = fields.List(fields.Nested(AbsenceShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})
