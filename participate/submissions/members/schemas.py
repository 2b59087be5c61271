"""Shapes of members, and of what they have done."""

from marshmallow import fields

from participate.kernel.paging import PageQuery
from participate.kernel.shapes import Flag, Shape, identifier, one_of
from participate.submissions.members.queries import DEEDS
from participate.submissions.workflow import SUBMISSION

_KINDS = ("micro_proposal", "micro_suggestion")


class MemberShape(Shape):
    """Somebody who is a member, by name: that is public in this office."""

    id = identifier(required=True)
    name = fields.String(required=True, metadata={"example": "李委员"})
    username = fields.String(metadata={"example": "member2", "description": "for members: to invite them by"})


class MemberList(Shape):
    """A page of members."""

    items = fields.List(fields.Nested(MemberShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class LedgerQuery(PageQuery):
    """What the list may be narrowed to."""

    deed = fields.String(load_default=None, validate=one_of(*DEEDS), metadata={"example": "cosigned"})


class DeedShape(Shape):
    """A proposal or suggestion, `id`, and what the member has done about it."""

    deed = fields.String(required=True, validate=one_of(*DEEDS))
    id = identifier(required=True)
    reference = fields.String(required=True, metadata={"example": "7K3-F9Q-X4C"})
    number = fields.String(required=True, allow_none=True, metadata={"example": "2026-0128"})
    kind = fields.String(required=True, validate=one_of(*_KINDS))
    title = fields.String(required=True, allow_none=True, metadata={"example": "在北门划非机动车停车位"})
    area = fields.String(required=True, allow_none=True, metadata={"example": "990101001"})
    state = fields.String(required=True, validate=one_of(*SUBMISSION.states))
    stage = fields.String(required=True, metadata={"example": "action"})
    answered = Flag(required=True, metadata={"example": False, "description": "it has its final reply, verified"})
    created_at = fields.DateTime(required=True)
    due_at = fields.DateTime(required=True, allow_none=True)


_COUNT = {"example": 12}


class DeedCounts(Shape):
    """How much the member has filed, signed and taken charge of; how much of that is answered."""

    filed = fields.Integer(required=True, metadata=_COUNT)
    cosigned = fields.Integer(required=True, metadata=_COUNT)
    adopted = fields.Integer(required=True, metadata=_COUNT)
    answered = fields.Integer(required=True, metadata=_COUNT)
    reported = fields.Integer(
        required=True, metadata=_COUNT | {"description": "how often they told how what they took charge of gets on"}
    )


class MemberLedger(Shape):
    """A member, how often they did what, and a page of it, the latest handed in first."""

    member = fields.Nested(MemberShape, required=True)
    counts = fields.Nested(DeedCounts, required=True)
    items = fields.List(fields.Nested(DeedShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})
