"""What the worker does for broadcasts when facts arrive."""

from participate.kernel.outbox import Fact
from participate.updates.broadcasts import service


def on_due(fact: Fact) -> None:
    """`broadcast.page_due`: the next ones are told."""
    service.tell_some(fact.subject_id)
