"""Breaks the silence: whoever has heard nothing for too long is told who has it, and until when."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from participate.cases.models import Case
from participate.catalogue.service import calendar_by
from participate.kernel import gauges
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, change, one, rows, table, transaction
from participate.kernel.metrics import Gauge
from participate.submissions import silence
from participate.submissions.models import HeldSubmission, Submission
from participate.submissions.service import inform
from participate.updates import answering
from participate.updates.short import day_of

BATCH = 200
_SILENT = select(Submission.id).where(Submission.heard_at <= bindparam("since"))
_ANY = _SILENT.limit(1)
_DUE = (
    select(Submission.id, Submission.state, Submission.version, Submission.kind, Submission.due_at)
    .where(Submission.heard_at <= bindparam("since"))
    .order_by(Submission.heard_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


def sweep() -> int:
    """Tell the authors of up to BATCH submissions that nobody has said a word about; returns how many were looked at.

    Each hears once in a stretch of silence, however many sweep: that they are told begins the next one.
    """
    asked = {"since": silence.since()}
    if one(_ANY, asked) is None:  # Most of the time; and nobody who writes waits for that.
        return 0
    with transaction():
        found = rows(_DUE, asked | {"most": BATCH})
        ours = [row for row in found if row.state in silence.OURS]
        _tell(ours)
        for row in found:
            if row.state not in silence.OURS:  # The release before has moved it on, and knows of no silence.
                change(table(Submission), "id", {"id": row.id, "heard_at": None})
    return len(found)


def _tell(found: list[AnyRow]) -> None:
    again = silence.following() if found else now()
    stands = [answering.Told("submission", row.state, row.id, row) for row in found]
    for row, answer in zip(found, answering.answering(stands), strict=True):
        inform(HeldSubmission(**row._asdict()), {"who": answer.who, "day": _day(row.due_at, again)})


def _day(due_at: datetime | None, again: datetime) -> str:
    """The day of its deadline, on the city's clock; where that is over, or far, by when they hear more."""
    until = min(due_at, again) if due_at is not None and due_at > now() else again
    return day_of(until)


def silent(connection: Connection) -> dict[str, int]:
    """Of how many cases no holder has said anything for too long, and of how much the staff; who is not yet told so."""
    asked = silence.since(calendar_by(connection))
    return {
        "cases": gauges.counted(connection, select(Case.id).where(Case.told_at <= asked)),
        "desk": gauges.counted(connection, select(Submission.id).where(Submission.told_at <= asked)),
        "untold": gauges.counted(connection, select(Submission.id).where(Submission.heard_at <= asked)),
    }


_HELP = f"What nobody has said a word of for too long, and authors not yet told so (counted up to {gauges.MOST})."
GAUGES: dict[tuple[str, str, str], Gauge] = {("participate_silent", _HELP, "what"): silent}
