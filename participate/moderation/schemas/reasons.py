"""Shapes of reasons, and of what a decision would tell its author."""

from marshmallow import fields

from participate.kernel.shapes import Flag, Shape, length, one_of, text
from participate.kernel.words import LANGUAGES
from participate.moderation.models import ACTS

_CODE = {"example": "unclear", "pattern": "^[a-z_]{1,20}$"}
_ZH = {"example": "内容不清楚"}
_EN = {"example": "Cannot be understood"}


class LabelBody(Shape):
    """What moderators choose by, in each language."""

    zh_hans = text(1, 60, data_key="zh-Hans", required=True, metadata=_ZH)
    en = text(1, 120, required=True, metadata=_EN)


class TextBody(Shape):
    """What authors read, in each language; `{reference}` stands for their submission's."""

    zh_hans = text(0, 1000, data_key="zh-Hans", required=True, metadata={"example": "看不清是什么事、在哪里。"})
    en = text(0, 1000, required=True, metadata={"example": "We cannot tell what the matter is, or where."})


class ReasonBody(Shape):
    """A reason, for which decisions it may be given, and its words."""

    decisions = fields.List(
        fields.String(validate=one_of(*ACTS)),
        required=True,
        validate=length(1, len(ACTS)),
        metadata={"example": ["return", "reject"]},
    )
    label = fields.Nested(LabelBody, required=True)
    text = fields.Nested(TextBody, required=True)
    active = Flag(load_default=True, metadata={"example": True})


class ReasonShape(Shape):
    """A reason; one that is not active stays for what was decided with it. Version 0 came with the service."""

    code = fields.String(required=True, metadata=_CODE)
    decisions = fields.List(fields.String(validate=one_of(*ACTS)), required=True, metadata={"example": ["return"]})
    label = fields.Nested(LabelBody, required=True)
    text = fields.Nested(TextBody, required=True)
    active = Flag(required=True, metadata={"example": True})
    version = fields.Integer(required=True)


class ReasonList(Shape):
    """All reasons, by code; `next` is always null."""

    items = fields.List(fields.Nested(ReasonShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class TextsShape(Shape):
    """The same in each language."""

    zh_hans = fields.String(
        data_key="zh-Hans", required=True, metadata={"example": "7K3-F9Q-X4C 已退回，请补充后重新提交。"}
    )
    en = fields.String(required=True, metadata={"example": "7K3-F9Q-X4C was returned; please amend and resubmit it."})


class PreviewUpdateShape(Shape):
    """One update that the author would get."""

    fact = fields.String(required=True, metadata={"example": "return", "description": "the move's name"})
    texts = fields.Nested(TextsShape, required=True)


class PreviewAnswer(Shape):
    """What the author would read: of the decision, in their `language` and in all; and each of the updates they get."""

    language = fields.String(required=True, validate=one_of(*LANGUAGES))
    text = fields.String(required=True, metadata={"example": "7K3-F9Q-X4C 已退回，请补充后重新提交。"})
    texts = fields.Nested(TextsShape, required=True)
    updates = fields.List(fields.Nested(PreviewUpdateShape), required=True)
