"""Whose own a submission is besides its author's: who has signed it too, and whose own was merged into it."""

from collections.abc import Collection

from sqlalchemy import BindParameter, bindparam, exists, select

from participate.kernel.db import AnySelect, rows
from participate.submissions.models import Submission, SubmissionJoin
from participate.submissions.proposals.models import SIGNED, CoSigner

_IDS: BindParameter[str] = bindparam("ids", expanding=True)
_SIGNED = select(CoSigner.account_id).where(
    CoSigner.submission_id == bindparam("submission"), CoSigner.account_id.in_(_IDS), CoSigner.state == SIGNED
)
# Where what somebody's was merged into was merged itself later on, that leads on to the last.
_CAME = exists().where(
    SubmissionJoin.submission_id == bindparam("submission"),
    SubmissionJoin.account_id == Submission.author_id,
    SubmissionJoin.merged_id.is_not(None),
)
_MERGED = Submission.state == "merged"
_first = select(Submission.author_id, Submission.merged_into).where(Submission.author_id.in_(_IDS), _MERGED, _CAME)
_way = _first.cte("way", recursive=True)
_way = _way.union(
    select(_way.c.author_id, Submission.merged_into).join(_way, Submission.id == _way.c.merged_into).where(_MERGED)
)
_FOLLOWED = select(_way.c.author_id.label("account_id")).where(_way.c.merged_into == bindparam("submission"))


def signers(submission_id: str, account_ids: Collection[str]) -> set[str]:
    """Those of these accounts that have signed it."""
    return _of(_SIGNED, submission_id, account_ids)


def owners(submission_id: str, account_ids: Collection[str]) -> set[str]:
    """Those of these accounts that have signed it, or have handed in what was merged into it."""
    return signers(submission_id, account_ids) | _of(_FOLLOWED, submission_id, account_ids)


def _of(asked: AnySelect, submission_id: str, account_ids: Collection[str]) -> set[str]:
    if not account_ids:
        return set()
    return {row.account_id for row in rows(asked, {"submission": submission_id, "ids": list(account_ids)})}
