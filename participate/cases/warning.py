"""Says in time that the time of a level runs out."""

from participate.cases import clocks
from participate.cases.models import Case
from participate.kernel import outbox
from participate.kernel.db import transaction
from participate.kernel.workflow import locked


def warn(case_id: str) -> None:
    """A share of the level's time is over; whom that concerns hears of it once. A pause or more time begins anew."""
    with transaction():
        case = locked(Case, case_id)
        if clocks.warn(case):
            told = {"percent": case.warned, "thread": case.submission_id}
            outbox.record("case.warned", "case", case_id, told)
