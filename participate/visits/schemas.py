"""Shapes of the log."""

from typing import Any, ClassVar

from marshmallow import fields

from participate.kernel.paging import PageQuery
from participate.kernel.shapes import Flag, Moment, Shape, identifier, length, matches, one_of, text
from participate.places.schemas import PointBody

KINDS = ("household", "elderly", "shop", "site", "public_place", "other")
TOPICS = ("safety", "dispute", "sanitation", "facilities", "welfare", "employment", "policy", "other")
MOST_TEXT = 1000
_CELL: dict[str, Any] = {"example": "990101001001001"}


def _kind(**options: Any) -> fields.String:
    return fields.String(validate=one_of(*KINDS), metadata={"example": "elderly"}, **options)


def _topics(**options: Any) -> fields.List[Any]:
    return fields.List(
        fields.String(validate=one_of(*TOPICS)), validate=length(1, 5), metadata={"example": ["safety"]}, **options
    )


def _text(**options: Any) -> fields.String:
    example = "独居老人家中燃气软管老化，已请燃气公司上门更换。"
    return text(1, MOST_TEXT, metadata={"example": example}, **options)


class VisitBody(Shape):
    """A visit, perhaps made without a network: in `cell`, or where `place` is."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "visited_at": "2026-11-23T09:30:00+08:00",
        "cell": "990101001001001",
        "kind": "elderly",
        "topics": ["safety"],
        "text": "独居老人家中燃气软管老化，已请燃气公司上门更换。",
        "follow_up": True,
    }
    visited_at = Moment(required=True)
    cell = fields.String(validate=matches(r"[0-9]{15}|[0-9]{18}"), metadata=_CELL)
    place = fields.Nested(PointBody)
    kind = _kind(required=True)
    topics = _topics(required=True)
    text = _text(required=True)
    follow_up = Flag(load_default=False, metadata={"example": True})
    submission_id = identifier()
    case_id = identifier()


class CorrectionBody(Shape):
    """What the entry is to say instead."""

    kind = _kind()
    topics = _topics()
    text = _text()
    follow_up = Flag(metadata={"example": True})


class VisitQuery(PageQuery):
    """Which of the entries that the caller may read."""

    cell = fields.String(validate=matches(r"[0-9]{15}|[0-9]{18}"), metadata=_CELL)
    area = fields.String(validate=matches(r"[0-9]{2,18}"), metadata={"example": "990101"})
    officer = identifier()
    since = Moment(data_key="from", metadata={"example": "2026-11-23T00:00:00Z"})
    until = Moment(metadata={"example": "2026-11-24T00:00:00Z", "description": "itself no more"})


class VisitShape(Shape):
    """An entry."""

    id = identifier(required=True)
    officer = identifier(required=True)
    cell = fields.String(required=True, metadata=_CELL)
    kind = _kind(required=True)
    topics = _topics(required=True)
    text = _text(required=True)
    follow_up = fields.Boolean(required=True)
    submission_id = identifier(required=True, allow_none=True)
    case_id = identifier(required=True, allow_none=True)
    visited_at = fields.DateTime(required=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)
    version = fields.Integer(required=True)


class EarlierEntryShape(Shape):
    """What an entry said before it was corrected."""

    kind = _kind(required=True)
    topics = _topics(required=True)
    text = _text(required=True)
    follow_up = fields.Boolean(required=True)
    version = fields.Integer(required=True)
    until = fields.DateTime(required=True)


class VisitDetail(VisitShape):
    """An entry by itself, with what it said before, oldest first."""

    earlier = fields.List(fields.Nested(EarlierEntryShape), required=True)


class VisitList(Shape):
    """A page of the log."""

    items = fields.List(fields.Nested(VisitShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})
