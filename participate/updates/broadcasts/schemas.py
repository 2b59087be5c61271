"""Shapes of broadcasts."""

from typing import Any

from marshmallow import fields

from participate.kernel.shapes import Flag, Shape, identifier, matches, one_of, text
from participate.updates.broadcasts.workflow import BROADCAST

_TEXT: dict[str, Any] = {"example": "今日 14 时至 18 时，岳麓街道停水检修，请提前储水。"}
_ENGLISH: dict[str, Any] = {"example": "Water is cut from 14:00 to 18:00 today; please store some."}


def _area(**options: Any) -> fields.String:
    return fields.String(validate=matches(r"[0-9]{2,18}"), metadata={"example": "990101"}, **options)


class AreaBody(Shape):
    """Which area a notice would go to."""

    area = _area(required=True)


class PeopleShape(Shape):
    """How many people it would reach, and whether somebody else has to consent."""

    people = fields.Integer(required=True, metadata={"example": 640})
    needs_consent = Flag(required=True)


class BroadcastBody(Shape):
    """A notice; `urgent` does not wait for anybody's quiet hours."""

    area = _area(required=True)
    text_en = text(4, 600, metadata=_ENGLISH)
    text = text(4, 300, required=True, metadata=_TEXT)
    urgent = Flag(load_default=False, metadata={"example": False})


class BroadcastShape(Shape):
    """A notice, and how far it has come."""

    id = identifier(required=True)
    author_id = identifier(required=True)
    area = _area(required=True)
    text = fields.String(required=True, metadata=_TEXT)
    text_en = fields.String(required=True, allow_none=True, metadata=_ENGLISH)
    urgent = Flag(required=True)
    state = fields.String(required=True, validate=one_of(*BROADCAST.states))
    people = fields.Integer(required=True, metadata={"example": 640})
    told = fields.Integer(required=True, metadata={"example": 500})
    decided_by = identifier(required=True, allow_none=True)
    created_at = fields.DateTime(required=True)
    version = fields.Integer(required=True)
    moves = fields.List(fields.String(), required=True, metadata={"example": ["stop"]})


class BroadcastList(Shape):
    """A page of notices, the latest first."""

    items = fields.List(fields.Nested(BroadcastShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class BroadcastMoveBody(Shape):
    """A move, with a reason where one is needed."""

    move = fields.String(
        required=True, validate=one_of(*(move.name for move in BROADCAST.moves)), metadata={"example": "consent"}
    )
    note = text(1, 500, metadata={"example": "已核对。"})
