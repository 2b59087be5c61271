"""Moments that a phone says which had no network then."""

from datetime import datetime, timedelta

from participate.kernel.clock import now
from participate.kernel.context import local
from participate.kernel.errors import Fault, Invalid

OLDEST = timedelta(days=7)  # So long a phone may have been without a network.
_AHEAD = timedelta(minutes=5)  # A phone's clock may be so much ahead.


def check_moment(field: str, at: datetime) -> None:
    """Raises Invalid where what a phone says in `field` is longer ago than OLDEST, or still to come."""
    earliest, latest = now() - OLDEST, now() + _AHEAD
    if at < earliest:
        raise Invalid(Fault(field, "too_early", (("after", local(earliest)),)))
    if at > latest:
        raise Invalid(Fault(field, "too_late", (("until", local(latest)),)))
