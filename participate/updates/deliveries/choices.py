"""What a person chooses to be sent: by which channels, when, in which language, and what not."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import bindparam, select, update

from participate.accounts import queries as accounts
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, db, execute, rows, table, transaction
from participate.kernel.errors import Fault, Invalid, Stale
from participate.kernel.inserting import inserting
from participate.updates import concerns
from participate.updates.channels.base import EMAIL, SMS, WEB_PUSH, WEBHOOK, WECHAT
from participate.updates.deliveries import hours
from participate.updates.deliveries.models import ChannelChoice
from participate.updates.models import Feed

IN_APP = "in_app"  # The feed itself: always on, and nothing of it can be muted, so it has no row.
CHANNELS = (EMAIL, SMS, WEB_PUSH, WECHAT)
ALL = (*CHANNELS, WEBHOOK)  # A webhook's has nothing for a person to choose.
_CHOICES = table(ChannelChoice)
_MINE = select(*_CHOICES.columns).where(ChannelChoice.account_id == bindparam("me"))
_FEEDS = table(Feed)


def is_available(channel: str) -> bool:
    """Whether this service can send by it; the demo writes to a file what it cannot."""
    if channel == WEB_PUSH:
        return settings().web_push
    given = {EMAIL: settings().smtp_url, SMS: settings().sms_url, WECHAT: settings().wechat_url}
    return settings().demo or bool(given[channel])


def shown(account_id: str) -> dict[str, Any]:
    """The person's choices as the API shows them, every channel among them; `version` is for its ETag."""
    held = {row.channel: row for row in rows(_MINE, {"me": account_id})}
    listed = [_shown(channel, held.get(channel)) for channel in CHANNELS]
    return {
        "channels": [{"channel": IN_APP, "on": True}, *listed],
        "concerns": [{"concern": name, "mutable": name in concerns.MUTABLE} for name in concerns.CHOOSABLE],
        "version": sum(row.version for row in held.values()),
    }


def _shown(channel: str, row: AnyRow | None) -> dict[str, Any]:
    return {
        "channel": channel,
        "available": is_available(channel),
        "on": bool(row and row.on),
        "address": row.address.get("address") if row and row.address else None,
        "verified": bool(row and row.verified_at),
        "language": row.language if row else None,
        "quiet_from": hours.spoken(row.quiet_from) if row else None,
        "quiet_until": hours.spoken(row.quiet_until) if row else None,
        "digest_hour": row.digest_hour if row else None,
        "muted": list(row.muted) if row else [],
    }


def choose(account_id: str, wanted: Sequence[dict[str, Any]], expected_version: int | None = None) -> None:
    """Put `wanted` in the place of all that the person has chosen; a channel that it does not name is off.

    An address that is left out stays; None forgets it. Raises Stale, and Invalid with every fault.
    """
    with transaction():
        held = take_hold(account_id)
        if expected_version not in {None, sum(row.version for row in held.values())}:
            raise Stale
        faults = [*_twice(wanted), *(fault for number, one in enumerate(wanted) for fault in _faults(number, one))]
        named = {one["channel"]: one for one in wanted if one["channel"] != IN_APP}
        if not faults:
            phone = accounts.profile(account_id)["phone"] if named.get(SMS, {}).get("on") else None
            faults = [fault for number, one in enumerate(wanted) for fault in _unready(number, one, held, phone)]
        if faults:
            raise Invalid(*faults)
        for channel in CHANNELS:
            if channel in named or channel in held:
                keep(account_id, channel, held.get(channel), **_values(channel, named.get(channel, {})))
        mark(account_id)


def _twice(wanted: Sequence[dict[str, Any]]) -> list[Fault]:
    names = [one["channel"] for one in wanted]
    return [Fault(f"channels.{n}.channel", "named_twice") for n, name in enumerate(names) if name in names[:n]]


def _faults(number: int, one: dict[str, Any]) -> list[Fault]:
    """What is wrong with a choice by itself."""
    at = f"channels.{number}"
    found = [
        Fault(f"{at}.muted.{n}", "outcome_not_mutable")
        for n, name in enumerate(one["muted"])
        if name not in concerns.MUTABLE
    ]
    if one["channel"] == IN_APP and (not one["on"] or set(one) - {"channel", "on", "muted"} or one["muted"]):
        found.append(Fault(f"{at}.on", "in_app_always"))
    quiet = one.get("quiet_from"), one.get("quiet_until")
    if (quiet[0] is None) != (quiet[1] is None) or (quiet[0] is not None and quiet[0] == quiet[1]):
        found.append(Fault(f"{at}.quiet_until", "quiet_span"))
    return found


def _unready(number: int, one: dict[str, Any], held: dict[str, AnyRow], phone: str | None) -> list[Fault]:
    """What a choice still lacks by what is stored."""
    at, channel = f"channels.{number}", one["channel"]
    if channel == IN_APP:
        return []
    row = held.get(channel)
    known = row.address.get("address") if row and row.address else None
    if one.get("address", known) not in {known, None}:
        return [Fault(f"{at}.address", "address_unverified")]
    if not one["on"]:
        return []
    if not is_available(channel):
        return [Fault(f"{at}.on", "channel_unavailable")]
    if channel == SMS and phone is None:
        return [Fault(f"{at}.on", "no_phone")]
    if channel == EMAIL and (row is None or row.verified_at is None or one.get("address", known) is None):
        return [Fault(f"{at}.on", "address_unverified")]
    if channel == WEB_PUSH and (row is None or row.verified_at is None):
        return [Fault(f"{at}.on", "no_device")]
    if channel == WECHAT and (row is None or row.verified_at is None):
        return [Fault(f"{at}.on", "wechat_unbound")]
    return []


def _values(channel: str, one: dict[str, Any]) -> dict[str, Any]:
    """The columns that a choice sets."""
    found: dict[str, Any] = {"on": one.get("on", False)}
    if one:
        found |= {name: one.get(name) for name in ("language", "digest_hour")}
        found |= {name: hours.minute_of(one.get(name)) for name in ("quiet_from", "quiet_until")}
        found["muted"] = sorted(set(one["muted"]))
    if channel == SMS and found["on"]:
        found["verified_at"] = now()  # By signing in.
    if channel == EMAIL and "address" in one and one["address"] is None:
        found |= {"address": None, "verified_at": None}
    return found


_LOCKED = select(_FEEDS.c.account_id).where(_FEEDS.c.account_id == bindparam("me")).with_for_update()


def take_hold(account_id: str) -> dict[str, AnyRow]:
    """The person's choices by channel, under the lock of their feed: neither they nor what is told change meanwhile."""
    if not rows(_LOCKED, {"me": account_id}):
        made = inserting(_FEEDS).on_conflict_do_nothing()
        execute(made, {"account_id": account_id, "last": 0})
        rows(_LOCKED, {"me": account_id})
    return {row.channel: row for row in rows(_MINE, {"me": account_id})}


def keep(account_id: str, channel: str, row: AnyRow | None, **values: Any) -> None:
    """Change a choice, or make it."""
    if row is None:
        values = {"muted": [], "on": False} | values
        made = ChannelChoice(account_id=account_id, channel=channel, unsubscribe_id=str(uuid4()), version=1, **values)
        db.session.add(made)
        return
    held = ChannelChoice
    mine = update(held).where(held.account_id == account_id, held.channel == channel)
    execute(mine.values(version=held.version + 1, **values))


def mark(account_id: str) -> None:
    """Let the feed say whether its reader is told by other channels, too."""
    on = any(row.on and row.verified_at for row in rows(_MINE, {"me": account_id}))
    execute(update(_FEEDS).where(_FEEDS.c.account_id == account_id).values(has_channels=on))
