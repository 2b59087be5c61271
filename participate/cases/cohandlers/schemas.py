"""Shapes of co-handlers' moves."""

from marshmallow import fields

from participate.cases.cohandlers.workflow import COHANDLING
from participate.kernel.shapes import Shape, one_of, text
from participate.kernel.workflow import SYSTEM

OFFERED = tuple(move.name for move in COHANDLING.moves if move.roles != frozenset({SYSTEM}))


class CoHandlerMoveBody(Shape):
    """What a co-handler says to the draft, or that they are released; the last two need a note."""

    move = fields.String(required=True, validate=one_of(*OFFERED), metadata={"example": "countersign"})
    note = text(1, 2000, metadata={"example": "同意。"})
