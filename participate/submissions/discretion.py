"""When a micro-supervision was handed in and dealt with, others learn to the day: the hour might tell who it was."""

from datetime import datetime, timedelta

from participate.kernel import ids
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.submissions.kinds import SEALED


def day_of(moment: datetime) -> datetime:
    """When the day of the city began on which `moment` lies."""
    return moment.astimezone(settings().timezone).replace(hour=0, minute=0, second=0, microsecond=0)


def told(kind: str, moment: datetime) -> datetime:
    """The moment as others may read it: of what is sealed, its day."""
    return day_of(moment) if kind == SEALED else moment


def until(kind: str, moment: datetime) -> datetime:
    """A deadline as others may read it: of what is sealed, the end of its day; else it would tell when it began."""
    return day_of(moment) + timedelta(days=1) if kind == SEALED else moment


def new_id(kind: str) -> str:
    """An id; ids tell when they were made, so that of what is sealed tells the day alone."""
    return ids.id_within(day_of(now())) if kind == SEALED else ids.new_id()
