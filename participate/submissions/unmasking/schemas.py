"""Shapes of requests to learn who wrote a micro-supervision."""

from marshmallow import fields

from participate.kernel.shapes import Shape, identifier, one_of, text
from participate.submissions.unmasking.workflow import UNMASKING

OFFERED = tuple(move.name for move in UNMASKING.moves if move.name != "lapse")


class UnmaskingBody(Shape):
    """Why somebody must know."""

    reason = text(1, 2000, required=True, metadata={"example": "来信提到人身威胁，需联系本人。"})


class UnmaskingMoveBody(Shape):
    """Whether a second person agrees, and why."""

    move = fields.String(required=True, validate=one_of(*OFFERED), metadata={"example": "consent"})
    note = text(1, 2000, metadata={"example": "同意，情况紧急。"})


class UnmaskingShape(Shape):
    """A request; its author sees those that were granted, by their days alone."""

    id = identifier(required=True)
    state = fields.String(required=True, validate=one_of(*UNMASKING.states))
    asked_on = fields.Date(required=True, metadata={"example": "2026-11-27"})
    decided_on = fields.Date(required=True, allow_none=True, metadata={"example": None})
    reason = fields.String(required=True, allow_none=True, metadata={"example": "来信提到人身威胁，需联系本人。"})
    asked_by = fields.String(required=True, allow_none=True, metadata={"example": None, "format": "uuid"})
    decided_by = fields.String(required=True, allow_none=True, metadata={"example": None, "format": "uuid"})
    moves = fields.List(fields.String(), required=True, metadata={"example": ["consent", "refuse"]})
    version = fields.Integer(required=True)


class UnmaskingAnswer(Shape):
    """All requests about one submission, the latest first; there is no further page."""

    items = fields.List(fields.Nested(UnmaskingShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class AuthorAnswer(Shape):
    """Who wrote it."""

    name = fields.String(required=True, metadata={"example": "张三"})
    phone = fields.String(required=True, allow_none=True, metadata={"example": "+8613900000001"})
