"""What the kernel itself forgets: facts that everybody has acted on, and duties that were done, after their time."""

from datetime import timedelta

from sqlalchemy import exists

from participate.kernel import retention
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.deadlines import Deadline
from participate.kernel.ids import first_id
from participate.kernel.outbox import OutboxErrand, OutboxFact


def facts() -> int:
    """Facts about which nobody has anything left to do; what happened stays in the timeline."""
    held = OutboxFact
    old = held.id < first_id(now() - timedelta(days=settings().keep_facts_days))
    return retention.forget(held, old, ~exists().where(OutboxErrand.fact_id == held.id), by=held.id)


def deadlines() -> int:
    """Duties that were done or moot; indicators of the years before were drawn up from them by then."""
    held = Deadline
    old = held.id < first_id(now() - timedelta(days=settings().keep_deadlines_days))
    return retention.forget(held, old, held.settled_at.is_not(None), by=held.id)
