"""Which of a reader's channels a feed entry goes out by, and when; written with the entry itself."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from participate.kernel import outbox
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, add, after_commit, execute, rows, table
from participate.kernel.ids import new_id
from participate.updates import concerns
from participate.updates.channels.base import WEBHOOK
from participate.updates.deliveries import hours, taking
from participate.updates.deliveries.models import DIGEST, MUTED, OPEN, WAITING, ChannelChoice, Delivery, among

KIND = "deliveries"  # The kind of work that the sending is.
_NEW = insert(table(Delivery))
_HELD = table(Delivery).c
_CHOICE = ChannelChoice
_CHOICES = select(
    _CHOICE.account_id, _CHOICE.channel, _CHOICE.quiet_from, _CHOICE.quiet_until, _CHOICE.digest_hour, _CHOICE.muted
).where(
    _CHOICE.account_id.in_(bindparam("ids", expanding=True)), _CHOICE.on.is_(True), _CHOICE.verified_at.is_not(None)
)
# In one order, or it could wait for whoever puts a line off that waits for it.
_OVERTAKEN = (
    select(_HELD.id)
    .where(_HELD.account_id.in_(bindparam("ids", expanding=True)), among(_HELD.state, (*OPEN, DIGEST)))
    .where(_HELD.state == WAITING, _HELD.priority > bindparam("to"))
    .order_by(_HELD.id)
    .with_for_update()
    .scalar_subquery()
)
_HURRIED = update(table(Delivery)).where(_HELD.id.in_(_OVERTAKEN)).values(priority=bindparam("to"))


def plan(entries: Sequence[dict[str, Any]]) -> None:
    """Write a delivery for each of these feed entries and each channel of its reader's, in the open transaction."""
    chosen: dict[str, list[AnyRow]] = {}
    for row in rows(_CHOICES, {"ids": sorted({entry["account_id"] for entry in entries})}):
        chosen.setdefault(row.account_id, []).append(row)
    made = [delivery for entry in entries for delivery in _of_entry(entry, chosen.get(entry["account_id"], ()))]
    _hurry(made)
    for delivery in made:
        add(_NEW, delivery)
    ring(made)
    _count(made)


def _count(made: Sequence[dict[str, Any]]) -> None:
    """Count, once the open transaction has landed, who is told of what by any channel, and who wants it by none."""
    wanted = dict[tuple[str, str], bool]()
    for delivery in made:
        if delivery["channel"] != WEBHOOK:
            key = delivery["account_id"], delivery["fact_id"]
            wanted[key] = wanted.get(key, False) or delivery["state"] != MUTED
    told = sum(wanted.values())
    after_commit(f"told {new_id()}", lambda: taking.told(told, len(wanted) - told))


def ring(made: Iterable[dict[str, Any]]) -> None:
    """Wake those who send, once the open transaction has landed, if any of it is due."""
    moment = now()
    if any(delivery["state"] == WAITING and delivery["next_at"] <= moment for delivery in made):
        outbox.ring(KIND)


def _of_entry(entry: dict[str, Any], choices: Sequence[AnyRow]) -> Iterator[dict[str, Any]]:
    moment = now()
    for choice in choices:
        state, due = _when(entry, choice, moment)
        named = {name: entry[name] for name in ("account_id", "fact_id", "number", "submission_id", "move", "at")}
        yield fresh(choice.channel, entry["concern"], state, due, entry["urgent"], **named)


def fresh(channel: str, concern: str, state: str, due: datetime, urgent: bool, **named: Any) -> dict[str, Any]:
    """A new row."""
    counted = {"id": new_id(), "attempts": 0, "sent_at": None, "error": None, "carried_by": None, "carries": 0}
    line = {"area": None, "concern": concern, "priority": concerns.priority(concern), "urgent": urgent}
    return counted | line | {"channel": channel, "state": state, "next_at": due, "due_at": due} | named


def _when(entry: dict[str, Any], choice: AnyRow, moment: datetime) -> tuple[str, datetime]:
    """In which state it begins, and when it is due. What cannot be muted goes into no digest either."""
    zone, concern = settings().timezone, entry["concern"]
    if entry["urgent"]:
        return WAITING, moment
    if concern in concerns.MUTABLE and concern in choice.muted:
        return MUTED, moment
    if concern in concerns.DIGESTED and choice.digest_hour is not None:
        return DIGEST, hours.next_digest(moment, choice.digest_hour, zone)
    return WAITING, hours.out_of_quiet(moment, choice.quiet_from, choice.quiet_until, zone)


def _hurry(made: Sequence[dict[str, Any]]) -> None:
    """Each person's messages keep their order, so what goes first takes along what it would have to wait for."""
    firsts = [row for row in made if row["state"] == WAITING and row["priority"] < concerns.LAST]
    for priority in sorted({row["priority"] for row in firsts}):
        ids = {row["account_id"] for row in firsts if row["priority"] == priority}
        execute(_HURRIED, {"ids": sorted(ids), "to": priority})
