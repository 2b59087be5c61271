"""What somebody is towards a proposal or a suggestion besides what their roles say."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, bindparam, exists, literal_column, select

from participate.kernel.auth import Caller
from participate.kernel.db import one
from participate.submissions.lives import ADOPTER, COSIGNER, INVITED, PROPOSER
from participate.submissions.models import FILED, UNFILED, Submission
from participate.submissions.proposals.models import SIGNED, CoSigner

# Who was asked to sign it reads it, also before everyone may; `:me` is who.
_THEIRS = exists().where(CoSigner.submission_id == Submission.id, CoSigner.account_id == bindparam("me"))
ASKED_TO_SIGN = and_(Submission.kind == "micro_proposal", _THEIRS)
_STATE = select(CoSigner.state).where(
    CoSigner.submission_id == bindparam("submission"), CoSigner.account_id == bindparam("me")
)


def filed(is_filed: bool) -> ColumnElement[bool]:
    """The condition that a submission has a number, or that it is a proposal that waits for one; each has an index."""
    return literal_column(f"({FILED if is_filed else UNFILED})", Boolean)


def towards(caller: Caller, row: Any) -> frozenset[str]:
    """The roles that the caller has towards this submission beside those of their office."""
    if caller.account_id is None or row.kind not in {"micro_proposal", "micro_suggestion"}:
        return frozenset()
    if row.kind == "micro_suggestion":
        # What lies nowhere any member may take charge of.
        anywhere = {"member"} if row.area is None and caller.has("member") else set[str]()
        return frozenset(anywhere | ({ADOPTER} if row.adopted_by == caller.account_id else set()))
    if row.author_id == caller.account_id:
        return frozenset({PROPOSER} if caller.has("member") else ())
    found = one(_STATE, {"submission": row.id, "me": caller.account_id})
    if found is None:
        return frozenset()
    return frozenset({COSIGNER if found.state == SIGNED else INVITED})
