"""Shapes of figures about the desk."""

from marshmallow import fields

from participate.kernel.shapes import Moment, Shape, matches, one_of
from participate.moderation.models import DECISIONS
from participate.moderation.queries.figures import GROUPINGS

_COUNT = {"example": 120, "description": "null where it would tell of fewer than five"}
_SHARE = {"example": 0.25}


def _count() -> fields.Integer:
    return fields.Integer(required=True, allow_none=True, metadata=_COUNT)


def _share() -> fields.Float:
    return fields.Float(required=True, allow_none=True, metadata=_SHARE)


class FiguresQuery(Shape):
    """Of which time, and told by what; the last 90 days where nothing is said."""

    since = Moment(metadata={"example": "2026-08-01T00:00:00Z"})
    until = Moment(metadata={"example": "2026-11-01T00:00:00Z"})
    by = fields.String(load_default="moderator", validate=one_of(*GROUPINGS))


class SpreadShape(Shape):
    """Median and quartiles."""

    median = fields.Float(required=True, metadata={"example": 34.5})
    q1 = fields.Float(required=True, metadata={"example": 12.0})
    q3 = fields.Float(required=True, metadata={"example": 80.0})


class DecidedShape(Shape):
    """How often each was decided."""

    accept, merge = _count(), _count()
    reject = _count()
    return_ = fields.Integer(required=True, allow_none=True, data_key="return", metadata=_COUNT)


class AppealsShape(Shape):
    """Appeals that were decided, and how many of them otherwise than before."""

    n, overturned, share = _count(), _count(), _share()


class OpinionsShape(Shape):
    """Second opinions that were given, and how many were what was decided then."""

    n, agreed, share = _count(), _count(), _share()


class AllShape(Shape):
    """What was decided; `minutes` from when a task was opened to its decision."""

    n = _count()
    minutes = fields.Nested(SpreadShape, required=True, allow_none=True)
    decisions = fields.Nested(DecidedShape, required=True)
    appeals = fields.Nested(AppealsShape, required=True)
    opinions = fields.Nested(OpinionsShape, required=True)


class GroupShape(AllShape):
    """The same of one group; an appeal counts where what it questions was decided."""

    group = fields.String(
        required=True,
        allow_none=True,
        metadata={"example": "unclear", "description": "an account, a reason, an area's nine digits, or a decision"},
    )


class FiguresAnswer(Shape):
    """What was decided in a time, all together and in groups."""

    since = fields.DateTime(required=True)
    until = fields.DateTime(required=True)
    by = fields.String(required=True, validate=one_of(*GROUPINGS))
    all = fields.Nested(AllShape, required=True)
    groups = fields.List(fields.Nested(GroupShape), required=True)


class ReportQuery(Shape):
    """Of which month; one that is over."""

    month = fields.String(
        required=True, validate=matches(r"20[0-9]{2}-(0[1-9]|1[0-2])"), metadata={"example": "2026-10"}
    )


class FirstLookShape(Shape):
    """First decisions: half of them took no longer than the median, and which share was made in time."""

    n, in_time = _count(), _share()
    median_minutes = fields.Float(required=True, allow_none=True, metadata={"example": 34.5})


class AreaReportShape(Shape):
    """One district; null stands for nowhere that is known."""

    area = fields.String(required=True, allow_none=True, metadata={"example": "990101"})
    received, decided = _count(), _count()
    first_look = fields.Nested(FirstLookShape, required=True)
    appeals = fields.Nested(AppealsShape, required=True)


class ReasonReportShape(Shape):
    """How often something was decided for a reason."""

    decision = fields.String(required=True, validate=one_of(*DECISIONS))
    reason = fields.String(required=True, metadata={"example": "unclear"})
    label = fields.String(required=True, metadata={"example": "内容不清楚"})
    n = _count()


class FlagReportShape(Shape):
    """How often a flag was put, and how often the decision bore it out."""

    code = fields.String(required=True, metadata={"example": "no_area"})
    n, borne_out, share = _count(), _count(), _share()


class ReportAnswer(Shape):
    """The desk's work in a month."""

    month = fields.String(required=True, metadata={"example": "2026-10"})
    received, decided = _count(), _count()
    decisions = fields.Nested(DecidedShape, required=True)
    reasons = fields.List(fields.Nested(ReasonReportShape), required=True)
    first_look = fields.Nested(FirstLookShape, required=True)
    appeals = fields.Nested(AppealsShape, required=True)
    flags = fields.List(fields.Nested(FlagReportShape), required=True)
    areas = fields.List(fields.Nested(AreaReportShape), required=True)
