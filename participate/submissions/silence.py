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
    *("received", "in_moderation", "accepted", "assigned", "in_progress", "in_verification", "disputed", "open")
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
    if row.source != RESIDENT or row.state not in OURS:
        row.heard_at = None
    elif told or row.heard_at is None:
        row.heard_at = now()


def since(known: Calendar | None = None) -> datetime:
    """Whoever was told then last, or before, has been left in silence for so many work days as are set.

    It is counted back from now: so no row need know when its time is over, and a change of the calendar counts at once.
    """
    return (known or calendar()).worked_back(now(), duration(settings().silent_days, Clock.WORK_DAY))


def following() -> datetime:
    """By when whoever hears now is to hear again."""
    return calendar().due_at(now(), settings().silent_days, Clock.WORK_DAY)
