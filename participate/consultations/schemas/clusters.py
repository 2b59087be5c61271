"""Shapes of clusters of cases, and of what is opened from one."""

from typing import Any

from marshmallow import fields

from participate.kernel.shapes import Shape, identifier, matches, text

_AREA: dict[str, Any] = {"example": "990101001001"}


class ClusterShape(Shape):
    """Many reports of one category from one community; `submission_id` is the consultation that is on them already."""

    category = fields.String(required=True, metadata={"example": "E0101"})
    area = fields.String(required=True, metadata=_AREA)
    cases = fields.Integer(required=True, metadata={"example": 7})
    people = fields.Integer(required=True, metadata={"description": "who has handed in or joined", "example": 12})
    since = fields.DateTime(required=True)
    until = fields.DateTime(required=True)
    submission_id = fields.String(required=True, allow_none=True, metadata={"example": None, "format": "uuid"})


class ClustersShape(Shape):
    """The clusters, the largest first."""

    clusters = fields.List(fields.Nested(ClusterShape), required=True)


class ClusterBody(Shape):
    """A consultation on a cluster: what is asked, of which community and category."""

    category = text(1, 40, required=True, metadata={"example": "E0101"})
    area = fields.String(required=True, validate=matches(r"[0-9]{12}"), metadata=_AREA)
    title = text(1, 120, required=True, metadata={"example": "路口乱停车怎么办"})
    question = text(1, 500, required=True, metadata={"example": "这个路口怎样停车，大家都方便？"})


class OpenedShape(Shape):
    """The consultation, which another moderator looks at before it opens."""

    submission_id = identifier(required=True)


class OriginShape(Shape):
    """The cluster of cases that it was opened from, as it was then."""

    category = fields.String(required=True, metadata={"example": "E0101"})
    area = fields.String(required=True, metadata=_AREA)
    cases = fields.Integer(required=True, metadata={"example": 7})
    since = fields.DateTime(required=True)
    until = fields.DateTime(required=True)
