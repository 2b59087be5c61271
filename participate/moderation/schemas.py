"""Shapes of the moderation desk."""

from marshmallow import fields

from participate.kernel.paging import PageQuery
from participate.kernel.shapes import Flag, Shape, Whole, between, identifier, matches, one_of, text
from participate.moderation.models import DECISIONS, REASONS, STATES
from participate.submissions.kinds import KINDS
from participate.submissions.schemas import SubmissionShape


class QueueQuery(PageQuery):
    """What the queue may be narrowed to."""

    kind = fields.String(load_default=None, validate=one_of(*KINDS))
    flag = fields.String(load_default=None, validate=matches(r"[a-z_]{1,40}"), metadata={"example": "no_area"})


class FlagShape(Shape):
    """Something to look at first, and why."""

    code = fields.String(required=True, metadata={"example": "no_area"})
    why = fields.String(required=True, metadata={"example": "地点不在已知区域内。"})


class TaskShape(Shape):
    """A look that is waited for."""

    id = identifier(required=True)
    submission_id = identifier(required=True)
    kind = fields.String(required=True, validate=one_of(*KINDS))
    title = fields.String(required=True, metadata={"example": "井盖缺失"})
    area = fields.String(required=True, allow_none=True, metadata={"example": "990101001001001"})
    flags = fields.List(fields.Nested(FlagShape), required=True, metadata={"example": []})
    urgent = Flag(required=True, metadata={"example": False})
    due_at = fields.DateTime(required=True)
    state = fields.String(required=True, validate=one_of(*STATES))
    decision = fields.String(required=True, allow_none=True, metadata={"example": None})
    claimed_by = fields.String(required=True, allow_none=True, metadata={"example": None, "format": "uuid"})
    lease_until = fields.DateTime(required=True, allow_none=True)
    version = fields.Integer(required=True)


class TaskDetailShape(TaskShape):
    """A task with what it is about."""

    submission = fields.Nested(SubmissionShape, required=True)


class TaskList(Shape):
    """A page of tasks."""

    items = fields.List(fields.Nested(TaskShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class ClaimBody(Shape):
    """How many to take in hand."""

    count = Whole(required=True, validate=between(1, 20), metadata={"example": 5})
    kind = fields.String(validate=one_of(*KINDS))


class DecisionBody(Shape):
    """What is decided, and why; `note` is what the author reads."""

    decision = fields.String(required=True, validate=one_of(*DECISIONS))
    reason = fields.String(validate=one_of(*REASONS), metadata={"example": "unclear"})
    note = text(1, 2000, metadata={"example": "请补充一张能看清位置的照片。"})


class UnmaskBody(Shape):
    """Why the author must be known."""

    reason = text(10, 500, required=True, metadata={"example": "照片显示有人受伤，需要马上联系。"})


class UnmaskAnswer(Shape):
    """Who wrote it."""

    name = fields.String(required=True, metadata={"example": "小李"})
    phone = fields.String(required=True, allow_none=True, metadata={"example": "+8613800000001"})
