"""What the worker does for co-handlers when facts arrive."""

from participate.cases.cohandlers import service
from participate.kernel.outbox import Fact


def on_due(fact: Fact) -> None:
    """`cohandler.countersign_due`: the dispatcher finds the case among those that are held up."""
    service.miss(fact.subject_id)
