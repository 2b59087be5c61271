"""What the worker does for submissions when facts arrive."""

from collections.abc import Sequence

from participate.kernel.db import transaction
from participate.kernel.outbox import Fact, each
from participate.submissions import merging, service


def on_received(facts: Sequence[Fact]) -> None:
    """`submission.received`: pass them on, unless a photo still waits."""
    with transaction():
        ready = service.admissible([fact.subject_id for fact in facts])
        for fact in each(facts):
            if fact.subject_id in ready:
                service.admit(ready.pop(fact.subject_id))


def on_photo(facts: Sequence[Fact]) -> None:
    """`photo.ready`, `photo.refused`: the submission may have waited for this one."""
    with transaction():
        ready = service.admissible([fact.data["thread"] for fact in facts if fact.data.get("thread")])
        for fact in each(facts):
            if fact.data.get("thread") in ready:
                service.admit(ready.pop(fact.data["thread"]))


def on_public(fact: Fact) -> None:
    """`submission.accepted`: where it was carried on from another, those who follow that one may say so here."""
    service.lead_on(fact.subject_id)


def on_gone(fact: Fact) -> None:
    """`submission.withdrawn`, `.rejected`, `.followers_remained`: what followed it waits for moderation again."""
    merging.release_followers(fact.subject_id)


def on_rate_due(fact: Fact) -> None:
    """`submission.rate_due`: nobody rated in time."""
    service.lapse(fact.subject_id)
