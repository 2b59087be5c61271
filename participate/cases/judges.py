"""Who judges the work on a case: nobody who did it, asked for it or has judged it, nor who stands in for them."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from participate.cases import holdings, stead
from participate.cases.cohandlers.queries import took_part
from participate.cases.parts.queries import relatives
from participate.kernel.auth import Caller
from participate.kernel.db import AnyRow, Id, one
from participate.kernel.workflow import TimelineEntry
from participate.submissions import queries as submissions

_JUDGED = (
    select(TimelineEntry.id)
    .where(
        TimelineEntry.subject_id == bindparam("of"),
        TimelineEntry.actor_id.in_(bindparam("who", type_=Id, expanding=True)),
        TimelineEntry.move.in_(("verify", "rework", "reclassify", "order_rework")),
    )
    .limit(1)
)
JUDGING = frozenset({"verify", "rework", "reclassify", "order_rework", "uphold", "exclude", "include"})


def has_judged(case_id: str, account_ids: Collection[str | None]) -> bool:
    """Whether one of the accounts has ever said of the work on this case that it is done, or that it is not."""
    return one(_JUDGED, {"of": case_id, "who": list(account_ids)}) is not None


def refusal(case: Any, caller: Caller, name: str) -> str | None:
    """The code of why the caller does not judge this case, a row; None where they may.

    Nobody judges what they ever had in hand, alone or with others, or asked for.
    A lead stands for its parts, and each part for its lead. Nor does whoever has judged the work decide a dispute about
    it. A deputy judges nothing that is not for those to judge whom they stand in for, nor ever what they did for them.
    """
    who, units, together = (caller.account_id, *caller.stands_for), caller.units("handler"), [case.id, *relatives(case)]
    if name in {"order_rework", "uphold"} and has_judged(case.id, who):
        return "judged_before"
    if holdings.had(together, who, units) or took_part(case.id, who, units):
        return "own_work"
    if stead.stood_in(together, caller.account_id):
        return "own_work"
    return "own_submission" if submissions.brief(case.submission_id).author_id in who else None


def open_to(case: AnyRow, caller: Caller, moves: Sequence[str]) -> list[str]:
    """Those of the moves that the caller is not barred from as a judge; asked once, and only where there is one.

    What is offered in one state to judge by, one is barred from altogether or not at all.
    """
    judging = [name for name in moves if name in JUDGING]
    barred = judging if judging and refusal(case, caller, judging[0]) else []
    return [name for name in moves if name not in barred]
