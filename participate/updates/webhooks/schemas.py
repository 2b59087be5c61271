"""Shapes of webhooks."""

from typing import Any, ClassVar

from marshmallow import fields

from participate.kernel.outside import MOST_URL
from participate.kernel.shapes import Flag, Moment, Shape, identifier, length, matches, one_of
from participate.submissions.kinds import KINDS

PUBLIC_KINDS = tuple(name for name, kind in KINDS.items() if kind.public)
_URL: dict[str, Any] = {"example": "https://city.example.org/hooks/participate", "description": "https; no redirects"}
_KINDS: dict[str, Any] = {"example": ["snap_report"], "description": "of these kinds alone; empty: of all public ones"}
_AREA: dict[str, Any] = {"example": "990101"}
_SECRET: dict[str, Any] = {"example": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "description": "shown this once"}


def _url(**options: Any) -> fields.String:
    return fields.String(validate=length(8, MOST_URL), metadata=_URL, **options)


def _kinds(**options: Any) -> Any:
    return fields.List(
        fields.String(validate=one_of(*PUBLIC_KINDS)), validate=length(0, 10), metadata=_KINDS, **options
    )


class WebhookBody(Shape):
    """Where to, and what of: the public steps of an area, or of what a unit handles."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "url": _URL["example"],
        "area": "990101",
        "kinds": ["snap_report"],
        "description": "City dashboard",
    }

    url = _url(required=True)
    area = fields.String(validate=matches(r"(?:[0-9]{2,18})?"), metadata=_AREA)
    unit = identifier()
    kinds = _kinds(load_default=list)
    description = fields.String(validate=length(0, 200), load_default="", metadata={"example": "City dashboard"})


class WebhookPatch(Shape):
    """What is to be otherwise; `active` false tells it nothing until it is true again."""

    url = _url()
    kinds = _kinds()
    description = fields.String(validate=length(0, 200), metadata={"example": "City dashboard"})
    active = Flag()


class WebhookShape(Shape):
    """A webhook, without its secret."""

    id = identifier(required=True)
    owner_id = identifier(required=True)
    url = fields.String(required=True, metadata=_URL)
    area = fields.String(required=True, allow_none=True, metadata=_AREA)
    unit = fields.String(required=True, allow_none=True, metadata={"format": "uuid", "example": None})
    kinds = fields.List(fields.String(), required=True, metadata=_KINDS)
    description = fields.String(required=True, metadata={"example": "City dashboard"})
    active = Flag(required=True)
    failing_since = fields.DateTime(required=True, allow_none=True, metadata={"example": None})
    disabled_at = fields.DateTime(required=True, allow_none=True, metadata={"example": None})
    disabled_why = fields.String(
        required=True, allow_none=True, metadata={"example": None, "description": "paused, gone or failing"}
    )
    created_at = fields.DateTime(required=True)
    version = fields.Integer(required=True)


class WebhookList(Shape):
    """A page of webhooks, the latest first."""

    items = fields.List(fields.Nested(WebhookShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class NewWebhook(WebhookShape):
    """A webhook, with the secret that its events are signed with."""

    secret = fields.String(required=True, metadata=_SECRET)


class SecretAnswer(Shape):
    """The new secret. The former one signs along until then."""

    secret = fields.String(required=True, metadata=_SECRET)
    former_until = fields.DateTime(required=True)


class ReplayBody(Shape):
    """From when on."""

    since = Moment(required=True, metadata={"example": "2026-11-23T02:00:00Z"})


class ReplayAnswer(Shape):
    """How many are on their way again, under their own ids; `next` is to be asked for where there are more."""

    replayed = fields.Integer(required=True, metadata={"example": 12})
    next = fields.DateTime(required=True, allow_none=True, metadata={"example": None})


class PingAnswer(Shape):
    """The id under which it comes."""

    id = identifier(required=True)
