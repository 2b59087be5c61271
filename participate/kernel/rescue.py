"""Errands that would wait too long: held by a worker that died, or put off by a clock that was wrong."""

from datetime import timedelta

from sqlalchemy import update

from participate.kernel.clock import now
from participate.kernel.db import rows, transaction
from participate.kernel.errands import LEASE, LONGEST_PAUSE_SECONDS
from participate.kernel.outbox import OutboxErrand, subscriptions


def hand_back(errand_id: str, attempts: int) -> None:
    """Make an errand due at once whose worker is known to have died with it; the attempt counts."""
    held = OutboxErrand
    died = update(held).where(held.id == errand_id, held.attempts == attempts)
    with transaction() as session:
        session.execute(died.values(next_at=now(), last_error="died"))


def set_right() -> int:
    """Make due what a clock that ran ahead has put off: no pause is so long; returns how many errands that were."""
    held = OutboxErrand
    latest = now() + LEASE + timedelta(seconds=2 * LONGEST_PAUSE_SECONDS)
    kinds = sorted(subscriptions().kinds)
    strayed = update(held).where(held.dead.is_(False), held.kind.in_(kinds), held.next_at > latest)
    with transaction():
        return len(rows(strayed.values(next_at=now()).returning(held.id)))
