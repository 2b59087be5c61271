"""Members who are asked to sign a proposal hear of it, and until when they may."""

from sqlalchemy import bindparam, select

from participate.kernel.context import settings
from participate.kernel.db import rows
from participate.kernel.outbox import Fact
from participate.kernel.workflow import TimelineEntry
from participate.submissions.models import Submission
from participate.updates import concerns
from participate.updates.service import append

_ASKED = (
    select(TimelineEntry.data, Submission.id, Submission.reference, Submission.cosign_until)
    .join(Submission, Submission.id == TimelineEntry.subject_id)
    .where(TimelineEntry.id == bindparam("entry"))
)


def tell(fact: Fact) -> None:
    """`submission.cosigners_invited`: each of those who were asked by it."""
    (asked,) = rows(_ASKED, {"entry": fact.data["entry"]})
    until = asked.cosign_until.astimezone(settings().timezone).strftime("%Y-%m-%d %H:%M")
    entry = {"fact_id": fact.id, "at": fact.at, "submission_id": asked.id, "move": "invite"}
    entry |= {"words": "step.cosigning.invited", "due_at": asked.cosign_until, "concern": concerns.STAFF}
    entry |= {"values": {"note": None, "reference": asked.reference, "until": until}}
    append([entry | {"account_id": account_id} for account_id in asked.data["accounts"]])
