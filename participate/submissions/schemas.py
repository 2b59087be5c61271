"""Shapes of submissions."""

import marshmallow as ma
from marshmallow import fields, validates_schema

from participate.kernel.paging import PageQuery
from participate.kernel.shapes import (
    Flag,
    Moment,
    Number,
    Shape,
    Whole,
    between,
    identifier,
    length,
    matches,
    one_of,
    text,
)
from participate.photos.schemas import PhotoShape
from participate.places.coordinates import CRS_NAMES
from participate.submissions.kinds import KINDS, RELAYED, SOURCES
from participate.submissions.models import PLACE_SOURCES
from participate.submissions.proposals.schemas import MAX_BODY, FilingShape, LifeBody, LinkShape
from participate.submissions.search import MAX_QUERY
from participate.submissions.service import OFFERED
from participate.submissions.services.schemas import PromiseShape, ShownPaperShape
from participate.submissions.story import TimelineEntryShape
from participate.submissions.workflow import SUBMISSION


class PlaceBody(Shape):
    """A point, with the system its coordinates are in."""

    lat = Number(required=True, validate=between(-90, 90), metadata={"example": 28.228209})
    lon = Number(required=True, validate=between(-180, 180), metadata={"example": 112.938814})
    crs = fields.String(required=True, validate=one_of(*CRS_NAMES), metadata={"example": "wgs84"})
    accuracy_m = Number(validate=between(0, 100_000), metadata={"example": 12.0})
    address = text(0, 200, metadata={"example": "解放路 12 号门前"})


class ContentBody(Shape):
    """What an author writes, and may mend."""

    title = text(0, 120, metadata={"example": "井盖缺失"})
    body = text(1, MAX_BODY, metadata={"example": "人行道上少了一个井盖，晚上看不见。"})
    category = fields.String(validate=matches(r"[A-Za-z0-9._-]{1,40}"), metadata={"example": "C0101"})
    place = fields.Nested(PlaceBody)
    photo_ids = fields.List(identifier(), validate=length(0, 50), metadata={"example": []})
    details = fields.Dict(metadata={"example": {}, "description": "what only this kind has; checked per kind"})


class SubmitBody(ContentBody):
    """A submission, in its standard form."""

    kind = fields.String(required=True, validate=one_of(*KINDS))
    body = text(1, MAX_BODY, required=True, metadata={"example": "人行道上少了一个井盖，晚上看不见。"})
    anonymous = Flag(load_default=False, metadata={"example": False})


class MoveBody(LifeBody):
    """A move, and what it needs."""

    move = fields.String(required=True, validate=one_of(*OFFERED), metadata={"example": "rate"})
    note = text(1, 2000, metadata={"example": "谢谢。"})
    resolved = Flag(metadata={"description": "for `rate`"})
    satisfaction = Whole(validate=between(1, 5), metadata={"example": 5, "description": "for `rate`"})
    comment = text(1, 2000, metadata={"example": "很快就修好了。"})
    relayed = fields.String(
        validate=one_of(*RELAYED), metadata={"description": "how its author has told you so, for whom you filed it"}
    )
    changes = fields.Nested(ContentBody, metadata={"description": "for `resubmit`: what is mended"})
    photo_ids = fields.List(
        identifier(), validate=length(0, 50), metadata={"example": [], "description": "for `add_photos`"}
    )


class PlaceShape(Shape):
    """Where it is; to four decimals for those who only read."""

    lat = fields.Float(required=True, allow_none=True, metadata={"example": 28.2282})
    lon = fields.Float(required=True, allow_none=True, metadata={"example": 112.9388})
    crs = fields.String(required=True, metadata={"example": "wgs84"})
    accuracy_m = fields.Float(allow_none=True, metadata={"example": 12.0})
    address = fields.String(allow_none=True, metadata={"example": "解放路 12 号门前"})
    area = fields.String(required=True, allow_none=True, metadata={"example": "990101001001001"})
    cell = fields.String(required=True, allow_none=True, metadata={"example": "990101001001001"})


class AuthorShape(Shape):
    """Who wrote it, as far as the reader may know."""

    name = fields.String(required=True, metadata={"example": "居民 7K3F"})


class SubmissionItem(Shape):
    """A submission in a list."""

    id = identifier(required=True)
    reference = fields.String(required=True, metadata={"example": "7K3-F9Q-X4C"})
    kind = fields.String(required=True, validate=one_of(*KINDS))
    title = fields.String(required=True, allow_none=True, metadata={"example": "井盖缺失"})
    category = fields.String(required=True, allow_none=True, metadata={"example": "C0101"})
    source = fields.String(
        required=True,
        validate=one_of(*SOURCES),
        metadata={"example": "resident", "description": "who has handed it in; an officer found it on their round"},
    )
    state = fields.String(required=True, validate=one_of(*SUBMISSION.states))
    stage = fields.String(
        required=True, metadata={"example": "intake", "enum": sorted(set(SUBMISSION.stages.values()))}
    )
    place = fields.Nested(PlaceShape, required=True, allow_none=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)
    due_at = fields.DateTime(required=True, allow_none=True)
    version = fields.Integer(required=True)


class OriginalShape(Shape):
    """What the author wrote before a moderator took words out of it."""

    title = fields.String(required=True, allow_none=True, metadata={"example": "井盖缺失"})
    body = fields.String(required=True, metadata={"example": "我叫张三，人行道上少了一个井盖。"})


class ReturnedShape(Shape):
    """What the author is to mend, and why."""

    fields_ = fields.List(fields.String(), data_key="fields", required=True, metadata={"example": ["place"]})
    note = fields.String(required=True, allow_none=True, metadata={"example": "请补充具体地点。"})


class FollowedShape(Shape):
    """The submission that a merged one follows."""

    id = identifier(required=True)
    reference = fields.String(required=True, metadata={"example": "7K3-F9Q-X4C"})
    state = fields.String(required=True, validate=one_of(*SUBMISSION.states))
    stage = fields.String(required=True, metadata={"example": "action"})


class SubmissionShape(SubmissionItem):
    """A submission; for its author alone its `receipt`, `original` where words were taken out of what all read, and
    `returned` while it waits to be mended."""

    body = fields.String(required=True, metadata={"example": "人行道上少了一个井盖，晚上看不见。"})
    details = fields.Dict(required=True)
    place_source = fields.String(required=True, validate=one_of(*PLACE_SOURCES))
    anonymous = Flag(required=True, metadata={"example": False})
    helped = Flag(required=True, metadata={"description": "an officer has filed it for its author", "example": False})
    redacted = Flag(required=True, metadata={"example": False})
    affected = fields.Integer(required=True, metadata={"example": 1, "description": "the author and who joined"})
    joined = Flag(required=True, metadata={"example": False, "description": "whether the caller has joined"})
    merged_into = fields.Nested(FollowedShape, allow_none=True)
    original = fields.Nested(OriginalShape)
    returned = fields.Nested(ReturnedShape, allow_none=True)
    author = fields.Nested(AuthorShape, required=True, allow_none=True)
    photos = fields.List(fields.Nested(PhotoShape), required=True)
    moves = fields.List(fields.String(), required=True, metadata={"example": ["withdraw"]})
    service = fields.Nested(PromiseShape, metadata={"description": "for a micro service alone"})
    filing = fields.Nested(FilingShape, metadata={"description": "of a proposal"})
    adopted = Flag(
        metadata={"example": False, "description": "of a suggestion: whether somebody has taken charge of it"}
    )
    lineage = fields.List(
        fields.Nested(LinkShape),
        metadata={"description": "of a suggestion, proposal or consultation: what it is carried on as or comes from"},
    )
    documents = fields.List(fields.Nested(ShownPaperShape), metadata={"description": "for its author and the desks"})
    receipt = fields.String(metadata={"example": "pY3l0d8Yk3JmU2nQ7sX1bV5cR9tZ4aWe"})


class SubmissionList(Shape):
    """A page of submissions."""

    items = fields.List(fields.Nested(SubmissionItem), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class FollowingShape(Shape):
    """What became of the submission that a merged one follows."""

    reference = fields.String(required=True, metadata={"example": "7K3-F9Q-X4C"})
    state = fields.String(required=True, validate=one_of(*SUBMISSION.states))
    stage = fields.String(required=True, metadata={"example": "action"})
    replies = fields.List(fields.Nested(TimelineEntryShape), required=True)


class ReceiptRatingBody(Shape):
    """What whoever holds the receipt thinks of the outcome."""

    resolved = Flag(required=True)
    satisfaction = Whole(required=True, validate=between(1, 5), metadata={"example": 5})
    comment = text(1, 2000, metadata={"example": "很快就修好了。"})


class ReceiptAnswer(Shape):
    """What a receipt shows without sign-in."""

    reference = fields.String(required=True, metadata={"example": "7K3-F9Q-X4C"})
    kind = fields.String(required=True, validate=one_of(*KINDS))
    state = fields.String(required=True, validate=one_of(*SUBMISSION.states))
    stage = fields.String(required=True, metadata={"example": "intake"})
    due_at = fields.DateTime(required=True, allow_none=True)
    service = fields.Nested(PromiseShape, metadata={"description": "for a micro service alone"})
    replies = fields.List(fields.Nested(TimelineEntryShape), required=True)
    following = fields.Nested(FollowingShape, allow_none=True)


class OwnQuery(PageQuery):
    """The author's own list."""


class ListQuery(PageQuery):
    """What the public list may be narrowed to; `bbox` is west,south,east,north in WGS-84 degrees."""

    kind = fields.String(validate=one_of(*KINDS))
    category = fields.String(validate=matches(r"[A-Za-z0-9._-]{1,40}"))
    area = fields.String(validate=matches(r"[0-9]{2,18}"))
    state = fields.String(validate=one_of(*SUBMISSION.states))
    q = text(
        0, MAX_QUERY, metadata={"example": "路灯 不亮", "description": "words that title or body hold, all of them"}
    )
    filed = fields.Boolean(metadata={"example": False, "description": "proposals with a number, or that wait for one"})
    updated_after = Moment(metadata={"example": "2026-11-23T00:00:00Z"})
    bbox = fields.String(
        validate=matches(r"-?[0-9.]{1,20}(,-?[0-9.]{1,20}){3}"), metadata={"example": "112.8,28.1,113.1,28.3"}
    )

    @validates_schema
    def _box(self, data: dict[str, str], **_options: object) -> None:
        if "bbox" not in data:
            return
        try:
            west, south, east, north = (float(part) for part in data["bbox"].split(","))
        except ValueError as error:
            raise ma.ValidationError("form", "bbox") from error
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise ma.ValidationError("form", "bbox")
