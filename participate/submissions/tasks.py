"""What the worker does for submissions when facts arrive."""

from participate.kernel.outbox import Fact
from participate.submissions import service


def on_received(fact: Fact) -> None:
    """`submission.received`: pass it on, unless a photo still waits."""
    service.admit(fact.subject_id)


def on_photo(fact: Fact) -> None:
    """`photo.ready`, `photo.refused`: the submission may have waited for this one."""
    if fact.data.get("thread"):
        service.admit(fact.data["thread"])


def on_rate_due(fact: Fact) -> None:
    """`submission.rate_due`: nobody rated in time."""
    service.lapse(fact.subject_id)
