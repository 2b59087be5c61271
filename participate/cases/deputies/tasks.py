"""What the worker does for absences when facts arrive."""

from participate.cases.deputies import service
from participate.kernel.outbox import Fact


def on_due(fact: Fact) -> None:
    """`absence.end_due`: both hear that it is over, as it was from that moment on."""
    service.expire(fact.subject_id)
