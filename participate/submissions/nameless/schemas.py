"""Shapes of what is handed in without an account."""

from marshmallow import fields

from participate.kernel.shapes import Shape, length, text
from participate.submissions.proposals.schemas import MAX_BODY
from participate.submissions.schemas import PlaceBody
from participate.submissions.workflow import SUBMISSION


class NamelessBody(Shape):
    """A micro-supervision of somebody who gives no account."""

    title = text(0, 120, metadata={"example": "盲道改造"})
    body = text(1, MAX_BODY, required=True, metadata={"example": "公示牌上写的是已完工，现场没有人施工。"})
    place = fields.Nested(PlaceBody)
    details = fields.Dict(
        validate=length(0, 10), metadata={"example": {}, "description": "what is watched; as of that kind"}
    )


class NamelessAnswer(Shape):
    """The receipt, which is shown this once and kept nowhere."""

    receipt = fields.String(required=True, metadata={"example": "pY3l0d8Yk3JmU2nQ7sX1bV5cR9tZ4aWe"})
    reference = fields.String(required=True, metadata={"example": "7K3-F9Q-X4C"})
    state = fields.String(required=True, metadata={"example": SUBMISSION.initial})
