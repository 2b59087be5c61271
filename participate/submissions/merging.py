"""One submission follows another that says the same: its author hears what becomes of that, and may split off again."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select

from participate.kernel import outbox
from participate.kernel.db import AnyRow, db, one, rows, transaction
from participate.kernel.errors import Conflict, Fault, Invalid
from participate.kernel.workflow import THE_SYSTEM, Actor, locked
from participate.submissions import joining
from participate.submissions.kinds import KINDS
from participate.submissions.models import Submission
from participate.submissions.proposals import service as proposals
from participate.submissions.service import moderate

# What is over, or not yet on the desk, is nothing to follow.
_NO_TARGETS = frozenset({"received", "returned", "rejected", "merged", "withdrawn", "closed"})
_MOST_STEPS = 20
_INTO = select(Submission.state, Submission.merged_into).where(Submission.id == bindparam("id"))


def merge(
    submission_id: str,
    target_id: str,
    actor: Actor,
    note: str | None,
    given: Sequence[str] = (),
    shown: dict[str, Any] | None = None,
) -> None:
    """Let a submission follow another, or the one that this follows itself; who had joined it joins that one.

    Raises Invalid for a target that is not there, and Conflict (`merge_target`) for one that cannot be followed: the
    same, one that is over, or one that other people see.
    """
    with transaction():
        target_id = _last(target_id)
        by_id = {each: locked(Submission, each) for each in sorted({submission_id, target_id})}
        row, target = by_id[submission_id], by_id[target_id]
        if not _may_follow(row, target):
            raise Conflict("merge_target")
        moderate(row.id, "merge", actor, note, given, {"into": target.reference} | (shown or {}))
        row.merged_into = target.id
        db.session.flush()
        accounts = {row.author_id, *joining.page_of(row.id, joining.FIRST, 100_000)} - {target.author_id}
        joining.bring(target.id, accounts, row.id)
        if row.kind == target.kind:
            proposals.keep_all(row, target)


def _last(target_id: str) -> str:
    """The submission that is followed in the end."""
    for _ in range(_MOST_STEPS):
        found = one(_INTO, {"id": target_id})
        if found is None:
            raise Invalid(Fault("merge_into", "unknown_submission"))
        if found.state != "merged" or found.merged_into is None:
            return target_id
        target_id = found.merged_into
    raise Conflict("merge_target")


def _may_follow(row: Submission, target: Submission) -> bool:
    is_seen_alike = KINDS[row.kind].public == KINDS[target.kind].public
    is_sealed_alike = row.kind == target.kind or KINDS[row.kind].public
    return row.id != target.id and target.state not in _NO_TARGETS and is_seen_alike and is_sealed_alike


_FOLLOWERS = (
    select(Submission.id)
    .where(Submission.merged_into == bindparam("target"), Submission.state == "merged")
    .order_by(Submission.id)
    .limit(bindparam("many"))
)
_AT_ONCE = 100  # Others' writes come in between.


def release_followers(target_id: str) -> None:
    """What followed a submission that is followed no more waits for moderation again, so many at one go."""
    with transaction():
        followers = rows(_FOLLOWERS, {"target": target_id, "many": _AT_ONCE})
        for found in followers:
            row = locked(Submission, found.id)
            if row.state == "merged" and row.merged_into == target_id:
                moderate(row.id, "release", THE_SYSTEM, None)
        if len(followers) == _AT_ONCE:
            outbox.record("submission.followers_remained", "submission", target_id)


_FOLLOWED = select(
    Submission.id, Submission.reference, Submission.kind, Submission.state, Submission.merged_into
).where(Submission.id == bindparam("id"))


def followed(target_id: str) -> AnyRow | None:
    """What a submission that was merged into this one follows in the end: `id, reference, kind, state`.

    That is another one where this was merged itself later on.
    """
    found = one(_FOLLOWED, {"id": target_id})
    for _ in range(_MOST_STEPS):
        if found is None or found.merged_into is None:
            break
        found = one(_FOLLOWED, {"id": found.merged_into})
    return found
