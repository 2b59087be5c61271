"""Shapes of clues."""

from marshmallow import fields

from participate.cases.clues.models import CAUSES
from participate.cases.clues.workflow import CLUE
from participate.kernel.paging import PageQuery
from participate.kernel.shapes import Shape, identifier, one_of, text
from participate.submissions.kinds import KINDS

OFFERED = tuple(move.name for move in CLUE.moves)


class ClueQuery(PageQuery):
    """Those that wait, or that were settled so."""

    state = fields.String(load_default=CLUE.initial, validate=one_of(*CLUE.states))


class ClueMoveBody(Shape):
    """What becomes of it, and why: of one that is taken up, the note is the supervision's text."""

    move = fields.String(required=True, validate=one_of(*OFFERED), metadata={"example": "take_up"})
    note = text(1, 5000, metadata={"example": "承诺两次推迟后仍未兑现，需了解经费去向。"})


class ClueShape(Shape):
    """A clue, what it is about, and what came of it."""

    id = identifier(required=True)
    cause = fields.String(required=True, validate=one_of(*CAUSES))
    cause_id = identifier(required=True)
    about_id = identifier(required=True)
    reference = fields.String(required=True, metadata={"example": "9QX-4C7-K3F"})
    title = fields.String(required=True, allow_none=True, metadata={"example": "路口增设减速带"})
    kind = fields.String(required=True, validate=one_of(*KINDS))
    unit = fields.String(required=True, allow_none=True, metadata={"example": None, "format": "uuid"})
    area = fields.String(required=True, allow_none=True, metadata={"example": "990101001001"})
    state = fields.String(required=True, validate=one_of(*CLUE.states))
    stage = fields.String(required=True, validate=one_of(*dict.fromkeys(CLUE.stages.values())))
    reason = fields.String(required=True, allow_none=True, metadata={"example": None})
    found_at = fields.DateTime(required=True)
    supervision_id = fields.String(
        required=True, allow_none=True, metadata={"description": "for who has taken it up", "example": None}
    )
    moves = fields.List(fields.String(), required=True, metadata={"example": ["take_up", "dismiss"]})
    version = fields.Integer(required=True)


class ClueList(Shape):
    """A page of clues."""

    items = fields.List(fields.Nested(ClueShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})
