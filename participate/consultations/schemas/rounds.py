"""Shapes of rounds."""

from typing import Any, ClassVar

from marshmallow import fields

from participate.consultations.workflow import ROUND
from participate.kernel.shapes import Flag, Moment, Shape, identifier, length, one_of, text
from participate.kernel.workflow import SYSTEM

_ROUND: dict[str, Any] = {"example": "第二轮：比较两个方案"}


class PaperShape(Shape):
    """What is to be read before a round."""

    title = text(1, 120, required=True, metadata={"example": "方案一：九点半熄灯"})
    text = text(1, 5000, required=True, metadata={"example": "灯光九点半关闭，音响九点停止；费用由街道承担。"})


class RoundFields(Shape):
    """When a round is announced, opens and ends, what is to be read before, and whether sides alone take part."""

    title = text(2, 120, metadata=_ROUND)
    notice_at = Moment()
    opens_at = Moment(metadata={"example": "2026-12-05T09:00:00+08:00"})
    closes_at = Moment(metadata={"example": "2026-12-19T18:00:00+08:00"})
    invited_only = Flag(metadata={"example": False})
    papers = fields.List(fields.Nested(PaperShape), validate=length(0, 5))


class RoundBody(RoundFields):
    """A round; without `notice_at` it is announced at once."""

    title = text(2, 120, required=True, metadata=_ROUND)
    opens_at = Moment(required=True, metadata={"example": "2026-12-05T09:00:00+08:00"})
    closes_at = Moment(required=True, metadata={"example": "2026-12-19T18:00:00+08:00"})
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "title": "第二轮：比较两个方案",
        "opens_at": "2026-12-05T09:00:00+08:00",
        "closes_at": "2026-12-19T18:00:00+08:00",
        "papers": [{"title": "方案一", "text": "九点半熄灯。"}],
    }


class RoundMoveBody(RoundFields):
    """A move, and what is to be otherwise: before it is announced all of it, while it runs its end alone."""

    move = fields.String(
        required=True,
        validate=one_of(*(move.name for move in ROUND.moves if move.roles != frozenset({SYSTEM}))),
        metadata={"example": "change"},
    )
    note = text(1, 500, metadata={"example": "场地当日另有安排，顺延一周。"})
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "move": "change",
        "note": "场地当日另有安排，顺延一周。",
        "closes_at": "2026-12-26T18:00:00+08:00",
    }


class RoundBrief(Shape):
    """A round, without its papers."""

    id = identifier(required=True)
    number = fields.Integer(required=True, metadata={"example": 2})
    title = fields.String(required=True, metadata=_ROUND)
    state = fields.String(required=True, validate=one_of(*ROUND.states), metadata={"example": "announced"})
    stage = fields.String(required=True, validate=one_of(*dict.fromkeys(ROUND.stages.values())))
    notice_at = fields.DateTime(required=True)
    opens_at = fields.DateTime(required=True)
    closes_at = fields.DateTime(required=True)
    invited_only = Flag(required=True)
    moves = fields.List(fields.String(), required=True, metadata={"example": ["change", "cancel"]})
    version = fields.Integer(required=True)


class RoundList(Shape):
    """A page of rounds, in the order in which they open."""

    items = fields.List(fields.Nested(RoundBrief), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class RoundShape(RoundBrief):
    """A round, with what is to be read before."""

    papers = fields.List(fields.Nested(PaperShape), required=True)
