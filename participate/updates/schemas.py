"""Shapes of updates."""

from marshmallow import fields

from participate.kernel.paging import PageQuery
from participate.kernel.shapes import Flag, Shape, identifier, matches, one_of
from participate.kernel.words import LANGUAGES
from participate.submissions.kinds import KINDS


class FeedQuery(PageQuery):
    """Where to go on reading."""

    after = identifier(load_default=None)


class StreamQuery(Shape):
    """Where to go on hearing."""

    after = identifier(load_default=None)


class UpdateShape(Shape):
    """What happened, who answers, what comes next, and by when."""

    id = identifier(required=True)
    at = fields.DateTime(required=True)
    submission_id = fields.String(required=True, allow_none=True, metadata={"format": "uuid"})
    fact = fields.String(required=True, metadata={"example": "accept", "description": "the move's name"})
    text = fields.String(required=True, metadata={"example": "您的提交已通过审核。"})
    who = fields.String(
        required=True,
        allow_none=True,
        metadata={"example": "城市管理局", "description": "the desk, unit or area that answers now; never a person"},
    )
    next = fields.String(required=True, allow_none=True, metadata={"example": "接下来由责任人处理。"})
    due_at = fields.DateTime(required=True, allow_none=True)


class UpdateList(Shape):
    """A page of updates, oldest first."""

    items = fields.List(fields.Nested(UpdateShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class WordsQuery(Shape):
    """Whose words are wanted: of a kind, of one move or of all, in one language or in each."""

    kind = fields.String(required=True, validate=one_of(*KINDS), metadata={"example": "micro_service"})
    move = fields.String(validate=matches(r"[a-z_]{1,32}"), metadata={"example": "resolve"})
    language = fields.String(validate=one_of(*LANGUAGES), metadata={"example": "zh-Hans"})


class CellShape(Shape):
    """What a submitter reads of a step, filled with values that are made up."""

    kind = fields.String(required=True, validate=one_of(*KINDS))
    subject = fields.String(required=True, metadata={"example": "case", "description": "what makes the step"})
    move = fields.String(required=True, metadata={"example": "resolve"})
    language = fields.String(required=True, validate=one_of(*LANGUAGES))
    own = Flag(required=True, metadata={"example": True, "description": "the kind has words of its own for it"})
    text = fields.String(required=True, metadata={"example": "您申请的服务 SC5-7P5-9BW 已提供。"})
    who = fields.String(required=True, allow_none=True, metadata={"example": "城市管理局"})
    next = fields.String(required=True, allow_none=True, metadata={"example": "接下来回访确认。"})
    short = fields.String(
        required=True,
        metadata={"example": "服务 SC5-7P5-9BW 已提供。", "description": "as a text message"},
    )


class CellList(Shape):
    """The cells that were asked for, in the order of the journey."""

    items = fields.List(fields.Nested(CellShape), required=True)
