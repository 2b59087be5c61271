"""A call that is not made in time is passed on: who dispatches there sees to it, and is told so each work day."""

from sqlalchemy import select

from participate.kernel import deadlines
from participate.kernel.db import one, transaction
from participate.kernel.outbox import Fact
from participate.kernel.workflow import locked
from participate.submissions import queries as submissions
from participate.updates import staff
from participate.updates.assisted import calling
from participate.updates.assisted.models import Assisted, Call

# Whom it is told that a call was not made: the first time, and from then on.
_TOLD = (("dispatcher",), ("dispatcher", "supervisor"))


def miss(fact: Fact) -> None:
    """`call.tell_due`: nothing happens where it was made, or tried, before the worker looked."""
    found = one(select(Call.submission_id).where(Call.id == fact.subject_id))
    if found is None:
        return
    with transaction():
        locked(Assisted, found.submission_id)
        call = locked(Call, fact.subject_id)
        if not deadlines.missed(call.id, "tell"):
            return
        call.missed += 1
        calling.wait(call.id, calling.due())  # It stays late, and is told again.
        brief = submissions.brief(call.submission_id)
        entry = {"fact_id": fact.id, "at": fact.at, "submission_id": brief.id, "move": "call_missed"}
        entry |= {"words": "step.call.missed", "values": {"reference": brief.reference, "note": None}}
        roles = _TOLD[min(call.missed, len(_TOLD)) - 1]
        staff.tell_desks(entry | {"due_at": call.due_at}, brief, roles, {call.officer})
