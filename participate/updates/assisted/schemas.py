"""Shapes of what officers file for others, and of calls."""

from typing import Any, ClassVar

from marshmallow import fields

from participate.accounts.schemas import PhoneBody
from participate.kernel.paging import PageQuery
from participate.kernel.shapes import Flag, Moment, Shape, identifier, one_of, text
from participate.submissions.schemas import SubmissionItem, SubmitBody
from participate.updates.assisted.models import CONSENTS, HEARS_BY
from participate.updates.assisted.queries import VIEWS


def _gone_once_it_is_over(example: str) -> fields.String:
    said = "null a while after the submission is over"
    return fields.String(required=True, allow_none=True, metadata={"example": example, "description": said})


class PersonBody(PhoneBody):
    """For whom it is, and how they hear of it: by text message, or by being called."""

    name = text(1, 60, required=True, metadata={"example": "李奶奶"})
    hears_by = fields.String(required=True, validate=one_of(*HEARS_BY), metadata={"example": "call"})


class ConsentBody(Shape):
    """That they have agreed to its being filed for them: how, when, and who was there besides the officer."""

    how = fields.String(required=True, validate=one_of(*CONSENTS), metadata={"example": "oral"})
    at = Moment(required=True)
    witness = text(1, 60, required=True, metadata={"example": "社区工作者王芳"})
    photo_id = identifier(metadata={"description": "a photo of the paper form"})


class AssistedBody(Shape):
    """A submission for somebody else."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "submission": {
            "kind": "micro_service",
            "body": "老人独居，想申请上门送餐。",
            "place": {"lat": 28.228209, "lon": 112.938814, "crs": "wgs84"},
            "details": {"service": "S0304", "states_need": True},
        },
        "person": {"name": "李奶奶", "phone": "+8613800000001", "hears_by": "call"},
        "consent": {"how": "oral", "at": "2026-11-23T09:30:00+08:00", "witness": "社区工作者王芳"},
    }
    submission = fields.Nested(SubmitBody, required=True)
    person = fields.Nested(PersonBody, required=True)
    consent = fields.Nested(ConsentBody, required=True)
    documents_seen = Flag(
        load_default=False, metadata={"description": "the papers that are needed were shown: no photo need be kept"}
    )


class AssistedItem(SubmissionItem):
    """What the caller has filed for somebody."""

    name = _gone_once_it_is_over("李奶奶")
    hears_by = fields.String(required=True, validate=one_of(*HEARS_BY))


class AssistedList(Shape):
    """A page of what the caller has filed for others."""

    items = fields.List(fields.Nested(AssistedItem), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class AssistedShape(Shape):
    """For whom it was filed and what they have agreed to; for who has filed it, and for them."""

    submission_id = identifier(required=True)
    name = _gone_once_it_is_over("李奶奶")
    phone = fields.String(required=True, allow_none=True, metadata={"example": "+8613800000001"})
    hears_by = fields.String(required=True, validate=one_of(*HEARS_BY))
    consent = fields.String(required=True, validate=one_of(*CONSENTS))
    consented_at = fields.DateTime(required=True)
    witness = _gone_once_it_is_over("社区工作者王芳")
    created_at = fields.DateTime(required=True)
    forget_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "when the names go; null while it is not over"}
    )


class CallsQuery(PageQuery):
    """Which calls: the caller's own, all that they may make (where they dispatch, everybody's), or those too late."""

    view = fields.String(load_default="mine", validate=one_of(*VIEWS), metadata={"example": "mine"})


class CallItem(Shape):
    """A call that is to be made."""

    id = identifier(required=True)
    submission_id = identifier(required=True)
    reference = fields.String(required=True, metadata={"example": "7K3-F9Q-X4C"})
    opened_at = fields.DateTime(required=True)
    due_at = fields.DateTime(required=True)
    overdue = Flag(required=True)
    tries = fields.Integer(required=True, metadata={"example": 0})
    missed = fields.Integer(
        required=True, metadata={"example": 0, "description": "how many work days were over without it"}
    )
    version = fields.Integer(required=True)


class CallList(Shape):
    """A page of calls."""

    items = fields.List(fields.Nested(CallItem), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class CallShape(CallItem):
    """A call with whom to call and the words to say, oldest first; `made_at` once it is made."""

    name = _gone_once_it_is_over("李奶奶")
    phone = fields.String(required=True, allow_none=True, metadata={"example": "+8613800000001"})
    words = fields.List(fields.String(), required=True, metadata={"example": ["服务申请 7K3-F9Q-X4C 已通过。"]})
    made_at = fields.DateTime(required=True, allow_none=True)


class ResultBody(Shape):
    """Whether they were reached, and heard all of it."""

    reached = Flag(required=True)
