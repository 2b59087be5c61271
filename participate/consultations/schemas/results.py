"""Shapes of how a consultation stands, who is invited, and what comes of it."""

from typing import Any, ClassVar

from marshmallow import fields

from participate.consultations import sides
from participate.consultations.schemas.clusters import OriginShape
from participate.kernel.shapes import Flag, Moment, Shape, identifier, length, matches, one_of, text

ADOPTED = ("adopted", "partly", "not")
_MINUTES: dict[str, Any] = {"example": "11月20日在社区会议室，居民代表12人、街道与城管各1人到会。"}
_REASON: dict[str, Any] = {"example": "已列入本季度照明改造计划。"}
_SIDE: dict[str, Any] = {"example": "广场周边居民"}
_AREA: dict[str, Any] = {"example": "990101001001"}


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


class SideBody(Shape):
    """A side that is invited: the residents or members of an `area`, a `unit`, or experts by their `accounts`."""

    kind = fields.String(required=True, validate=one_of(*sides.KINDS), metadata={"example": "residents"})
    name = text(1, 60, required=True, metadata=_SIDE)
    area = fields.String(validate=matches(r"[0-9]{2,18}"), metadata=_AREA)
    unit = identifier()
    accounts = fields.List(identifier(), validate=length(1, 100))
    EXAMPLE: ClassVar[dict[str, Any]] = {"kind": "residents", "name": "广场周边居民", "area": "990101001001"}


class ConsultationBody(Shape):
    """Who is invited, until when votes count, and what comes of it."""

    sides = fields.List(fields.Nested(SideBody), validate=length(0, sides.MOST))
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


class SideShape(Shape):
    """A side that is invited; the `accounts` of experts are for who runs the consultation."""

    side = fields.Integer(required=True, metadata={"description": "its number among the sides"})
    kind = fields.String(required=True, validate=one_of(*sides.KINDS))
    name = fields.String(required=True, metadata=_SIDE)
    area = fields.String(metadata=_AREA)
    unit = identifier()
    accounts = fields.List(identifier())


class PartVotesShape(Shape):
    """How a part has voted on a statement."""

    statement_id = identifier(required=True)
    agrees = fields.Integer(required=True, metadata={"example": 31})
    disagrees = fields.Integer(required=True, metadata={"example": 4})
    passes = fields.Integer(required=True, metadata={"example": 2})


class VotingPartShape(Shape):
    """Those whose first side is `side`, or the open part (null): `people` is null where they are too few to be told.

    A statement is left out where so few of them have voted on it that their votes could be told.
    """

    side = fields.Integer(required=True, allow_none=True, metadata={"example": 1})
    people = fields.Integer(required=True, allow_none=True, metadata={"example": 40})
    statements = fields.List(fields.Nested(PartVotesShape), required=True)


class ResultsShape(Shape):
    """How a consultation stands; `picture` is there once somebody has voted, `parts` where sides are invited."""

    id = identifier(required=True)
    reference = fields.String(required=True, metadata={"example": "SC5-7P5-9BW"})
    state = fields.String(required=True, metadata={"example": "open"})
    closes_at = fields.DateTime(required=True, allow_none=True)
    picture = fields.Nested(PictureShape, required=True, allow_none=True)
    origin = fields.Nested(OriginShape, required=True, allow_none=True)
    sides = fields.List(fields.Nested(SideShape), required=True)
    own_sides = fields.List(
        fields.Integer(),
        required=True,
        metadata={"description": "those to which the caller belongs; of these the first counts", "example": [1]},
    )
    parts = fields.List(fields.Nested(VotingPartShape), required=True, allow_none=True)
    outcomes = fields.List(fields.Nested(ConsultationOutcomeShape), required=True)
    minutes = fields.String(required=True, allow_none=True, metadata=_MINUTES)
    version = fields.Integer(required=True)


class SignGroupShape(Shape):
    """People who came from one address, or within one span of time."""

    people = fields.Integer(required=True, metadata={"example": 12})
    since = fields.DateTime()
    until = fields.DateTime()


class SignShape(Shape):
    """A sign that people were sent, whether it is `raised`, why it may be one, and what it was found in."""

    sign = fields.String(required=True, validate=one_of("new_accounts", "same_address", "bursts"))
    raised = Flag(required=True)
    people = fields.Integer(required=True, metadata={"example": 12})
    share = fields.Float(required=True, metadata={"example": 0.3})
    why = fields.String(required=True, metadata={"example": "40 人中有 12 人参与时账号注册不满 7 天。"})
    groups = fields.List(fields.Nested(SignGroupShape), required=True)


class SignsShape(Shape):
    """Signs that people were sent, of those who have taken part; no result depends on them."""

    people = fields.Integer(required=True, metadata={"example": 40})
    signs = fields.List(fields.Nested(SignShape), required=True)
