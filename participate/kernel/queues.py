"""What happens in the queues of staff: written with the change itself, numbered once it has landed, soon forgotten.

Whoever makes a change writes a row and holds up nobody. Numbers come after: whoever is about to read the queue gives
one to each row that has none yet, under the queue's lock, so that they have no gap and are seen in their order.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Index, String, bindparam, delete, insert, select, text, union, update
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel import ear
from participate.kernel.clock import now
from participate.kernel.db import (
    AnyRow,
    Id,
    Json,
    Model,
    UtcTime,
    add,
    execute,
    one,
    rows,
    table,
    transaction,
)
from participate.kernel.ids import new_id
from participate.kernel.inserting import inserting
from participate.kernel.retention import STEP

KEPT = timedelta(hours=1)
ALL = "all"  # A queue is one log for all its readers.
_UNNUMBERED = text("number IS NULL")


class QueueEvent(Model):
    """What has happened to something in a `queue`. `number` and `numbered_at` come once it has landed.

    `seen` holds what readers' scopes are held against, before it and after; None where it was not there. `shown` is
    what is told besides to those who still see it.
    """

    __tablename__ = "queue_events"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    queue: Mapped[str] = mapped_column(String(16))
    number: Mapped[int | None] = mapped_column(BigInteger)
    numbered_at: Mapped[datetime | None] = mapped_column(UtcTime)
    subject_id: Mapped[str] = mapped_column(Id)
    what: Mapped[str] = mapped_column(String(32))
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcTime)
    seen: Mapped[list[Any]] = mapped_column(Json)
    shown: Mapped[dict[str, Any]] = mapped_column(Json)

    __table_args__ = (
        Index("uq_queue_events_queue_number", "queue", "number", unique=True),
        Index("ix_queue_events_unnumbered", "queue", "id", sqlite_where=_UNNUMBERED, postgresql_where=_UNNUMBERED),
    )


class QueueEnd(Model):
    """The last number that was given in a queue, and when; whoever gives numbers holds its lock."""

    __tablename__ = "queue_ends"
    queue: Mapped[str] = mapped_column(String(16), primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcTime)


_EVENTS, _ENDS = table(QueueEvent), table(QueueEnd)
_OF, _ENDS_OF = _EVENTS.c.queue == bindparam("of"), _ENDS.c.queue == bindparam("of")
_NEW = insert(_EVENTS)
_NUMBERED = update(_EVENTS).where(_EVENTS.c.id == bindparam("event"))
_NUMBERED = _NUMBERED.values(number=bindparam("given"), numbered_at=bindparam("given_at"))
_LEFT = select(_EVENTS.c.id).where(_OF, _EVENTS.c.number.is_(None)).order_by(_EVENTS.c.id)
_LAST = select(_ENDS.c.last).where(_ENDS_OF)
_LOCKED = select(_ENDS.c.last, _ENDS.c.at).where(_ENDS_OF).with_for_update()
_ENDED = update(_ENDS).where(_ENDS_OF).values(last=bindparam("given"), at=bindparam("given_at"))
_KNOWN = union(select(_ENDS.c.queue), select(_EVENTS.c.queue).where(_EVENTS.c.number.is_(None)))
_FIRST = select(_EVENTS.c.number, _EVENTS.c.numbered_at).where(_OF, _EVENTS.c.number.is_not(None))
_OLDEST = _FIRST.order_by(_EVENTS.c.number).limit(STEP)
_GONE = delete(_EVENTS).where(_OF, _EVENTS.c.number <= bindparam("upto"))
_IS_KEPT = select(_EVENTS.c.id).where(_OF, _EVENTS.c.number == bindparam("wanted"))
_SHOWN = (_EVENTS.c[name] for name in ("number", "subject_id", "what", "version", "at", "seen", "shown"))
_READ = select(*_SHOWN).where(_OF, _EVENTS.c.number.in_(bindparam("wanted", expanding=True)))


def tell(
    queue: str, subject: Any, what: str, before: dict[str, Any] | None, after: dict[str, Any], **shown: Any
) -> None:
    """Write into the open transaction what has happened to `subject`, of which `id` and `version` are told.

    `before` and `after` are what readers' scopes are held against; `before` is None for what has just come.
    """
    told = {"subject_id": subject.id, "what": what, "version": subject.version, "at": now()}
    nothing = {"number": None, "numbered_at": None}
    add(_NEW, {"id": new_id(), "queue": queue} | nothing | told | {"seen": [before, after], "shown": shown})
    ear.announce(queue, [ALL])


def last(queue: str) -> int:
    """The number of the last event that has landed."""
    while _number(queue):
        pass
    found = one(_LAST, {"of": queue})
    return 0 if found is None else int(found.last)


def _number(queue: str) -> int:
    """Give a number to some that have none; returns how many these were. Asks one look-up where there are none."""
    if one(_LEFT.limit(1), {"of": queue}) is None:
        return 0
    with transaction():
        end = one(_LOCKED, {"of": queue})
        if end is None:
            execute(_begun(), {"queue": queue, "last": 0, "at": now()})
            end = one(_LOCKED, {"of": queue})
        left = [row.id for row in rows(_LEFT.limit(STEP), {"of": queue})]
        if end is None or not left:
            return 0
        # Never earlier than the one before, whichever machine's clock says so: what is forgotten is a beginning.
        moment = max(now(), end.at)
        given = [{"event": each, "given": end.last + n, "given_at": moment} for n, each in enumerate(left, 1)]
        execute(_NUMBERED, given)
        execute(_ENDED, {"of": queue, "given": end.last + len(left), "given_at": moment})
    return len(left)


@cache
def _begun() -> Any:
    return inserting(_ENDS).on_conflict_do_nothing()


def read(queue: str, numbers: Sequence[int]) -> dict[int, AnyRow]:
    """The events with these numbers, by number; those forgotten are left out."""
    return {row.number: row for row in rows(_READ, {"of": queue, "wanted": numbers})}


def goes_on(queue: str, behind: int, upto: int) -> bool:
    """Whether all behind this number is still kept, where `upto` is the last one."""
    if behind >= upto:
        return behind == upto
    return one(_IS_KEPT, {"of": queue, "wanted": behind + 1}) is not None


def queue_events() -> int:
    """Forget the events that nobody can go on from any more; returns how many these were."""
    return sum(_forget(row.queue) for row in rows(_KNOWN))


def _forget(queue: str) -> int:
    last(queue)  # Where nobody has listened, they have no numbers yet.
    old = [row.number for row in rows(_OLDEST, {"of": queue}) if row.numbered_at < now() - KEPT]
    if old:
        with transaction():
            execute(_GONE, {"of": queue, "upto": old[-1]})
    return len(old)
