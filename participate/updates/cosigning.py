"""Members who are asked to sign a proposal hear of it, and until when they may; and again once its text is another."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, select

from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, rows
from participate.kernel.outbox import Fact
from participate.kernel.workflow import TimelineEntry
from participate.submissions.models import Submission, SubmissionJoin
from participate.submissions.proposals.models import INVITED, CoSigner
from participate.updates import concerns
from participate.updates.service import append

_ASKED = (
    select(TimelineEntry.data, Submission.id, Submission.reference, Submission.cosign_until)
    .join(Submission, Submission.id == TimelineEntry.subject_id)
    .where(TimelineEntry.id == bindparam("entry"))
)
# Who has not said yet whether they sign the text as it is now; whoever had signed the one before has joined.
_OPEN = (
    select(CoSigner.account_id, SubmissionJoin.account_id.label("joined"))
    .outerjoin(
        SubmissionJoin,
        (SubmissionJoin.submission_id == CoSigner.submission_id) & (SubmissionJoin.account_id == CoSigner.account_id),
    )
    .where(CoSigner.submission_id == bindparam("submission"), CoSigner.state == INVITED, CoSigner.answered_at.is_(None))
)


INVITED_WORDS, AGAIN, LAPSED = "step.cosigning.invited", "step.cosigning.asked_again", "step.cosigning.lapsed"


def tell(fact: Fact) -> None:
    """`submission.cosigners_invited`: each of those who were asked by it."""
    (asked,) = rows(_ASKED, {"entry": fact.data["entry"]})
    _tell(fact, asked, INVITED_WORDS, asked.data["accounts"])


def tell_again(fact: Fact) -> None:
    """`submission.resubmitted`: those who are to sign a proposal hear that its text is another.

    Where it is too late for that, those do whose signature is gone.
    """
    (asked,) = rows(_ASKED, {"entry": fact.data["entry"]})
    if asked.cosign_until is None:
        return
    still = asked.cosign_until > now()
    told = [row.account_id for row in rows(_OPEN, {"submission": asked.id}) if still or row.joined is not None]
    _tell(fact, asked, AGAIN if still else LAPSED, told)


def _tell(fact: Fact, asked: AnyRow, words: str, account_ids: Iterable[str]) -> None:
    until = asked.cosign_until.astimezone(settings().timezone).strftime("%Y-%m-%d %H:%M")
    entry: dict[str, Any] = {"fact_id": fact.id, "at": fact.at, "submission_id": asked.id, "move": fact.data["move"]}
    entry |= {"words": words, "due_at": asked.cosign_until, "concern": concerns.STAFF}
    entry |= {"values": {"note": None, "reference": asked.reference, "until": until}}
    append([entry | {"account_id": account_id} for account_id in account_ids])
