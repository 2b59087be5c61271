"""Shapes of cases."""

from typing import Any

from marshmallow import fields

from participate.cases.after_photos import AFTER_FLAGS
from participate.cases.clocks import WAITS_FOR
from participate.cases.cohandlers.workflow import COHANDLING
from participate.cases.dispatch.schemas import RoutedShape
from participate.cases.levels import LACKING
from participate.cases.parts.schemas import PartShape
from participate.cases.queries import VIEWS
from participate.cases.replies import CLASSES
from participate.cases.rounds import ORDERS
from participate.cases.workflow import CASE
from participate.kernel.paging import PageQuery
from participate.kernel.problems import ProblemShape
from participate.kernel.shapes import (
    Flag,
    Moment,
    NumberText,
    Shape,
    Whole,
    between,
    identifier,
    length,
    matches,
    one_of,
    text,
)
from participate.kernel.workflow import SYSTEM
from participate.places.coordinates import CRS_NAMES
from participate.submissions.kinds import KINDS

MOST_SYNCED = 50
OFFERED = tuple(move.name for move in CASE.moves if not move.through and move.roles != frozenset({SYSTEM}))


class ViewQuery(PageQuery):
    """Which of the caller's cases."""

    view = fields.String(load_default="mine", validate=one_of(*VIEWS))
    cell = fields.String(validate=matches(r"[0-9]{15,18}"), metadata={"example": "990101001001001"})


class RouteQuery(Shape):
    """Where an officer stands, and how the round is to be put in order."""

    lat = NumberText(required=True, validate=between(-90, 90), metadata={"example": 28.228209})
    lon = NumberText(required=True, validate=between(-180, 180), metadata={"example": 112.938814})
    crs = fields.String(required=True, validate=one_of(*CRS_NAMES), metadata={"example": "wgs84"})
    order = fields.String(load_default="nearest", validate=one_of(*ORDERS))


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
    to_area = fields.String(validate=matches(r"[0-9]{6,18}"), metadata={"example": "990101001001"})
    title = text(1, 120, metadata={"description": "for `divide`: what the part is", "example": "修复被砸断的电缆"})
    part = identifier(metadata={"description": "which part, by its id as a case", "format": "uuid"})
    answer_class = fields.String(validate=one_of(*CLASSES))
    due_at = Moment(metadata={"example": "2026-12-01T18:00:00+08:00"})
    waits_for = fields.String(validate=one_of(*WAITS_FOR))
    lacking = fields.String(
        validate=one_of(*LACKING),
        metadata={"description": "for `escalate`: what this level lacks to carry it", "example": "authority"},
    )


class SyncMoveBody(CaseMoveBody):
    """A move that was made without a network; `version` is the case's as it was seen, where that must hold still."""

    key = fields.String(required=True, validate=matches(r"[ -~]{1,255}"), metadata={"example": "a1b2-1"})
    case_id = identifier(required=True)
    version = Whole(validate=between(1, 2**31 - 1), metadata={"example": 3})
    made_at = Moment(
        metadata={"example": "2026-11-23T09:30:00+08:00", "description": "when the officer did it, by their clock"}
    )


class _EachByItself(fields.List[Any]):
    """A list whose items are checked one by one later on: what is wrong with one of them holds up no other."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        return value


class SyncBody(Shape):
    """Moves in the order in which they were made."""

    moves = _EachByItself(fields.Nested(SyncMoveBody), required=True, validate=length(1, MOST_SYNCED))


class DoubtShape(Shape):
    """What makes one doubt that the after-photo shows the work, and why; it decides nothing by itself."""

    code = fields.String(required=True, validate=one_of(*AFTER_FLAGS), metadata={"example": "after_reused"})
    why = fields.String(required=True, metadata={"example": "办理后照片与同一承办人在别处提交过的照片相似。"})


class CaseShape(Shape):
    """A case as its handlers see it."""

    id = identifier(required=True)
    reference = fields.String(required=True, metadata={"example": "9QX-4C7-K3F"})
    submission_id = identifier(required=True)
    part_of = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "the case that leads, where this is a part", "format": "uuid", "example": None},
    )
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
    instead_of = fields.String(
        required=True, allow_none=True, metadata={"description": "who is away, in whose stead", "format": "uuid"}
    )
    due_at = fields.DateTime(required=True, metadata={"description": "what its level has to do next"})
    make_safe_due_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "until when a danger must be averted", "example": None}
    )
    made_safe_at = fields.DateTime(required=True, allow_none=True, metadata={"example": None})
    overdue = Flag(required=True, metadata={"example": False})
    waits_for = fields.String(
        required=True, allow_none=True, validate=one_of(*WAITS_FOR), metadata={"description": "why its clock stands"}
    )
    extension_until = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "asked for, not decided on yet", "example": None}
    )
    extensions = fields.Integer(required=True, metadata={"example": 0})
    answer_class = fields.String(
        required=True,
        allow_none=True,
        validate=one_of(*CLASSES),
        metadata={"description": "of the final reply: A done, B planned, C not now, D for reference"},
    )
    unsigned = fields.Integer(
        required=True, metadata={"description": "co-handlers who have not countersigned", "example": 0}
    )
    parts_open = fields.Integer(
        required=True, metadata={"description": "its parts that others still handle", "example": 0}
    )
    warned = fields.Integer(
        required=True,
        metadata={"description": "how much of its level's time is over: 0, 50, 80 or 100 %", "example": 50},
    )
    feedback_due_at = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={"description": "until when those who passed it up are to hear what is done", "example": None},
    )
    opened_at = fields.DateTime(required=True)
    told_at = fields.DateTime(allow_none=True, metadata={"description": "when its submitter was told of a step last"})
    found = Flag(required=True, metadata={"example": False, "description": "by an officer on their round"})
    sampled = Flag(
        required=True,
        allow_none=True,
        metadata={
            "description": "of what its finder has mended: whether somebody else is to verify it; null for all "
            "else, and for who is not to know",
            "example": None,
        },
    )
    flags = fields.List(fields.Nested(DoubtShape), required=True, metadata={"example": []})
    moves = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "what the caller may do now; that they have done the work and so do not judge it, "
            "counts for one case, not in lists",
            "example": ["accept", "object"],
        },
    )
    version = fields.Integer(required=True)


class HolderShape(Shape):
    """A stretch of time for which the case was in the same hands."""

    level = fields.Integer(required=True, metadata={"example": 1})
    area = fields.String(required=True, allow_none=True, metadata={"example": "990101001001001"})
    assignee = fields.String(required=True, allow_none=True, metadata={"format": "uuid"})
    unit = fields.String(required=True, allow_none=True, metadata={"example": None, "format": "uuid"})
    since = fields.DateTime(required=True)
    until = fields.DateTime(required=True, allow_none=True, metadata={"description": "null: it still is"})
    working_minutes = fields.Integer(
        required=True, metadata={"example": 480, "description": "of these, by the working calendar"}
    )
    total_minutes = fields.Integer(required=True, metadata={"example": 1440})


class DraftShape(Shape):
    """The final reply as its lead means to give it; `due_at` is the day by which what is planned is promised."""

    note = fields.String(required=True, metadata={"example": "已与燃气公司共同完成抢修，路面今日恢复通行。"})
    answer_class = fields.String(required=True, validate=one_of(*CLASSES))
    due_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time", "example": None})


class CoHandlerShape(Shape):
    """Who handles a case besides its lead, and what they say to the draft of its reply."""

    id = identifier(required=True)
    account = fields.String(required=True, allow_none=True, metadata={"format": "uuid"})
    unit = fields.String(required=True, allow_none=True, metadata={"example": None, "format": "uuid"})
    state = fields.String(required=True, validate=one_of(*COHANDLING.states), metadata={"example": "asked"})
    named_at = fields.DateTime(required=True)
    asked_at = fields.DateTime(required=True, allow_none=True)
    due_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "until when to countersign"})
    answered_at = fields.DateTime(required=True, allow_none=True, metadata={"example": None})
    answered_by = fields.String(required=True, allow_none=True, metadata={"example": None, "format": "uuid"})
    reason = fields.String(required=True, allow_none=True, metadata={"description": "why declined", "example": None})
    moves = fields.List(fields.String(), required=True, metadata={"example": ["countersign", "decline"]})
    version = fields.Integer(required=True)


class CaseDetail(CaseShape):
    """A case by itself: who had it for how long (the last holders, oldest first), who handles it too, and its parts."""

    holders = fields.List(fields.Nested(HolderShape), required=True)
    supervising_unit = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "which unit watches over it by the catalogue", "format": "uuid", "example": None},
    )
    closing = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "when its condition counts as done", "example": "井盖已补装"},
    )
    photo_required = Flag(required=True, metadata={"description": "to say that it is done, by its condition"})
    routed = fields.Nested(RoutedShape, required=True, allow_none=True)
    draft = fields.Nested(DraftShape, required=True, allow_none=True)
    cohandlers = fields.List(fields.Nested(CoHandlerShape), required=True)
    parts = fields.List(fields.Nested(PartShape), required=True)


class CaseList(Shape):
    """A page of cases."""

    items = fields.List(fields.Nested(CaseShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class StopPlace(Shape):
    """Where a case is."""

    crs = fields.String(required=True, metadata={"example": "wgs84"})
    lat = fields.Float(required=True, metadata={"example": 28.228209})
    lon = fields.Float(required=True, metadata={"example": 112.938814})


class StopShape(Shape):
    """A case on the round: how far from where the officer stands, or on a route from the stop before."""

    case = fields.Nested(CaseShape, required=True)
    place = fields.Nested(StopPlace, required=True, allow_none=True)
    distance_m = fields.Integer(required=True, allow_none=True, metadata={"example": 85})


class RouteAnswer(Shape):
    """At most 50 cases; those that lie nowhere come last."""

    items = fields.List(fields.Nested(StopShape), required=True)


class SyncedShape(Shape):
    """What has become of one move: the `case` as it was right after, or the `problem` that it met."""

    key = fields.String(required=True, allow_none=True, metadata={"example": "a1b2-1"})
    status = fields.Integer(required=True, metadata={"example": 200})
    case = fields.Nested(CaseShape, required=True, allow_none=True)
    problem = fields.Nested(ProblemShape, required=True, allow_none=True, metadata={"example": None})


class SyncAnswer(Shape):
    """One item for each move, in their order."""

    items = fields.List(fields.Nested(SyncedShape), required=True)
