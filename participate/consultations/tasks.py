"""What the worker does for consultations when facts arrive."""

from participate.consultations import service
from participate.kernel.outbox import Fact


def on_opened(fact: Fact) -> None:
    """`submission.opened`: statements are taken from now on."""
    service.opened(fact.subject_id)
