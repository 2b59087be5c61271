"""Shapes of consultations."""

from typing import Any

from marshmallow import fields

from participate.consultations.queries import VALUES
from participate.consultations.workflow import STATEMENT
from participate.kernel.paging import PageQuery
from participate.kernel.shapes import Flag, Moment, Shape, identifier, length, one_of, text

ADOPTED = ("adopted", "partly", "not")
_TEXT: dict[str, Any] = {"example": "广场晚上九点半熄灯比较合适。"}
_MINUTES: dict[str, Any] = {"example": "11月20日在社区会议室，居民代表12人、街道与城管各1人到会。"}
_REASON: dict[str, Any] = {"example": "已列入本季度照明改造计划。"}


class StatementBody(Shape):
    """One thing that others may agree to."""

    text = text(4, 280, required=True, metadata=_TEXT)


class StatementQuery(PageQuery):
    """Which statements: those that are voted on, those of the caller, or, for who moderates, those that wait."""

    view = fields.String(load_default="shown", validate=one_of("shown", "own", "waiting", "refused"))


class StatementShape(Shape):
    """A statement, with how the caller has voted on it."""

    id = identifier(required=True)
    text = fields.String(required=True, metadata=_TEXT)
    state = fields.String(required=True, validate=one_of(*STATEMENT.states))
    agrees = fields.Integer(required=True)
    disagrees = fields.Integer(required=True)
    passes = fields.Integer(required=True)
    is_own = Flag(required=True)
    vote = fields.String(required=True, allow_none=True, validate=one_of(*VALUES), metadata={"example": None})
    created_at = fields.DateTime(required=True)
    version = fields.Integer(required=True)
    moves = fields.List(fields.String(), required=True, metadata={"example": ["refuse"]})


class StatementList(Shape):
    """A page of statements, oldest first."""

    items = fields.List(fields.Nested(StatementShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class StatementMoveBody(Shape):
    """A moderator's word on a statement."""

    move = fields.String(
        required=True, validate=one_of(*(move.name for move in STATEMENT.moves)), metadata={"example": "show"}
    )
    note = text(1, 500, metadata={"example": "与第三条重复。"})


class VoteBody(Shape):
    """How the caller votes."""

    vote = fields.String(required=True, validate=one_of(*VALUES), metadata={"example": "agree"})


class OutcomeBody(Shape):
    """What becomes of a statement: which unit sees to it and by when (both where any of it is adopted), or why not."""

    statement_id = identifier(required=True)
    adopted = fields.String(required=True, validate=one_of(*ADOPTED), metadata={"example": "adopted"})
    reason = text(4, 1000, required=True, metadata=_REASON)
    unit = identifier()
    due_at = Moment()


class ConsultationOutcomeShape(Shape):
    """What becomes of a statement."""

    statement_id = identifier(required=True)
    adopted = fields.String(required=True, validate=one_of(*ADOPTED), metadata={"example": "adopted"})
    reason = fields.String(required=True, metadata=_REASON)
    unit = identifier()
    due_at = fields.String(metadata={"format": "date-time", "example": "2026-12-31T18:00:00+08:00"})
    commitment_id = identifier()


class ConsultationBody(Shape):
    """Until when votes count, and what comes of it."""

    closes_at = Moment(allow_none=True)
    outcomes = fields.List(fields.Nested(OutcomeBody), validate=length(0, 100))
    minutes = text(4, 20_000, metadata=_MINUTES)


class StandsForShape(Shape):
    """A statement that a group stands for more than others do: its share, and how many times the others' that is."""

    statement_id = identifier(required=True)
    side = fields.String(required=True, validate=one_of("agree", "disagree"))
    share = fields.Float(required=True, metadata={"example": 0.91})
    times = fields.Float(required=True, metadata={"example": 3.2})


class OpinionGroupShape(Shape):
    """A group of opinion."""

    group = fields.Integer(required=True, metadata={"example": 0})
    people = fields.Integer(required=True, metadata={"example": 42})
    stands_for = fields.List(fields.Nested(StandsForShape), required=True)


class ConsensusShape(Shape):
    """How far all groups agree (or disagree): the product of their shares."""

    statement_id = identifier(required=True)
    agree = fields.Float(required=True, metadata={"example": 0.62})
    disagree = fields.Float(required=True, metadata={"example": 0.02})


class PictureShape(Shape):
    """What the votes show; of groups under five people nothing is told but how many there are (`suppressed`)."""

    at = fields.String(required=True, metadata={"format": "date-time", "example": "2026-11-23T09:30:00+08:00"})
    people = fields.Integer(required=True, metadata={"example": 120})
    counted = fields.Integer(required=True, metadata={"example": 97})
    votes = fields.Integer(required=True, metadata={"example": 2300})
    suppressed = fields.Integer(required=True, metadata={"example": 0})
    groups = fields.List(fields.Nested(OpinionGroupShape), required=True)
    consensus = fields.List(fields.Nested(ConsensusShape), required=True)


class ResultsShape(Shape):
    """How a consultation stands; `picture` is there once somebody has voted."""

    id = identifier(required=True)
    reference = fields.String(required=True, metadata={"example": "SC5-7P5-9BW"})
    state = fields.String(required=True, metadata={"example": "open"})
    closes_at = fields.DateTime(required=True, allow_none=True)
    picture = fields.Nested(PictureShape, required=True, allow_none=True)
    outcomes = fields.List(fields.Nested(ConsultationOutcomeShape), required=True)
    minutes = fields.String(required=True, allow_none=True, metadata=_MINUTES)
    version = fields.Integer(required=True)
