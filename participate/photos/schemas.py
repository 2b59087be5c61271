"""Shapes of photos."""

from marshmallow import fields

from participate.kernel.shapes import Flag, Shape, WholeText, between, identifier, length
from participate.photos.models import REDACTIONS, STATES

_EXAMPLE = "/v1/photos/019aafc3-7c00-7000-8000-000000000001"


class PointShape(Shape):
    """Where a photo says it was taken."""

    lat = fields.Float(required=True, metadata={"example": 28.228209})
    lon = fields.Float(required=True, metadata={"example": 112.938814})
    crs = fields.String(required=True, metadata={"example": "wgs84"})


class RenditionsShape(Shape):
    """Where the public pictures are."""

    thumb = fields.String(metadata={"example": "/v1/photos/019aafc3-7c00-7000-8000-000000000001/thumb"})
    view = fields.String(metadata={"example": "/v1/photos/019aafc3-7c00-7000-8000-000000000001/view"})


class LinkQuery(Shape):
    """What makes a path a link that we have signed; both or neither."""

    expires = WholeText(load_default=None, validate=between(0, 2**40))
    signature = fields.String(load_default=None, validate=length(1, 64))


class LinkAnswer(Shape):
    """A link that whoever has it may follow until then."""

    url = fields.String(required=True, metadata={"example": f"{_EXAMPLE}/original?expires=1764000000&signature=…"})
    expires_at = fields.DateTime(required=True)


class PhotoShape(Shape):
    """A photo; `reason` says in the reader's language why it was refused."""

    id = identifier(required=True)
    state = fields.String(required=True, metadata={"example": "ready", "enum": list(STATES)})
    purpose = fields.String(required=True, metadata={"example": "report", "enum": ["report", "after", "draft"]})
    reason = fields.String(required=True, allow_none=True, metadata={"example": None})
    width = fields.Integer(required=True, allow_none=True, metadata={"example": 4000})
    height = fields.Integer(required=True, allow_none=True, metadata={"example": 3000})
    renditions = fields.Nested(RenditionsShape, required=True)
    hidden = Flag(metadata={"example": False, "description": "taken from the public's eyes by a moderator"})
    redaction = fields.String(metadata={"example": "done", "enum": [*REDACTIONS[1:]]})
    taken_at = fields.DateTime(allow_none=True)
    place = fields.Nested(PointShape, allow_none=True)


class NewPhotoAnswer(Shape):
    """The photo is kept and will be looked at."""

    id = identifier(required=True)
    state = fields.String(required=True, metadata={"example": "processing", "enum": list(STATES)})
