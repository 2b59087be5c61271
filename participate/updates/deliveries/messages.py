"""What a delivery says: the text of its feed entry, in its reader's language, and nothing besides."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from participate.accounts.models import Account
from participate.kernel.clock import now, rfc3339
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, one, rows
from participate.kernel.words import say
from participate.submissions import telling
from participate.submissions.models import Submission
from participate.updates import concerns
from participate.updates.broadcasts.models import Broadcast
from participate.updates.channels.base import SMS, WEB_PUSH, WEBHOOK, Message
from participate.updates.deliveries import addresses, unsubscribing
from participate.updates.deliveries.hours import out_of_quiet
from participate.updates.deliveries.models import CARRIED, AddressCode, ChannelChoice, Delivery, among
from participate.updates.devices import service as devices
from participate.updates.models import FeedEntry
from participate.updates.short import day_of, short
from participate.updates.webhooks import secrets

MOST_LINES = 50  # of a digest

_whose = Delivery.account_id
_CHOICE = and_(ChannelChoice.account_id == _whose, ChannelChoice.channel == Delivery.channel)
_ENTRY = and_(FeedEntry.account_id == _whose, FeedEntry.number == Delivery.number)
_SAID = (
    select(
        *(
            Delivery.account_id,
            Delivery.urgent,
            Delivery.id,
            Delivery.channel,
            Delivery.move,
            Delivery.submission_id,
            Delivery.at,
            Delivery.concern,
        ),
        *(Delivery.carries, Delivery.number, Delivery.fact_id, FeedEntry.words, FeedEntry.following),
        *(ChannelChoice.quiet_from, ChannelChoice.quiet_until),
        *(FeedEntry.values, FeedEntry.due_at, ChannelChoice.address, ChannelChoice.verified_at, ChannelChoice.on),
        *(ChannelChoice.muted, ChannelChoice.unsubscribe_id, Account.phone, Account.disabled_at),
        ChannelChoice.language.label("chosen_language"),
        Account.language.label("own_language"),
        AddressCode.address.label("new_address"),
        AddressCode.language.label("code_language"),
        AddressCode.expires_at.label("code_expires_at"),
        *(Submission.public, Submission.state, Submission.receipt, Submission.helped_by, Submission.author_id),
    )
    .join(Account, Account.id == _whose)
    .outerjoin(ChannelChoice, _CHOICE)
    .outerjoin(FeedEntry, _ENTRY)
    .outerjoin(Submission, Submission.id == Delivery.submission_id)
    .outerjoin(AddressCode, and_(AddressCode.id == Delivery.fact_id, Delivery.number.is_(None)))
)
_CLAIMED = _SAID.where(Delivery.id.in_(bindparam("ids", expanding=True)))
_ALL_CARRIED = _SAID.where(
    or_(Delivery.id == bindparam("id"), and_(Delivery.carried_by == bindparam("id"), among(Delivery.state, (CARRIED,))))
).order_by(Delivery.number)


_STOPPED = select(Broadcast.id).where(Broadcast.id == bindparam("broadcast"), Broadcast.state == "stopped")


def told(ids: Sequence[str]) -> dict[str, AnyRow]:
    """What `message` wants to know of deliveries, by their ids."""
    return {row.id: row for row in rows(_CLAIMED, {"ids": list(ids)})}


def message(row: AnyRow) -> Message | None:
    """What is to be sent; None where its person no longer wants it or can no longer be told, or it was stopped."""
    if row.disabled_at is not None:
        return None
    if row.concern == concerns.CODE:
        return _code(row)
    if not row.on or row.verified_at is None or row.words is None:
        return None
    if row.channel == WEBHOOK:
        return _event(row)
    if row.channel == WEB_PUSH and not settings().web_push:
        return None
    if row.concern == concerns.AREA and one(_STOPPED, {"broadcast": row.fact_id}) is not None:
        return None
    told = rows(_ALL_CARRIED, {"id": row.id}) if row.carries else [row]
    wanted = [each for each in told if not _is_muted(each)]
    if not wanted:
        return None
    return _digest(row, wanted) if len(wanted) > 1 else _update(wanted[0], row.id)


def due(row: AnyRow) -> datetime:
    """When it may go out: now, or at the end of its person's quiet hours, which may have begun while it waited."""
    if row.urgent or row.channel == WEBHOOK:
        return now()
    return out_of_quiet(now(), row.quiet_from, row.quiet_until, settings().timezone)


def _is_muted(row: AnyRow) -> bool:
    return row.concern in concerns.MUTABLE and row.concern in row.muted


def _address(row: AnyRow) -> dict[str, Any]:
    if row.channel == WEB_PUSH:
        return devices.addressed(row.account_id)
    return {"phone": row.phone} if row.channel == SMS else dict(row.address or {})


def _update(row: AnyRow, key: str) -> Message:
    language = row.chosen_language or row.own_language
    reference = row.values.get("reference")
    title = say("updates.title", language, reference=reference) if reference else say("updates.title_plain", language)
    return Message(
        key=key,
        to=_address(row),
        title=title,
        text=_whole(row, language),
        short=_asking(row, language) or short(row.words, language, row.values, row.following, row.due_at),
        language=language,
        fact=row.move,
        submission_id=row.submission_id,
        at=row.at,
        link=_link(row.submission_id),
        unsubscribe=_unsubscribe(row) if row.concern in concerns.MUTABLE else None,
        urgent=row.urgent,
    )


def _asking(row: AnyRow, language: str) -> str | None:
    """What asks somebody who was helped to rate the outcome: they have never signed in, so the link says who they are.

    It takes more than one part, as an address does; None for all else, and for everybody else.
    """
    is_theirs = row.helped_by is not None and row.account_id == row.author_id
    if not (is_theirs and row.channel == SMS and row.move == "verify" and row.state == "answered"):
        return None
    link = f"{settings().public_url}/v1/receipts/{row.receipt}"
    return say("updates.rate_by_link", language, reference=row.values.get("reference"), link=link)


def _whole(row: AnyRow, language: str) -> str:
    """What happened, with the note that is meant for the reader; what comes next and by when, and who answers."""
    said, who = [telling.text(row.words, language, row.values)], telling.named(row.values.get("who"), language)
    if row.following:
        said.append(telling.spoken(row.following, language, row.values))
        day = day_of(row.due_at) if row.due_at else None
        said += [say("short.due", language, day=day)] if day and day not in said[0] else []
        said += [say("updates.answers", language, who=who)] if who and who not in said[0] else []
    return " ".join(said)


def _digest(row: AnyRow, wanted: Sequence[AnyRow]) -> Message:
    language = row.chosen_language or row.own_language
    title = say("updates.digest", language, number=len(wanted))
    lines = [f"· {_whole(each, language)}" for each in wanted[:MOST_LINES]]
    if len(wanted) > MOST_LINES:
        lines.append(say("updates.digest_more", language, number=len(wanted) - MOST_LINES))
    return Message(
        key=row.id,
        to=_address(row),
        title=title,
        text="\n".join(lines),
        short=title,
        language=language,
        fact="digest",
        submission_id=None,
        at=wanted[-1].at,
        link=_link(None),
        unsubscribe=_unsubscribe(row),
    )


def _code(row: AnyRow) -> Message | None:
    """The code by which an address is verified; None once it is of no more use."""
    if row.new_address is None or row.code_expires_at <= now():
        return None
    code, language = addresses.code_of(row.fact_id), row.code_language
    minutes = int(addresses.LIFE.total_seconds()) // 60
    title, text = say("updates.code_title", language), say("updates.code", language, code=code, minutes=minutes)
    return Message(row.id, row.new_address, title, text, text, language, "code", None, row.at)


def _event(row: AnyRow) -> Message | None:
    """What a webhook is told; nothing any more of what is no longer public."""
    if row.submission_id is not None and not row.public:
        return None
    to = {"url": row.address["url"], "secrets": secrets.signing(row.address)}
    data = {"type": row.values["event"], "timestamp": rfc3339(row.at), "data": row.values["data"]}
    return Message(row.id, to, "", "", "", row.own_language, row.move, row.submission_id, row.at, data=data)


def _link(submission_id: str | None) -> str:
    """Where more is to be read."""
    path = f"submissions/{submission_id}" if submission_id else "me/updates"
    return f"{settings().public_url}/v1/{path}"


def _unsubscribe(row: AnyRow) -> str:
    return f"{settings().public_url}/v1/unsubscribe/{unsubscribing.token(row.unsubscribe_id)}"
