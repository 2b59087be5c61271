"""Time of duty: when a time limit runs out, and how much of it has been used."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

_log = logging.getLogger(__name__)
_DAY = timedelta(days=1)
# The shares of a duty's time, in percent, at which somebody is warned.
WARNINGS = (50, 80, 100)


class Clock(StrEnum):
    """How the time of a limit is counted."""

    URGENT_HOUR = "urgent_hour"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"
    CALENDAR_DAY = "calendar_day"


# A work day is eight work hours, whatever the hours of the house, so that limits compare between cities.
_ONE = {
    Clock.URGENT_HOUR: timedelta(hours=1),
    Clock.WORK_HOUR: timedelta(hours=1),
    Clock.WORK_DAY: timedelta(hours=8),
    Clock.CALENDAR_DAY: _DAY,
}
Hours = tuple[tuple[time, time], ...]
DEFAULT_HOURS: Hours = ((time(9), time(12)), (time(13), time(18)))


@cache
def _warn_unknown(year: int) -> None:
    """Cached, so that each process says it once a year and not once a deadline."""
    _log.warning("no holidays known, counting Monday to Friday as working days", extra={"year": year})


@dataclass(frozen=True)
class Calendar:
    """The working days and hours of one place.

    `hours` are the stretches of a working day in local time, in order and apart; `days` says of each day that
    is not what its weekday says whether it is worked. A year whose 1 January (a holiday by law) is not in
    `days` counts as unknown: its other days follow their weekday, with a logged warning.

    Moments carry a zone and `clock` is a value of `Clock`, else ValueError; those handed out are in UTC.
    """

    zone: ZoneInfo
    hours: Hours = DEFAULT_HOURS
    days: Mapping[date, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        edges = [edge for stretch in self.hours for edge in stretch]
        if not edges or any(earlier >= later for earlier, later in pairwise(edges)):
            raise ValueError("duty hours must be given, in order, and apart")

    def is_working(self, day: date) -> bool:
        """Whether `day` is worked."""
        exception = self.days.get(day)
        if exception is not None:
            return exception
        if date(day.year, 1, 1) not in self.days:
            _warn_unknown(day.year)
        return day.weekday() < 5

    def due_at(self, start: datetime, amount: int, clock: str) -> datetime:
        """The first moment at which `amount` units of `clock` have run since `start`."""
        return self.after(start, duration(amount, clock), clock)

    def after(self, start: datetime, duty: timedelta, clock: str) -> datetime:
        """The first moment at which `duty`, counted by `clock`, has run since `start`; inverse to `elapsed`.

        A clock that was paused goes on with what `elapsed` left of its duration. Raises ValueError for a
        negative duration.

        A calendar day ends at the same local time on the next day, so that it is an hour longer or shorter
        where the place changes its clocks. A local time that is then skipped is taken by the offset before
        that change (PEP 495), one that comes twice is taken the first time.
        """
        start = _utc(start)
        if duty < timedelta(0):
            raise ValueError("a negative duration")
        match Clock(clock):
            case Clock.URGENT_HOUR:
                return start + duty
            case Clock.CALENDAR_DAY:
                return (self._wall(start) + duty).replace(tzinfo=self.zone).astimezone(UTC)
            case Clock.WORK_HOUR | Clock.WORK_DAY:
                return self._after_work(start, duty)

    def reached(self, percent: int, start: datetime, end: datetime, clock: str) -> datetime:
        """When so much of the duty from `start` to `end` is over by `clock`."""
        if percent >= WARNINGS[-1]:
            return end
        return self.after(start, self.elapsed(start, end, clock) * percent / 100, clock)

    def warning(
        self, start: datetime, end: datetime, clock: str, moment: datetime, known: int = 0
    ) -> tuple[int, datetime | None]:
        """The highest of WARNINGS that `moment` has reached, `known` at least, and when the next is; None after all."""
        moments = {percent: self.reached(percent, start, end, clock) for percent in WARNINGS}
        over = max([known, *(percent for percent, reached in moments.items() if reached <= moment)])
        return over, next((reached for percent, reached in moments.items() if percent > over), None)

    def elapsed(self, start: datetime, end: datetime, clock: str) -> timedelta:
        """The time of duty from `start` to `end`; ValueError if `end` comes first.

        It adds up: however an interval is split, the parts give the whole. Calendar days are told by the
        local wall clock, a day being 24 hours of it.
        """
        start, end = _utc(start), _utc(end)
        if end < start:
            raise ValueError("the end comes before the start")
        match Clock(clock):
            case Clock.URGENT_HOUR:
                return end - start
            case Clock.CALENDAR_DAY:
                return self._wall(end) - self._wall(start)
            case Clock.WORK_HOUR | Clock.WORK_DAY:
                return self._worked(start, end)

    def _wall(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def _after_work(self, start: datetime, duty: timedelta) -> datetime:
        end = start
        for opens, closes in self._stretches(start):
            if duty <= timedelta(0):
                break
            end = min(closes, opens + duty)
            duty -= end - opens
        return end

    def worked_back(self, end: datetime, duty: timedelta) -> datetime:
        """The last moment from which `duty`, of working time, has run by `end`: of `after`, the other way round.

        Whatever began then or before has had so much by `end`, and nothing else has.
        """
        start = end = _utc(end)
        for opens, closes in self._stretches_back(end):
            if duty <= timedelta(0):
                break
            start = max(opens, closes - duty)
            duty -= closes - start
        return start

    def _worked(self, start: datetime, end: datetime) -> timedelta:
        total = timedelta(0)
        for opens, closes in self._stretches(start):
            if opens >= end:
                break
            total += min(closes, end) - opens
        return total

    def _stretches(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of duty from `start` on, without end, the first one cut off at `start`."""
        day = start.astimezone(self.zone).date()
        while True:
            for opens, closes in self.hours if self.is_working(day) else ():
                begin, end = max(start, self._at(day, opens)), self._at(day, closes)
                if begin < end:
                    yield begin, end
            day += _DAY

    def _stretches_back(self, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of duty before `end`, the latest first, without end; that one cut off at `end`."""
        day = end.astimezone(self.zone).date()
        while True:
            for opens, closes in reversed(self.hours) if self.is_working(day) else ():
                begin, finish = self._at(day, opens), min(end, self._at(day, closes))
                if begin < finish:
                    yield begin, finish
            day -= _DAY

    def _at(self, day: date, wall: time) -> datetime:
        return datetime.combine(day, wall, self.zone).astimezone(UTC)


def duration(amount: int, clock: str) -> timedelta:
    """How much time of duty `amount` units of `clock` are."""
    return _ONE[Clock(clock)] * amount


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment.astimezone(UTC)
