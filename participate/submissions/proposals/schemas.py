"""Shapes of what proposals have, and of the list of those that are filed."""

from marshmallow import fields

from participate.kernel.paging import PageQuery
from participate.kernel.shapes import Flag, Moment, Shape, WholeText, between, identifier, length, one_of, text
from participate.submissions.kinds import KINDS
from participate.submissions.lineage import INTO
from participate.submissions.proposals.models import MARKS, STATES
from participate.submissions.workflow import SUBMISSION

MAX_BODY = 10_000


class LifeBody(Shape):
    """What only moves of a proposal or a suggestion bring."""

    members = fields.List(
        text(1, 64),
        validate=length(0, 50),
        metadata={"example": [], "description": "for `invite`: the user names of members"},
    )
    cosign_until = Moment(metadata={"description": "for the first `invite`: until when they may sign"})
    hard = Flag(metadata={"example": False, "description": "for `file`: six months for the answer; the note says why"})
    mark = fields.String(validate=one_of(*MARKS), metadata={"example": "key", "description": "for `mark`"})
    into = fields.String(
        validate=one_of(*INTO), metadata={"example": "micro_proposal", "description": "for `convert`: as what kind"}
    )
    title = text(1, 120, metadata={"example": "校门口的斑马线", "description": "for `convert`, where it is another"})
    text_ = text(
        1, MAX_BODY, data_key="text", metadata={"example": "请划斑马线。", "description": "for `convert`, likewise"}
    )


class CoSignerShape(Shape):
    """A member who was asked to sign it."""

    account = identifier(required=True)
    state = fields.String(required=True, validate=one_of(*STATES))


class FilingShape(Shape):
    """Its number, if it is filed, and how many have signed it; who, for its author, the desks and those asked alone."""

    number = fields.String(required=True, allow_none=True, metadata={"example": "2026-0128"})
    key = Flag(required=True, metadata={"example": False})
    excellent = Flag(required=True, metadata={"example": False})
    hard = Flag(required=True, metadata={"example": False, "description": "its answer may take six months"})
    cosign_until = fields.DateTime(required=True, allow_none=True)
    signed = fields.Integer(required=True, metadata={"example": 3, "description": "members who have signed it too"})
    cosigners = fields.List(fields.Nested(CoSignerShape))


class LinkShape(Shape):
    """Another submission that this one is carried on as, or comes from."""

    id = identifier(required=True)
    reference = fields.String(required=True, metadata={"example": "7K3-F9Q-X4C"})
    kind = fields.String(required=True, validate=one_of(*KINDS))
    state = fields.String(required=True, validate=one_of(*SUBMISSION.states))
    relation = fields.String(required=True, validate=one_of("carried_on_as", "comes_from"))


class ProposalQuery(PageQuery):
    """What the list may be narrowed to."""

    year = WholeText(validate=between(2000, 9999), metadata={"example": 2026})
    mark = fields.String(validate=one_of(*MARKS), metadata={"example": "key"})


class ProposalItem(Shape):
    """A filed proposal; `id` is the submission's."""

    id = identifier(required=True)
    reference = fields.String(required=True, metadata={"example": "7K3-F9Q-X4C"})
    number = fields.String(required=True, metadata={"example": "2026-0128"})
    filed_at = fields.DateTime(required=True)
    title = fields.String(required=True, allow_none=True, metadata={"example": "在北门划非机动车停车位"})
    state = fields.String(required=True, validate=one_of(*SUBMISSION.states))
    stage = fields.String(required=True, metadata={"example": "action"})
    area = fields.String(required=True, allow_none=True, metadata={"example": "990101001"})
    unit = identifier(required=True, allow_none=True)
    due_at = fields.DateTime(required=True, allow_none=True)
    hard = Flag(required=True, metadata={"example": False})
    key = Flag(required=True, metadata={"example": False})
    excellent = Flag(required=True, metadata={"example": False})


class ProposalList(Shape):
    """A page of filed proposals."""

    items = fields.List(fields.Nested(ProposalItem), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})
