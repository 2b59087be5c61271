"""Shapes of decisions, and of what is changed on the way."""

from marshmallow import fields

from participate.kernel.shapes import Flag, Shape, identifier, length, matches, one_of, text
from participate.moderation.deciding import FIELDS
from participate.moderation.models import ACTS
from participate.submissions.kinds import KINDS
from participate.submissions.schemas import PlaceBody

_MOST_WORDS, _MOST_PHOTOS = 50, 50


class EditsBody(Shape):
    """What is changed in the submission; its author is told.

    `redact` lists words that are taken out of title and body, wherever they stand; the original is kept for its author
    and the desk.
    """

    kind = fields.String(validate=one_of(*KINDS))
    category = fields.String(validate=matches(r"[A-Za-z0-9._-]{1,40}"), metadata={"example": "C0101"})
    place = fields.Nested(PlaceBody)
    details = fields.Dict(metadata={"example": {}, "description": "what only this kind has; checked per kind"})
    redact = fields.List(text(1, 200), validate=length(0, _MOST_WORDS), metadata={"example": ["13800000001"]})
    urgent = Flag(metadata={"example": False, "description": "`true` marks it urgent"})


class ChangeBody(EditsBody):
    """Changes without a decision; `note` is what the author reads about them."""

    note = text(1, 2000, metadata={"example": "地点按照片改正。"})


class DecisionBody(Shape):
    """What is decided, and why; `note` is what the author reads, below the words of the reason.

    `return` names in `fields` what the author is to mend, `merge` in `merge_into` the submission that says the same,
    `hide_photo` in `photo_ids` the photos that not everyone should see; it leaves the task open.
    """

    decision = fields.String(required=True, validate=one_of(*ACTS))
    reason = fields.String(validate=matches(r"[a-z_]{1,20}"), metadata={"example": "unclear"})
    note = text(1, 2000, metadata={"example": "请补充一张能看清位置的照片。"})
    fields_ = fields.List(
        fields.String(validate=one_of(*FIELDS)),
        data_key="fields",
        validate=length(0, len(FIELDS)),
        metadata={"example": ["place"]},
    )
    merge_into = identifier(metadata={"format": "uuid", "description": "for `merge`"})
    photo_ids = fields.List(
        identifier(), validate=length(0, _MOST_PHOTOS), metadata={"example": [], "description": "for `hide_photo`"}
    )
    edits = fields.Nested(EditsBody, metadata={"example": {}})


class UnmaskBody(Shape):
    """Why the author must be known."""

    reason = text(10, 500, required=True, metadata={"example": "照片显示有人受伤，需要马上联系。"})


class UnmaskAnswer(Shape):
    """Who wrote it."""

    name = fields.String(required=True, metadata={"example": "小李"})
    phone = fields.String(required=True, allow_none=True, metadata={"example": "+8613800000001"})
