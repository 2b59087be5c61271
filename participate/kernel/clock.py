"""What time it is: one function, so that a test can hold the clock."""

from collections.abc import Callable
from datetime import UTC, datetime

_now: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731


def now() -> datetime:
    """The present, in UTC, with its zone."""
    return _now()


def use(source: Callable[[], datetime]) -> Callable[[], datetime]:
    """Take the time from `source` from now on; returns the source that served until now."""
    global _now
    before, _now = _now, source
    return before


def rfc3339(moment: datetime) -> str:
    """`moment` in UTC as RFC 3339 writes it, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
