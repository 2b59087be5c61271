"""Shapes of cases."""

from marshmallow import fields

from participate.cases.queries import VIEWS
from participate.cases.workflow import CASE
from participate.kernel.paging import PageQuery
from participate.kernel.shapes import Flag, Shape, identifier, length, one_of, text
from participate.kernel.workflow import SYSTEM
from participate.submissions.kinds import KINDS

OFFERED = tuple(move.name for move in CASE.moves if move.roles != frozenset({SYSTEM}))


class ViewQuery(PageQuery):
    """Which of the caller's cases."""

    view = fields.String(load_default="mine", validate=one_of(*VIEWS))


class HolderBody(Shape):
    """Who gets the case: an account or a unit."""

    assignee = identifier()
    unit = identifier(metadata={"example": None, "format": "uuid"})


class CaseMoveBody(Shape):
    """A move, and what it needs."""

    move = fields.String(required=True, validate=one_of(*OFFERED), metadata={"example": "resolve"})
    note = text(1, 2000, metadata={"example": "已装好新井盖。"})
    photo_ids = fields.List(identifier(), validate=length(0, 9))
    to = fields.Nested(HolderBody, metadata={"example": {"assignee": "019aafc3-7c00-7000-8000-000000000001"}})
    answer_class = fields.String(validate=one_of("A", "B", "C", "D"))


class CaseShape(Shape):
    """A case as its handlers see it."""

    id = identifier(required=True)
    reference = fields.String(required=True, metadata={"example": "9QX-4C7-K3F"})
    submission_id = identifier(required=True)
    kind = fields.String(required=True, validate=one_of(*KINDS))
    title = fields.String(required=True, metadata={"example": "井盖缺失"})
    category = fields.String(required=True, allow_none=True, metadata={"example": "C0101"})
    state = fields.String(required=True, validate=one_of(*CASE.states))
    stage = fields.String(required=True, validate=one_of(*dict.fromkeys(CASE.stages.values())))
    level = fields.Integer(required=True, metadata={"description": "1 community, 2 street, 3 district, 4 city"})
    area = fields.String(required=True, allow_none=True, metadata={"example": "990101001001001"})
    cell = fields.String(required=True, allow_none=True, metadata={"example": "990101001001001"})
    unit = fields.String(required=True, allow_none=True, metadata={"example": None, "format": "uuid"})
    assignee = fields.String(required=True, allow_none=True, metadata={"format": "uuid"})
    due_at = fields.DateTime(required=True)
    overdue = Flag(required=True, metadata={"example": False})
    opened_at = fields.DateTime(required=True)
    moves = fields.List(fields.String(), required=True, metadata={"example": ["accept", "object"]})
    version = fields.Integer(required=True)


class CaseList(Shape):
    """A page of cases."""

    items = fields.List(fields.Nested(CaseShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})
