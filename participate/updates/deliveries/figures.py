"""How long it takes from a fact until its reader has it, and how much does not arrive or is not wanted, in numbers."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Float, bindparam, case, cast, extract, func, select

from participate.kernel.context import settings
from participate.kernel.db import AnySelect, is_sqlite, one, rows
from participate.kernel.ids import first_id
from participate.updates.channels.base import WEBHOOK
from participate.updates.deliveries.choices import ALL
from participate.updates.deliveries.models import CARRIED, DEAD, DIGEST, MUTED, OPEN, SENT, UNCERTAIN, Delivery

QUANTILES = {"median": 0.5, "p95": 0.95, "p99": 0.99}
_UNDELIVERED = (*OPEN, DIGEST, CARRIED)
# A message is told apart by when it was written, which its id says: the primary key holds a period together. What only
# carries a code is about no fact.
_PERIOD = (Delivery.id >= bindparam("since"), Delivery.id < bindparam("until"), Delivery.number.is_not(None))
_PLANNED = func.count().label("planned")


def figures(since: date, until: date, channel: str | None = None) -> dict[str, Any]:
    """Of what was to be sent from the day `since` to `until`, both included: what became of it by now, by channel.

    Seconds run from the fact until the other side had taken it, rounded down: to a tenth within the first minute, to
    whole seconds within the first hour, to minutes after it. `muted_share` is over all channels, whichever is asked
    for: of the facts that people with a channel of their own were told (each person's count apart), the share that
    they had muted on every channel of theirs, so that only the feed has it. Webhooks are no people.
    """
    period = {"since": _first_of(since), "until": _first_of(min(until, _NEVER) + timedelta(days=1))}
    channels = (channel,) if channel else ALL
    found = rows(_states(is_sqlite()), period | {"channels": list(channels)})
    share = one(_MUTED, period)
    return {
        "channels": [_shown(each, [row for row in found if row.channel == each]) for each in channels],
        "muted_share": round(share.muted / share.told, 4) if share and share.told else None,
    }


_BEFORE, _NEVER = date(1970, 1, 2), date(9999, 12, 30)  # No id, and no day of ours, is as old or as young.


def _first_of(day: date) -> str:
    """The lowest id that can have been made on this day of the city."""
    return first_id(datetime.combine(max(day, _BEFORE), time(), settings().timezone))


def _states(sqlite: bool) -> AnySelect:
    """How many there are by channel, state, and class of how long it took."""
    took = case((Delivery.state == SENT, _class(_milliseconds(sqlite))))
    counted = select(Delivery.channel, Delivery.state, took.label("took"), _PLANNED)
    counted = counted.where(*_PERIOD, Delivery.channel.in_(bindparam("channels", expanding=True)))
    return counted.group_by(Delivery.channel, Delivery.state, took)


def _milliseconds(sqlite: bool) -> ColumnElement[int]:
    if sqlite:
        days = func.julianday(Delivery.sent_at, type_=Float) - func.julianday(Delivery.at, type_=Float)
        return cast(func.round(days * 86_400_000), BigInteger)
    return cast(extract("epoch", Delivery.sent_at - Delivery.at) * 1000, BigInteger)


def _class(took: ColumnElement[int]) -> ColumnElement[int]:
    """Classes, so that their number does not grow with that of the messages; each is named by its lower end."""
    tenth, second, minute = (took // width * width for width in (100, 1000, 60_000))
    return case((took < 0, 0), (took < 60_000, tenth), (took < 3_600_000, second), else_=minute)


_EACH = (
    select(func.max(case((Delivery.state == MUTED, 0), else_=1)).label("is_sent"))
    .where(*_PERIOD, Delivery.channel != WEBHOOK)
    .group_by(Delivery.account_id, Delivery.fact_id)
    .subquery()
)
_MUTED = select(func.count().label("told"), func.sum(1 - _EACH.c.is_sent).label("muted")).select_from(_EACH)


def _shown(channel: str, found: list[Any]) -> dict[str, Any]:
    states = Counter[str]()
    for row in found:
        states[row.state] += row.planned
    took = sorted((row.took, row.planned) for row in found if row.took is not None)
    return {
        "channel": channel,
        "planned": states.total(),
        "delivered": states[SENT],
        "undelivered": sum(states[state] for state in _UNDELIVERED),
        "dead": states[DEAD],
        "uncertain": states[UNCERTAIN],
        "muted": states[MUTED],
        "seconds": {name: _quantile(took, share) for name, share in QUANTILES.items()},
    }


def _quantile(took: list[tuple[int, int]], share: float) -> float | None:
    """The time within which this share of them had arrived: the nearest rank."""
    wanted, reached = ceil(sum(many for _, many in took) * share), 0
    for milliseconds, many in took:
        reached += many
        if reached >= wanted:
            return milliseconds / 1000
    return None
