"""Errands that would wait too long, since a clock that was wrong has put them off."""

from datetime import timedelta

from sqlalchemy import update

from participate.kernel.clock import now
from participate.kernel.db import rows, transaction
from participate.kernel.errands import LEASE, LONGEST_PAUSE_SECONDS
from participate.kernel.outbox import OutboxErrand, subscriptions


def set_right() -> int:
    """Make due what a clock that ran ahead has put off: no pause is so long; returns how many errands that were."""
    held = OutboxErrand
    latest = now() + LEASE + timedelta(seconds=2 * LONGEST_PAUSE_SECONDS)
    kinds = sorted(subscriptions().kinds)
    strayed = update(held).where(held.dead.is_(False), held.kind.in_(kinds), held.next_at > latest)
    with transaction():
        return len(rows(strayed.values(next_at=now()).returning(held.id)))
