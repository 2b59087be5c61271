"""Shapes of rectifications."""

from marshmallow import fields

from participate.cases.rectifications.queries import VIEWS
from participate.cases.rectifications.workflow import RECTIFICATION
from participate.kernel.paging import PageQuery
from participate.kernel.shapes import Flag, Moment, Shape, identifier, one_of, text
from participate.kernel.workflow import SYSTEM

OFFERED = tuple(move.name for move in RECTIFICATION.moves if SYSTEM not in move.roles)
_UNIT = {"format": "uuid", "example": "019a0000-9901-7000-8000-000000000001"}


class RectificationQuery(PageQuery):
    """What is published; what is open for the caller's units, or under their eyes."""

    view = fields.String(load_default="published", validate=one_of(*VIEWS))


class RectificationBody(Shape):
    """What the unit watched must put right, in words that tell of nobody."""

    title = text(1, 120, required=True, metadata={"example": "盲道施工围挡未按期拆除"})
    note = text(1, 5000, required=True, metadata={"example": "围挡占用盲道两月无人施工，请说明并限期恢复。"})
    unit = identifier(metadata={"description": "where the supervision names none, or another"} | _UNIT)


class RectificationMoveBody(Shape):
    """A move, and what it needs."""

    move = fields.String(required=True, validate=one_of(*OFFERED), metadata={"example": "plan"})
    note = text(1, 5000, metadata={"example": "12月10日前拆除围挡并恢复盲道。"})
    due_at = Moment(metadata={"description": "for `plan`", "example": "2026-12-10T18:00:00+08:00"})


class RectificationShape(Shape):
    """A rectification: published, with what came of it; for the unit and who watches over it, with all texts."""

    id = identifier(required=True)
    reference = fields.String(required=True, metadata={"example": "9QX-4C7-K3F"})
    title = fields.String(required=True, metadata={"example": "盲道施工围挡未按期拆除"})
    unit = fields.String(required=True, metadata=_UNIT)
    state = fields.String(required=True, validate=one_of(*RECTIFICATION.states))
    stage = fields.String(required=True, validate=one_of(*dict.fromkeys(RECTIFICATION.stages.values())))
    opinion = fields.String(required=True, allow_none=True, metadata={"example": "请说明并限期恢复。"})
    plan = fields.String(required=True, allow_none=True, metadata={"example": "12月10日前拆除围挡。"})
    report = fields.String(required=True, allow_none=True, metadata={"example": None})
    result = fields.String(required=True, allow_none=True, metadata={"example": None})
    issued_on = fields.Date(required=True, metadata={"example": "2026-11-27"})
    planned_until = fields.Date(required=True, allow_none=True, metadata={"example": None})
    due_on = fields.Date(required=True, allow_none=True, metadata={"example": None})
    settled_on = fields.Date(required=True, allow_none=True, metadata={"example": None})
    late = Flag(required=True, metadata={"example": False})
    sent_back = fields.Integer(required=True, metadata={"example": 0})
    submission_id = fields.String(
        required=True, allow_none=True, metadata={"description": "for who watches over it", "example": None}
    )
    case_id = fields.String(
        required=True, allow_none=True, metadata={"description": "for who watches over it", "example": None}
    )
    moves = fields.List(fields.String(), required=True, metadata={"example": ["plan"]})
    version = fields.Integer(required=True)


class RectificationList(Shape):
    """A page of rectifications."""

    items = fields.List(fields.Nested(RectificationShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})
