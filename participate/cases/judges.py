"""Who judges the work on a case: nobody who did it, asked for it, or has judged it before."""

from sqlalchemy import bindparam, select

from participate.cases import holdings
from participate.cases.cohandlers.queries import took_part
from participate.cases.models import Case
from participate.cases.parts.queries import relatives
from participate.kernel.auth import Caller
from participate.kernel.db import Id, one
from participate.kernel.errors import Conflict
from participate.kernel.workflow import TimelineEntry
from participate.submissions import queries as submissions

_JUDGED = (
    select(TimelineEntry.id)
    .where(
        TimelineEntry.subject_id == bindparam("of"),
        TimelineEntry.actor_id == bindparam("who", type_=Id),
        TimelineEntry.move.in_(("verify", "rework", "order_rework")),
    )
    .limit(1)
)
JUDGING = frozenset({"verify", "rework", "order_rework", "uphold", "exclude", "include"})


def has_judged(case_id: str, account_id: str | None) -> bool:
    """Whether the account has ever said of the work on this case that it is done, or that it is not."""
    return one(_JUDGED, {"of": case_id, "who": account_id}) is not None


def stranger(case: Case, caller: Caller, name: str) -> None:
    """Nobody judges what they ever had in hand, alone or with others, or asked for. Raises Conflict.

    A lead stands for its parts, and each part for its lead. Nor does whoever has judged the work decide a dispute about
    it.
    """
    if name in {"order_rework", "uphold"} and has_judged(case.id, caller.account_id):
        raise Conflict("judged_before")
    who, units = caller.account_id, caller.units("handler")
    if holdings.had([case.id, *relatives(case)], who, units) or took_part(case.id, who, units):
        raise Conflict("own_work")
    if submissions.brief(case.submission_id).author_id == caller.account_id:
        raise Conflict("own_submission")
