"""What the worker does for commitments when facts arrive."""

from participate.cases.commitments import service
from participate.kernel.outbox import Fact


def on_due(fact: Fact) -> None:
    """`commitment.keep_due`: everyone who waits for it hears that it was missed."""
    service.fall_due(fact.subject_id)
