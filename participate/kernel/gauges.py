"""What the kernel's own rows tell about how the service is doing; every query is bounded, whatever has piled up."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Connection, Select, func, select

from participate.kernel.clock import now
from participate.kernel.deadlines import Deadline
from participate.kernel.outbox import OutboxErrand, subscriptions

MOST = 10_000  # No count goes further: who has so many waiting need not know how many more.


def counted(connection: Connection, chosen: Select[str]) -> int:
    """How many rows `chosen` has, MOST at most."""
    return int(connection.execute(select(func.count()).select_from(chosen.limit(MOST).subquery())).scalar_one())


def waits(connection: Connection) -> dict[str, timedelta]:
    """How long the oldest errand of each kind of work has been due; nothing where none is."""
    errand, moment = OutboxErrand, now()
    found = {}
    for kind in sorted(subscriptions().kinds - subscriptions().looks.keys()):
        due = select(errand.next_at).where(errand.dead.is_(False), errand.kind == kind, errand.next_at <= moment)
        oldest = connection.execute(due.order_by(errand.next_at).limit(1)).scalar()
        found[kind] = moment - oldest if oldest else timedelta()
    return found


def open_errands(connection: Connection, kinds: Iterable[str]) -> dict[str, int]:
    """How many errands of each kind are still to be done."""
    errand = OutboxErrand
    return {
        kind: counted(connection, select(errand.id).where(errand.dead.is_(False), errand.kind == kind))
        for kind in sorted(kinds)
    }


def dead_errands(connection: Connection) -> int:
    """How many errands were given up."""
    return counted(connection, select(OutboxErrand.id).where(OutboxErrand.dead.is_(True)))


def due_deadlines(connection: Connection) -> int:
    """How many deadlines are over without anybody having been told."""
    held = Deadline
    over = (held.settled_at.is_(None), held.fired_at.is_(None), held.due_at <= now())
    return counted(connection, select(held.id).where(*over))
