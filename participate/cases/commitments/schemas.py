"""Shapes of commitments."""

from marshmallow import fields

from participate.cases.commitments.workflow import COMMITMENT
from participate.cases.schemas import HolderBody
from participate.kernel.paging import PageQuery
from participate.kernel.shapes import Flag, Moment, Shape, identifier, length, matches, one_of, text
from participate.kernel.workflow import SYSTEM

OFFERED = tuple(move.name for move in COMMITMENT.moves if move.roles != frozenset({SYSTEM}))


class CommitmentQuery(PageQuery):
    """Which commitments: by default everyone's that are still to be kept."""

    state = fields.String(load_default="open", validate=one_of("open", "ended"))
    overdue = fields.Boolean(load_default=False)
    mine = fields.Boolean(load_default=False, metadata={"description": "those that the caller answers for"})
    area = fields.String(validate=matches(r"[0-9]{2,18}"), metadata={"example": "990101"})
    unit = identifier()
    submission_id = identifier()


class CommitmentMoveBody(Shape):
    """A move, and what it needs."""

    move = fields.String(required=True, validate=one_of(*OFFERED), metadata={"example": "deliver"})
    note = text(1, 2000, metadata={"example": "两处减速带已于11月20日完工。"})
    photo_ids = fields.List(identifier(), validate=length(0, 9))
    to = fields.Nested(HolderBody, metadata={"example": {"assignee": "019aafc3-7c00-7000-8000-000000000001"}})
    due_at = Moment(metadata={"example": "2026-12-01T18:00:00+08:00"})


class CommitmentShape(Shape):
    """A commitment; which account answers for it is for the desks."""

    id = identifier(required=True)
    submission_id = identifier(required=True)
    reference = fields.String(required=True, metadata={"example": "9QX-4C7-K3F"})
    title = fields.String(required=True, metadata={"example": "路口增设减速带"})
    text = fields.String(required=True, metadata={"example": "计划于明年三月前增设减速带两处，由市政养护处负责。"})
    area = fields.String(required=True, allow_none=True, metadata={"example": "990101001001001"})
    unit = fields.String(required=True, allow_none=True, metadata={"example": None, "format": "uuid"})
    assignee = fields.String(required=True, allow_none=True, metadata={"example": None, "format": "uuid"})
    state = fields.String(required=True, validate=one_of(*COMMITMENT.states))
    stage = fields.String(required=True, validate=one_of(*dict.fromkeys(COMMITMENT.stages.values())))
    promised_at = fields.DateTime(required=True)
    first_due_at = fields.DateTime(required=True, metadata={"description": "what was promised at first"})
    due_at = fields.DateTime(required=True)
    overdue = Flag(required=True, metadata={"example": False})
    postponed = fields.Integer(required=True, metadata={"description": "how often", "example": 0})
    kept_at = fields.DateTime(required=True, allow_none=True, metadata={"example": None})
    reply = fields.String(required=True, allow_none=True, metadata={"example": None})
    moves = fields.List(fields.String(), required=True, metadata={"example": ["postpone", "deliver"]})
    version = fields.Integer(required=True)


class CommitmentList(Shape):
    """A page of commitments."""

    items = fields.List(fields.Nested(CommitmentShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})
