"""Who judges the work on a case: nobody who did it, asked for it or has judged it, nor who stands in for them."""

from collections.abc import Collection

from sqlalchemy import bindparam, select

from participate.cases import holdings, stead
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
        TimelineEntry.actor_id.in_(bindparam("who", type_=Id, expanding=True)),
        TimelineEntry.move.in_(("verify", "rework", "order_rework")),
    )
    .limit(1)
)
JUDGING = frozenset({"verify", "rework", "order_rework", "uphold", "exclude", "include"})


def has_judged(case_id: str, account_ids: Collection[str | None]) -> bool:
    """Whether one of the accounts has ever said of the work on this case that it is done, or that it is not."""
    return one(_JUDGED, {"of": case_id, "who": list(account_ids)}) is not None


def stranger(case: Case, caller: Caller, name: str) -> None:
    """Nobody judges what they ever had in hand, alone or with others, or asked for. Raises Conflict.

    A lead stands for its parts, and each part for its lead. Nor does whoever has judged the work decide a dispute about
    it. A deputy judges nothing that is not for those to judge whom they stand in for, nor ever what they did for them.
    """
    who, units, together = (caller.account_id, *caller.stands_for), caller.units("handler"), [case.id, *relatives(case)]
    if name in {"order_rework", "uphold"} and has_judged(case.id, who):
        raise Conflict("judged_before")
    if holdings.had(together, who, units) or took_part(case.id, who, units):
        raise Conflict("own_work")
    if stead.stood_in(together, caller.account_id):
        raise Conflict("own_work")
    if submissions.brief(case.submission_id).author_id in who:
        raise Conflict("own_submission")
