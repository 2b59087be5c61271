"""When a submission is passed over in silence: the city has it, and its author has heard nothing for too long."""

from datetime import datetime
from typing import Any

from participate.catalogue.calendar import Calendar, Clock, duration
from participate.catalogue.service import calendar
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.workflow import SYSTEM, Move, among
from participate.submissions.kinds import RESIDENT

# While it is in one of these, its author waits for the city. Else the author is waited for, or it is over.
OURS = among(
    *("received", "in_moderation", "accepted", "assigned", "in_progress", "in_verification", "disputed"),
    *("open", "concluded"),
)
DESK = "silence"  # Nobody's: the service itself makes the move.
INFORM = Move(
    "inform",
    OURS,
    None,
    among(SYSTEM),
    "informed",
    "Nobody has said anything to its author for too long: they hear who has it, and until when.",
    through=DESK,
    says=("who", "day"),
)


def note(row: Any, told: bool) -> None:
    """Keep in a locked submission's row when its author was told last; `told` says that it is just now."""
    owed = row.source == RESIDENT and row.state in OURS
    row.heard_at = _last(row.heard_at, told) if owed else None
    row.told_at = _last(row.told_at, told) if owed and _has_no_case(row) else None


def _last(before: datetime | None, told: bool) -> datetime:
    return now() if told or before is None else before


def _has_no_case(row: Any) -> bool:
    """Whether the staff have what was accepted, and no level does: it is on no list of cases."""
    if row.kind == "micro_proposal":
        return row.state == "accepted" and row.filed_as is None
    return row.kind == "micro_consultation" and row.state in {"accepted", "open", "concluded"}


def since(known: Calendar | None = None) -> datetime:
    """Whoever was told then last, or before, has been left in silence for so many work days as are set.

    It is counted back from now: so no row need know when its time is over, and a change of the calendar counts at once.
    """
    return (known or calendar()).worked_back(now(), duration(settings().silent_days, Clock.WORK_DAY))


def following() -> datetime:
    """By when whoever hears now is to hear again."""
    return calendar().due_at(now(), settings().silent_days, Clock.WORK_DAY)
