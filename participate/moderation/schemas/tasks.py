"""Shapes of tasks: the queue, claims, and a task with what it is about."""

from marshmallow import fields

from participate.kernel.paging import PageQuery
from participate.kernel.shapes import Flag, Shape, Whole, between, identifier, length, matches, one_of, text
from participate.moderation.models import ACTS, PURPOSES, STATES
from participate.moderation.queries.queue import VIEWS
from participate.moderation.schemas.talk import ColleagueShape, OpinionShape
from participate.submissions.kinds import KINDS
from participate.submissions.schemas import SubmissionShape
from participate.submissions.search import MAX_QUERY

_AREA = matches(r"[0-9]{2,18}")
_CATEGORY = matches(r"[A-Za-z0-9._-]{1,40}")
_FLAG = matches(r"[a-z_]{1,40}")


class AreaQuery(Shape):
    """Of which area, of those in the caller's scope."""

    area = fields.String(load_default=None, validate=_AREA, metadata={"example": "990101"})


class QueueQuery(PageQuery, AreaQuery):
    """What the queue may be narrowed to, one with the other.

    `category` is `none` for what has none, `q` holds words of title and body. `view` is what I have in hand (`mine`),
    what nobody else has (`free`), what is over its time, what another has proposed and waits for me (`proposed`), or
    what my opinion is asked for (`asked`).
    """

    kind = fields.String(load_default=None, validate=one_of(*KINDS))
    category = fields.String(load_default=None, validate=_CATEGORY, metadata={"example": "C0101"})
    flag = fields.String(load_default=None, validate=_FLAG, metadata={"example": "no_area"})
    q = fields.String(load_default=None, validate=length(1, MAX_QUERY), metadata={"example": "路灯"})
    urgent = fields.Boolean(load_default=None, truthy={"true"}, falsy={"false"})
    view = fields.String(load_default="all", validate=one_of(*VIEWS))


class FlagShape(Shape):
    """Something to look at first, and why."""

    code = fields.String(required=True, metadata={"example": "no_area"})
    why = fields.String(required=True, metadata={"example": "地点不在已知区域内。"})


class ProposalShape(Shape):
    """What one moderator has proposed, and another must agree with before it takes effect."""

    decision = fields.String(required=True, validate=one_of(*ACTS))
    reason = fields.String(required=True, allow_none=True, metadata={"example": "unclear"})
    note = fields.String(required=True, allow_none=True, metadata={"example": "内容不清楚。"})
    by = identifier(required=True)


class TaskShape(Shape):
    """A look that is waited for; `purpose` says why somebody must look: it is new, was mended, or is appealed."""

    id = identifier(required=True)
    submission_id = identifier(required=True)
    kind = fields.String(required=True, validate=one_of(*KINDS))
    category = fields.String(required=True, allow_none=True, metadata={"example": "C0101"})
    title = fields.String(required=True, metadata={"example": "井盖缺失"})
    area = fields.String(required=True, allow_none=True, metadata={"example": "990101001001001"})
    purpose = fields.String(required=True, validate=one_of(*PURPOSES))
    flags = fields.List(fields.Nested(FlagShape), required=True, metadata={"example": []})
    urgent = Flag(required=True, metadata={"example": False})
    opened_at = fields.DateTime(required=True, allow_none=True)
    due_at = fields.DateTime(required=True)
    overdue = Flag(required=True, metadata={"example": False})
    warned = fields.Integer(
        required=True,
        metadata={"example": 50, "description": "the share of its time, in percent, that was told to be over last"},
    )
    state = fields.String(required=True, validate=one_of(*STATES))
    decision = fields.String(required=True, allow_none=True, metadata={"example": None})
    reason = fields.String(required=True, allow_none=True, metadata={"example": None})
    claimed_by = fields.String(required=True, allow_none=True, metadata={"example": None, "format": "uuid"})
    claimed_at = fields.DateTime(required=True, allow_none=True)
    lease_until = fields.DateTime(required=True, allow_none=True)
    proposal = fields.Nested(ProposalShape, required=True, allow_none=True, metadata={"example": None})
    batch_id = fields.String(required=True, allow_none=True, metadata={"example": None, "format": "uuid"})
    version = fields.Integer(required=True)


class EscapedShape(Shape):
    """Title and body with each character written out that hides in them or turns them round, as `\\u202E`."""

    title = fields.String(required=True, allow_none=True, metadata={"example": None})
    body = fields.String(required=True, metadata={"example": "pay\\u202Etxt.exe"})


class TaskDetailShape(TaskShape):
    """A task with what it is about; `escaped` where something hides in the text, which itself is as it was written."""

    submission = fields.Nested(SubmissionShape, required=True)
    escaped = fields.Nested(EscapedShape, required=True, allow_none=True, metadata={"example": None})
    opinions = fields.List(fields.Nested(OpinionShape), required=True, metadata={"example": []})


class TaskList(Shape):
    """A page of tasks."""

    items = fields.List(fields.Nested(TaskShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class OverdueShape(TaskShape):
    """A task that is late, with the moderators who have something to do with it by name."""

    in_hand_of = fields.Nested(ColleagueShape, required=True, allow_none=True, metadata={"example": None})
    proposed_by = fields.Nested(ColleagueShape, required=True, allow_none=True, metadata={"example": None})


class OverdueList(Shape):
    """A page of what is late."""

    items = fields.List(fields.Nested(OverdueShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class ClaimBody(Shape):
    """How many to take in hand, and of what: as the queue is narrowed."""

    count = Whole(required=True, validate=between(1, 20), metadata={"example": 5})
    kind = fields.String(validate=one_of(*KINDS))
    area = fields.String(validate=_AREA, metadata={"example": "990101"})
    category = fields.String(validate=_CATEGORY, metadata={"example": "C0101"})
    flag = fields.String(validate=_FLAG, metadata={"example": "no_area"})
    q = fields.String(validate=length(1, MAX_QUERY), metadata={"example": "路灯"})
    urgent = Flag(metadata={"example": True})


class HandOverBody(Shape):
    """To whom, and why."""

    to = identifier(required=True)
    note = text(1, 2000, metadata={"example": "这件请你看一下。"})


def _numbers(**example: int) -> fields.Dict:
    """How many there are, by value."""
    return fields.Dict(keys=fields.String(), values=fields.Integer(), required=True, metadata={"example": example})


class CountsShape(Shape):
    """How many wait in the caller's scope, by what they may be narrowed to; `mine` are those in the caller's hand.

    `overdue` are those of which somebody was told so: at most some seconds after they are.
    """

    total = fields.Integer(required=True, metadata={"example": 500})
    urgent = fields.Integer(required=True, metadata={"example": 12})
    overdue = fields.Integer(required=True, metadata={"example": 3})
    mine = fields.Integer(required=True, metadata={"example": 5})
    by_kind = _numbers(snap_report=400)
    by_category = _numbers(C0101=80, none=20)
    by_flag = _numbers(no_area=7)
