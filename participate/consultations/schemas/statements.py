"""Shapes of statements and votes."""

from typing import Any

from marshmallow import fields

from participate.consultations.queries import VALUES
from participate.consultations.workflow import STATEMENT
from participate.kernel.paging import PageQuery
from participate.kernel.shapes import Flag, Shape, identifier, one_of, text

_TEXT: dict[str, Any] = {"example": "广场晚上九点半熄灯比较合适。"}


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
