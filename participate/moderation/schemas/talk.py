"""Shapes of what the desk's people say to each other."""

from marshmallow import fields

from participate.kernel.shapes import Flag, Shape, identifier, length, matches, one_of, text
from participate.moderation.models import DECISIONS

_MOST_MENTIONS = 20


class ColleagueShape(Shape):
    """Somebody of the desk."""

    id = identifier(required=True)
    name = fields.String(required=True, metadata={"example": "王审核员"})


class ColleagueList(Shape):
    """A page of colleagues."""

    items = fields.List(fields.Nested(ColleagueShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class NoteBody(Shape):
    """What is said, and whom it is for besides all who look at the submission."""

    body = text(1, 4000, required=True, metadata={"example": "上个月也有人反映过，请对照一下。"})
    mentions = fields.List(
        identifier(), load_default=list, validate=length(0, _MOST_MENTIONS), metadata={"example": []}
    )


class NoteShape(Shape):
    """A note among the desk's own people; neither the author nor anybody else reads it."""

    id = identifier(required=True)
    submission_id = identifier(required=True)
    task_id = identifier(required=True)
    author = fields.Nested(ColleagueShape, required=True)
    body = fields.String(required=True, metadata={"example": "上个月也有人反映过，请对照一下。"})
    mentions = fields.List(fields.Nested(ColleagueShape), required=True, metadata={"example": []})
    at = fields.DateTime(required=True)


class NoteList(Shape):
    """A page of notes."""

    items = fields.List(fields.Nested(NoteShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class MentionShape(NoteShape):
    """A note that mentions the reader, on the task of this title."""

    title = fields.String(required=True, metadata={"example": "井盖缺失"})
    unread = Flag(required=True, metadata={"example": True})


class MentionList(Shape):
    """A page of mentions."""

    items = fields.List(fields.Nested(MentionShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class QuestionBody(Shape):
    """What is asked, and of whom; of anybody who may decide on the task where nobody is named."""

    question = text(1, 2000, required=True, metadata={"example": "这算不算重复？"})
    of = identifier()


class OpinionBody(Shape):
    """What one would decide, and why."""

    decision = fields.String(required=True, validate=one_of(*DECISIONS))
    reason = fields.String(validate=matches(r"[a-z_]{1,20}"), metadata={"example": "unclear"})
    note = text(1, 2000, required=True, metadata={"example": "地点不同，不算重复。"})


class OpinionShape(Shape):
    """A second opinion; what it says is null until it is given, and for readers who are still to give their own."""

    id = identifier(required=True)
    question = fields.String(required=True, metadata={"example": "这算不算重复？"})
    asked_by = fields.Nested(ColleagueShape, required=True, allow_none=True)
    asked_of = fields.Nested(ColleagueShape, required=True, allow_none=True)
    asked_at = fields.DateTime(required=True)
    given_by = fields.Nested(ColleagueShape, required=True, allow_none=True)
    given_at = fields.DateTime(required=True, allow_none=True)
    decision = fields.String(required=True, allow_none=True, metadata={"example": "accept"})
    reason = fields.String(required=True, allow_none=True, metadata={"example": None})
    note = fields.String(required=True, allow_none=True, metadata={"example": "地点不同，不算重复。"})
