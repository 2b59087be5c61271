"""What the worker does for clues when facts arrive."""

from participate.cases.clues import service
from participate.cases.commitments import queries as commitments
from participate.kernel.outbox import Fact


def on_missed(fact: Fact) -> None:
    """`commitment.missed`: a promise was broken."""
    row = commitments.row_of(fact.subject_id)
    service.find_broken(row.id, row.submission_id, row.handling_area)


def on_reopened(fact: Fact) -> None:
    """`submission.reopened`: it may be for the second time."""
    service.find_reopened(fact.subject_id)
