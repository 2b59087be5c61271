"""What the worker does for cases when facts arrive."""

from participate.cases import after_photos, service, warning
from participate.cases.found import sampling
from participate.kernel.outbox import Fact
from participate.submissions import queries as submissions
from participate.submissions.kinds import KINDS
from participate.submissions.rating import rating as rating_of
from participate.submissions.service import follow


def on_accepted(fact: Fact) -> None:
    """`submission.accepted`, `submission.filed`: open what its kind leads to; a proposal's case once it is filed."""
    brief = submissions.brief(fact.subject_id)
    if KINDS[brief.kind].is_filed and fact.name != "submission.filed":
        return
    if KINDS[brief.kind].leads_to == "case":
        service.open_case(fact.subject_id)
    else:
        follow(fact.subject_id, "open")


def on_carried(fact: Fact) -> None:
    """`submission.adopted`, `submission.converted`: the figures tell what becomes of suggestions."""
    service.carried(fact.subject_id)


def on_reopened(fact: Fact) -> None:
    """`submission.reopened`: the holder looks again."""
    service.by_system(fact.subject_id, "reopen")


def on_disputed(fact: Fact) -> None:
    """`submission.disputed`: a supervisor decides."""
    service.by_system(fact.subject_id, "dispute")


def on_rated(fact: Fact) -> None:
    """`submission.rated`, `submission.lapsed`: the case is over."""
    service.by_system(fact.subject_id, "close", rating=rating_of(fact.subject_id))


def on_withdrawn(fact: Fact) -> None:
    """`submission.withdrawn`: nobody need act any more."""
    service.by_system(fact.subject_id, "cancel")


def on_overdue(fact: Fact) -> None:
    """`case.accept_due` and those of the other duties: the level above takes it."""
    service.overdue(fact.subject_id, fact.data["duty"])


def on_warn_due(fact: Fact) -> None:
    """`case.warn_due`: half of its time is over, or more."""
    warning.warn(fact.subject_id)


def on_resume_due(fact: Fact) -> None:
    """`case.resume_due`: its clock goes on."""
    service.resume(fact.subject_id)


def on_resolved(fact: Fact) -> None:
    """`case.resolved`, `part.resolved`, `case.settled`: its after-photos may be known already."""
    _look_at_photos(fact.data["thread"])


def on_photo(fact: Fact) -> None:
    """`photo.matched`, `photo.ready`, `photo.refused`: what is known now may be of an after-photo."""
    if fact.data.get("thread"):
        _look_at_photos(fact.data["thread"])


def _look_at_photos(submission_id: str) -> None:
    after_photos.mark(submission_id)
    sampling.doubt(submission_id)
