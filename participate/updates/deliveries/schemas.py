"""Shapes of what a person chooses to be sent, and of what could not be sent."""

from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import fields, validates_schema

from participate.kernel.paging import PageQuery
from participate.kernel.shapes import Day, Flag, Shape, Whole, between, identifier, length, matches, one_of
from participate.kernel.words import LANGUAGES
from participate.updates import concerns
from participate.updates.deliveries.choices import ALL, CHANNELS, IN_APP
from participate.updates.deliveries.models import FAILED, STATES
from participate.updates.deliveries.told import READERS

MOST_DAYS = 31  # of figures: each message of theirs is looked at

_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_QUIET = {"example": "22:00", "description": "on the city's clock; what is not urgent waits until they end"}
_DIGEST = {"example": None, "description": "hour of the day at which all that can be muted comes in one message"}
# Ordinary addresses, in ASCII (RFC 5321 §4.1.2 as a Dot-string); a foreign domain comes as its mail servers know it.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAIL = rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+"


class ChannelBody(Shape):
    """What is chosen for one channel; `address` left out stays as it is, null is forgotten."""

    channel = fields.String(required=True, validate=one_of(IN_APP, *CHANNELS), metadata={"example": "email"})
    on = Flag(required=True)
    address = fields.String(allow_none=True, validate=length(1, 254), metadata={"example": None})
    language = fields.String(allow_none=True, validate=one_of(*LANGUAGES))
    quiet_from = fields.String(allow_none=True, validate=matches(_CLOCK), metadata=_QUIET)
    quiet_until = fields.String(allow_none=True, validate=matches(_CLOCK), metadata={"example": "07:00"})
    digest_hour = Whole(allow_none=True, validate=between(0, 23), metadata=_DIGEST)
    muted = fields.List(
        fields.String(validate=one_of(*concerns.CHOOSABLE)),
        load_default=list,
        validate=length(0, 20),
        metadata={"example": ["joined"], "description": "concerns; the outcome of one's own cannot be among them"},
    )


class ChannelsBody(Shape):
    """All that is chosen; a channel that is not named is off."""

    channels = fields.List(fields.Nested(ChannelBody), required=True, validate=length(0, 10))


class ChannelShape(Shape):
    """What is chosen for one channel. `in_app` is the feed itself: always on, with nothing to choose."""

    channel = fields.String(required=True, metadata={"example": "email"})
    on = Flag(required=True)
    available = Flag(metadata={"description": "whether this service can send by it"})
    address = fields.String(allow_none=True, metadata={"example": "a@example.org"})
    verified = Flag(metadata={"description": "nothing is sent before"})
    language = fields.String(allow_none=True, metadata={"example": "en", "description": "null: the account's"})
    quiet_from = fields.String(allow_none=True, metadata=_QUIET)
    quiet_until = fields.String(allow_none=True, metadata={"example": "07:00"})
    digest_hour = fields.Integer(allow_none=True, metadata=_DIGEST)
    muted = fields.List(fields.String(metadata={"example": "joined"}))


class ConcernShape(Shape):
    """How a fact may concern one, and whether that can be muted."""

    concern = fields.String(required=True, metadata={"example": "joined"})
    mutable = Flag(required=True)


class ChannelsShape(Shape):
    """All that is chosen, and what there is to choose from."""

    channels = fields.List(fields.Nested(ChannelShape), required=True)
    concerns = fields.List(fields.Nested(ConcernShape), required=True)
    version = fields.Integer(required=True)


class AddressBody(Shape):
    """The address that is to be used."""

    address = fields.String(
        required=True, validate=[length(3, 254), matches(_MAIL)], metadata={"example": "a@example.org"}
    )


class CodeAnswer(Shape):
    """A code is on its way."""

    code_id = identifier(required=True)
    expires_in = fields.Integer(required=True, metadata={"example": 1800, "description": "seconds"})
    demo_code = fields.String(metadata={"example": "042137", "description": "the code itself; in demo mode alone"})


class AddressCodeBody(Shape):
    """The code that came."""

    code_id = identifier(required=True)
    code = fields.String(required=True, validate=matches(r"[0-9]{6}"), metadata={"example": "042137"})


class UnsubscribedAnswer(Shape):
    """It is done, or was before."""

    unsubscribed = Flag(required=True)


class FailedQuery(PageQuery):
    """Which of those that could not be sent."""

    state = fields.String(validate=one_of(*FAILED), load_default=None)
    channel = fields.String(validate=one_of(*ALL), load_default=None)


class FailedShape(Shape):
    """What could not be sent, and why; neither to whom nor where."""

    id = identifier(required=True)
    channel = fields.String(required=True, metadata={"example": "email"})
    state = fields.String(
        required=True,
        metadata={"example": "dead", "description": "dead: given up; uncertain: may have arrived or not"},
    )
    error = fields.String(required=True, allow_none=True, metadata={"example": "recipient_refused"})
    attempts = fields.Integer(required=True)
    fact = fields.String(required=True, metadata={"example": "accept"})
    concern = fields.String(required=True, metadata={"example": "outcome"})
    submission_id = fields.String(required=True, allow_none=True, metadata={"format": "uuid"})
    area = fields.String(required=True, allow_none=True, metadata={"example": "990101001001036"})
    at = fields.DateTime(required=True)
    due_at = fields.DateTime(required=True)


class FailedList(Shape):
    """A page of what could not be sent, the latest first."""

    items = fields.List(fields.Nested(FailedShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class ResentAnswer(Shape):
    """It is in line again."""

    id = identifier(required=True)
    state = fields.String(required=True, metadata={"example": "waiting"})


class ToldShape(Shape):
    """What became of the messages about one fact by one channel to one kind of reader, as far as they fared alike."""

    fact_id = identifier(required=True)
    fact = fields.String(required=True, metadata={"example": "accept"})
    at = fields.DateTime(required=True, metadata={"description": "when it became a fact"})
    channel = fields.String(required=True, metadata={"example": "email", "description": "in_app: the author's feed"})
    reader = fields.String(required=True, metadata={"example": "author", "enum": list(READERS)})
    state = fields.String(required=True, metadata={"example": "sent", "enum": list(STATES)})
    people = fields.Integer(required=True, metadata={"example": 1, "description": "how many fared so"})
    delivered_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "of several, the last"})
    attempts = fields.Integer(required=True, metadata={"example": 1, "description": "of several, the most"})
    error = fields.String(
        required=True, allow_none=True, metadata={"example": None, "description": "why it failed last; of several, one"}
    )


class ToldList(Shape):
    """A page of what became of them, the latest fact first."""

    items = fields.List(fields.Nested(ToldShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class DeliveryFiguresQuery(Shape):
    """From which day to which, both included, 31 at most; of all channels, or of one."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"since": "2026-11-01", "until": "2026-11-30"}

    since = Day(required=True)
    until = Day(required=True)
    channel = fields.String(validate=one_of(*ALL), load_default=None)

    @validates_schema
    def _period(self, data: dict[str, Any], **_options: object) -> None:
        if not 0 <= (data["until"] - data["since"]).days < MOST_DAYS:
            raise ma.ValidationError("period_too_long", "until")


class SecondsShape(Shape):
    """How many seconds it took from a fact until its reader had it; null where nothing has arrived."""

    median = fields.Float(required=True, allow_none=True, metadata={"example": 1.4})
    p95 = fields.Float(required=True, allow_none=True, metadata={"example": 6.2})
    p99 = fields.Float(required=True, allow_none=True, metadata={"example": 48.0})


_COUNT = {"example": 972}


class ChannelFiguresShape(Shape):
    """What became of the messages of a channel; each number is explained in docs/updates.md."""

    channel = fields.String(required=True, metadata={"example": "email"})
    planned = fields.Integer(required=True, metadata=_COUNT)
    delivered = fields.Integer(required=True, metadata=_COUNT)
    undelivered = fields.Integer(required=True, metadata=_COUNT)
    dead = fields.Integer(required=True, metadata=_COUNT)
    uncertain = fields.Integer(required=True, metadata=_COUNT)
    muted = fields.Integer(required=True, metadata=_COUNT)
    seconds = fields.Nested(SecondsShape, required=True)


class DeliveryFiguresShape(Shape):
    """What became of messages, channel by channel, and the share of facts that nobody wanted to be sent."""

    channels = fields.List(fields.Nested(ChannelFiguresShape), required=True)
    muted_share = fields.Float(
        required=True,
        allow_none=True,
        metadata={"example": 0.0312, "description": "from 0 to 1; null where nobody who has a channel was told"},
    )
