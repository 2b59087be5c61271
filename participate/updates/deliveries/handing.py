"""A delivery's way through its states: claimed for a lease, marked as being handed over, and settled as it ended.

A claim moves `next_at` on by a lease and counts in `attempts`, which is how the row knows whose claim still holds.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any

from sqlalchemy import Exists, Update, and_, bindparam, exists, literal, or_, select, update
from sqlalchemy.orm import aliased

from participate.kernel.clock import now
from participate.kernel.db import AnyRow, execute, one, rows, table, transaction
from participate.kernel.ids import first_id
from participate.submissions.models import Submission
from participate.updates import concerns
from participate.updates.channels.base import SECONDS
from participate.updates.deliveries.models import (
    CARRIED,
    DEAD,
    DIGEST,
    HANDING_OVER,
    MUTED,
    OPEN,
    SENT,
    UNCERTAIN,
    WAITING,
    Delivery,
    among,
)

LEASE = timedelta(seconds=2 * SECONDS)
MOST_ATTEMPTS, LONGEST = 50, timedelta(hours=48)
_FIRST_PAUSE, _LONGEST_PAUSE = 10.0, 7200.0  # seconds
_LEVELS = range(concerns.LAST + 1)
_DELIVERIES = table(Delivery)
_HELD = _DELIVERIES.c
_chance = SystemRandom()

_INDEXED = (*OPEN, DIGEST)  # As the indexes on what is due, and on who is in line, have it.
_IN_DUE = among(_HELD.state, _INDEXED)
_older = aliased(Delivery)
_AHEAD = exists().where(
    _older.account_id == _HELD.account_id,
    _older.channel == _HELD.channel,
    among(_older.state, _INDEXED),
    among(_older.state, OPEN),
    _older.number < _HELD.number,
)
_FREE = or_(_HELD.urgent.is_(True), ~_AHEAD)
_OF_CHANNEL = and_(_HELD.channel == bindparam("of"), _IN_DUE)
_DUE = select(_HELD.id).where(_OF_CHANNEL, _HELD.priority == bindparam("level"), _HELD.next_at <= bindparam("moment"))
_CLAIMABLE = _DUE.where(_HELD.state == WAITING, _FREE)
_FIRST = (
    _CLAIMABLE.order_by(_HELD.next_at, _HELD.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_CLAIM = (
    update(_DELIVERIES)
    .where(_HELD.id.in_(_FIRST))
    .values(next_at=bindparam("until"), attempts=_HELD.attempts + 1)
    .returning(_HELD.id, _HELD.number, _HELD.attempts, _HELD.due_at, _HELD.account_id, _HELD.channel, _HELD.priority)
)
_ONE_OF_LEVEL = _CLAIMABLE.limit(1)


def _any(state: str, level: int) -> Exists:
    is_due = _HELD.state == state, _HELD.priority == literal(level), _HELD.next_at <= bindparam("moment")
    return exists(select(_HELD.id).where(_OF_CHANNEL, *is_due))


_ANYTHING = select(or_(*(_any(state, level) for state in _INDEXED for level in _LEVELS)).label("is_due"))


def is_due(channel: str) -> bool:
    """Whether there may be something to do for a channel."""
    found = one(_ANYTHING, {"of": channel, "moment": now()})
    return bool(found and found.is_due)


def claim(channel: str, most: int) -> list[AnyRow]:
    """Take up to `most` that are due for a lease each, what goes first before the rest.

    Of each person's only the oldest that is still open, so that all come in their order. Columns: `id`, `number`,
    `attempts`, `due_at`, `account_id`, `channel`, `priority`.
    """
    moment, taken = now(), list[AnyRow]()
    with transaction():
        for level in _LEVELS:
            if len(taken) < most:
                asked = {"of": channel, "level": level, "moment": moment, "most": most - len(taken)}
                found = rows(_CLAIM, asked | {"until": moment + LEASE})
                taken += sorted(found, key=lambda row: row.id)
    return taken


def hurries(channel: str, behind: int) -> bool:
    """Whether anything could be claimed that goes before what has this priority."""
    asked = {"of": channel, "moment": now()}
    return any(one(_ONE_OF_LEVEL, asked | {"level": level}) is not None for level in range(behind))


def _ours(claimed: AnyRow) -> Update:
    return update(_DELIVERIES).where(_HELD.id == claimed.id, _HELD.attempts == claimed.attempts)


def begin(claimed: AnyRow, by_key: bool) -> bool:
    """Hold the claim for another lease; False where somebody else has it by now.

    Where the channel is not `by_key`, say as well that it is being handed over: should this process die from here on,
    nobody can tell whether the other side has got it (see `recover`). Else it would be sent again under its key.
    """
    going = _ours(claimed).where(_HELD.state == WAITING)
    state = WAITING if by_key else HANDING_OVER
    with transaction():
        return bool(rows(going.values(state=state, next_at=now() + LEASE).returning(_HELD.id)))


def give_back(claimed: Sequence[AnyRow]) -> None:
    """Make due again what was claimed and not begun, as though it had not been."""
    with transaction():
        for row in claimed:
            back = _ours(row).where(_HELD.state == WAITING)
            execute(back.values(next_at=now(), attempts=_HELD.attempts - 1))


def settle_sent(claimed: AnyRow) -> list[datetime]:
    """The other side has it, whatever became of our claim meanwhile; and with it all that it carries.

    Returns the times of the facts that their reader has by that.
    """
    moment = now()
    with transaction():
        mine = update(_DELIVERIES).where(_HELD.id == claimed.id, _HELD.state != SENT)
        sent = rows(mine.values(state=SENT, sent_at=moment, error=None).returning(_HELD.at))
        carried = rows(_carried(claimed).values(state=SENT, sent_at=moment).returning(_HELD.at))
        return [row.at for row in (*sent, *carried)]


def _carried(claimed: AnyRow) -> Update:
    return update(_DELIVERIES).where(among(_HELD.state, (CARRIED,)), _HELD.carried_by == claimed.id)


def settle_muted(claimed: AnyRow) -> None:
    """Its person no longer wants it."""
    with transaction():
        execute(_ours(claimed).where(among(_HELD.state, OPEN)).values(state=MUTED))
        execute(_carried(claimed).values(state=MUTED))


def settle_failed(claimed: AnyRow, state: str, error: str) -> None:
    """Nobody tries it again by itself: it is DEAD or UNCERTAIN, for staff to see."""
    with transaction():
        area = select(Submission.area).where(Submission.id == _HELD.submission_id).scalar_subquery()
        ended = _ours(claimed).where(among(_HELD.state, OPEN))
        execute(ended.values(state=state, error=error, area=area))


def settle_passing(claimed: AnyRow, error: str, retry_after: float | None = None, counts: bool = True) -> str:
    """Try it again later, or give it up after so many attempts or so long; returns the state that it is in now.

    What comes after it in its person's line is put off as long: it is not looked at again and again meanwhile.
    """
    if claimed.attempts >= MOST_ATTEMPTS or now() - claimed.due_at > LONGEST:
        settle_failed(claimed, DEAD, error)
        return DEAD
    due = now() + timedelta(seconds=max(retry_after or 0.0, pause(claimed.attempts) if counts else 0.0))
    attempts = _HELD.attempts if counts else _HELD.attempts - 1
    with transaction():
        kept = _ours(claimed).where(among(_HELD.state, OPEN))
        back = kept.values(state=WAITING, next_at=due, error=error, attempts=attempts).returning(_HELD.id)
        if rows(back):
            execute(_PUT_OFF, _line(claimed, due))
    return WAITING


def put_off(claimed: AnyRow, due: datetime) -> None:
    """Let it wait until then, and what comes after it in its person's line: it has not been tried."""
    with transaction():
        kept = _ours(claimed).where(_HELD.state == WAITING)
        if rows(kept.values(next_at=due, attempts=_HELD.attempts - 1).returning(_HELD.id)):
            execute(_PUT_OFF, _line(claimed, due))


def _line(claimed: AnyRow, due: datetime) -> dict[str, Any]:
    return {"whose": claimed.account_id, "of": claimed.channel, "after": claimed.number, "due": due}


_BEHIND = (
    select(_HELD.id)
    .where(_HELD.account_id == bindparam("whose"), _HELD.channel == bindparam("of"), _IN_DUE)
    .where(_HELD.state == WAITING, _HELD.number > bindparam("after"), _HELD.next_at < bindparam("due"))
    .where(_HELD.urgent.is_(False), _HELD.attempts == 0)
    .order_by(_HELD.id)
    .with_for_update()
    .scalar_subquery()
)
_PUT_OFF = update(_DELIVERIES).where(_HELD.id.in_(_BEHIND)).values(next_at=bindparam("due"))


def pause(attempts: int) -> float:
    """Seconds until the next try: anywhere within a time that doubles, so that not all come back at once."""
    return _chance.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (attempts - 1)))


_STALE = (
    select(_HELD.id, _HELD.number, _HELD.attempts, _HELD.due_at, _HELD.account_id, _HELD.channel)
    .where(_OF_CHANNEL, _HELD.state == HANDING_OVER, _HELD.priority == bindparam("level"))
    .where(_HELD.next_at <= bindparam("moment"))
    .order_by(_HELD.next_at)
    .limit(100)
)


def recover(channel: str) -> int:
    """What was being handed over by a process that is no more may have arrived or not: staff see it, nobody repeats it.

    Returns how many. On a channel that drops what comes twice under one key, nothing is ever in that state.
    """
    asked = {"of": channel, "moment": now()}
    left = [row for level in _LEVELS for row in rows(_STALE, asked | {"level": level})]
    for row in left:
        settle_failed(row, UNCERTAIN, "interrupted")
    return len(left)


def set_right() -> int:
    """Make due what a clock that ran ahead has put off (see `kernel.rescue`); returns how many deliveries that were.

    No lease ends so late, whether its sender lives or not, and nothing was planned in time to come. What waits for
    another try, or for the end of quiet hours, goes on waiting.
    """
    moment = now()
    latest = moment + 2 * LEASE
    claimed = or_(_HELD.state == HANDING_OVER, and_(_HELD.attempts > 0, _HELD.error.is_(None)))
    strayed = _HELD.next_at > latest, or_(claimed, _HELD.id > first_id(latest))
    with transaction():
        found = update(_DELIVERIES).where(among(_HELD.state, OPEN), *strayed).values(next_at=moment)
        return len(rows(found.returning(_HELD.id)))


_OF_DIGEST = _DUE.where(_HELD.state == DIGEST).order_by(_HELD.next_at, _HELD.id).limit(1)
_TOGETHER = (
    select(_HELD.id)
    .where(_HELD.account_id == bindparam("whose"), _HELD.channel == bindparam("of"), _HELD.state == DIGEST, _IN_DUE)
    .where(_HELD.next_at <= bindparam("moment"))
    .order_by(_HELD.number)
    .with_for_update()
)


def gather(channel: str) -> int:
    """Make one message for each person of what waits for their digest and is due; returns how many messages.

    The oldest of them becomes the message, under its own key, and carries the others from then on.
    """
    made, asked = 0, {"of": channel, "moment": now()}
    for level in _LEVELS:
        while (first := one(_OF_DIGEST, asked | {"level": level})) is not None:
            made += _gathered(first.id, asked)
    return made


def _gathered(first_id: str, asked: dict[str, Any]) -> int:
    with transaction():
        whose = one(select(_HELD.account_id).where(_HELD.id == first_id))
        found = [row.id for row in rows(_TOGETHER, asked | {"whose": whose.account_id})] if whose else []
        if not found:
            return 0
        carrier, *others = found
        become = update(_DELIVERIES).where(_HELD.id == carrier)
        execute(become.values(state=WAITING, next_at=asked["moment"], carries=len(others)))
        joined = update(_DELIVERIES).where(_HELD.id.in_(others))
        execute(joined.values(state=CARRIED, carried_by=carrier))
    return 1
