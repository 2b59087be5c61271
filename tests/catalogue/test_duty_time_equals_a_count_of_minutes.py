"""The four clocks against an oracle that looks at every minute of six weeks, one by one."""

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from participate.catalogue.calendar import Calendar, Clock

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)
# The National Day of 2025: eight days off, paid for with a Sunday before and a Saturday after.
OFF = {date(2025, 10, day) for day in range(1, 9)}
ADDED = {date(2025, 9, 28), date(2025, 10, 11)}
FIRST = datetime(2025, 9, 22, tzinfo=SHANGHAI)
MINUTES = 42 * 24 * 60
CALENDAR = Calendar(SHANGHAI, days={date(2025, 1, 1): False} | dict.fromkeys(OFF, False) | dict.fromkeys(ADDED, True))


def _worked(minute: datetime) -> bool:
    day = minute.date()
    weekday = minute.isoweekday() <= 5
    return (day in ADDED or (weekday and day not in OFF)) and minute.hour in {9, 10, 11, 13, 14, 15, 16, 17}


def _moment(index: int) -> datetime:
    return FIRST + index * MINUTE


# COUNT[clock][n]: the minutes of duty among the first n minutes.
_WORK = list(accumulate((_worked(_moment(n)) for n in range(MINUTES)), initial=0))
_ALL = list(range(MINUTES + 1))
COUNT = {
    Clock.URGENT_HOUR: _ALL,
    Clock.WORK_HOUR: _WORK,
    Clock.WORK_DAY: _WORK,
    Clock.CALENDAR_DAY: _ALL,
}
UNIT = {Clock.URGENT_HOUR: 60, Clock.WORK_HOUR: 60, Clock.WORK_DAY: 480, Clock.CALENDAR_DAY: 1440}

clocks = st.sampled_from(Clock)
minutes = st.integers(0, MINUTES)
unhurried = settings(deadline=None)  # Other work on the machine must not fail a test of arithmetic.


@unhurried
@given(clocks, st.tuples(minutes, minutes).map(sorted))
def test_elapsed_is_the_number_of_minutes_of_duty(clock: Clock, ends: list[int]) -> None:
    start, end = ends
    expected = (COUNT[clock][end] - COUNT[clock][start]) * MINUTE
    assert CALENDAR.elapsed(_moment(start), _moment(end), clock) == expected


@unhurried
@given(clocks, st.tuples(minutes, minutes, minutes).map(sorted), st.integers(0, 59_999_999))
def test_an_interval_split_anywhere_keeps_its_total(clock: Clock, ends: list[int], odd: int) -> None:
    start, end = _moment(ends[0]), _moment(ends[2])
    middle = min(_moment(ends[1]) + timedelta(microseconds=odd), end)
    parts = CALENDAR.elapsed(start, middle, clock) + CALENDAR.elapsed(middle, end, clock)
    assert parts == CALENDAR.elapsed(start, end, clock)


@unhurried
@given(clocks, minutes, st.integers(0, 200))
def test_due_at_is_the_first_minute_that_counts_the_amount(clock: Clock, start: int, amount: int) -> None:
    wanted = COUNT[clock][start] + amount * UNIT[clock]
    first = max(start, bisect_left(COUNT[clock], wanted))
    if first <= MINUTES:
        assert CALENDAR.due_at(_moment(start), amount, clock) == _moment(first)


@unhurried
@given(clocks, minutes, st.integers(0, 10**10), st.integers(0, 59_999_999))
def test_after_and_elapsed_undo_one_another(clock: Clock, start: int, micros: int, odd: int) -> None:
    begin, duty = _moment(start) + timedelta(microseconds=odd), timedelta(microseconds=micros)
    assert CALENDAR.elapsed(begin, CALENDAR.after(begin, duty, clock), clock) == duty


@unhurried
@given(clocks, minutes, st.integers(1, 20), st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_pause_moves_the_end_and_takes_nothing_else(
    clock: Clock, start: int, amount: int, run: int, pause: int
) -> None:
    begin = _moment(start)
    stopped = min(begin + run * MINUTE, CALENDAR.due_at(begin, amount, clock))
    left = UNIT[clock] * amount * MINUTE - CALENDAR.elapsed(begin, stopped, clock)
    resumed = stopped + pause * MINUTE
    end = CALENDAR.after(resumed, left, clock)
    used = CALENDAR.elapsed(begin, stopped, clock) + CALENDAR.elapsed(resumed, end, clock)
    assert used == UNIT[clock] * amount * MINUTE


@pytest.mark.parametrize(
    ("start", "amount", "clock", "due"),
    [
        ("2025-09-30T17:00+08:00", 2, "work_hour", "2025-10-09T10:00+08:00"),
        ("2025-09-30T17:00+08:00", 1, "work_hour", "2025-09-30T18:00+08:00"),
        ("2025-09-30T23:00+08:00", 2, "urgent_hour", "2025-10-01T01:00+08:00"),
        ("2025-10-10T09:00+08:00", 2, "work_day", "2025-10-11T18:00+08:00"),
        ("2025-10-10T20:00+08:00", 1, "work_day", "2025-10-11T18:00+08:00"),
        ("2025-09-30T08:15+08:00", 3, "calendar_day", "2025-10-03T08:15+08:00"),
        ("2025-10-05T03:00+08:00", 0, "work_day", "2025-10-05T03:00+08:00"),
    ],
)
def test_known_deadlines_around_the_national_day(start: str, amount: int, clock: str, due: str) -> None:
    found = CALENDAR.due_at(datetime.fromisoformat(start), amount, clock)
    assert found == datetime.fromisoformat(due)
    assert found.tzinfo is UTC


def test_a_calendar_day_ends_at_the_same_local_time_where_clocks_change() -> None:
    berlin = Calendar(ZoneInfo("Europe/Berlin"))
    start = datetime(2026, 3, 28, 12, tzinfo=berlin.zone)
    due = berlin.due_at(start, 1, "calendar_day")
    assert due.astimezone(berlin.zone).hour == 12
    assert due - start.astimezone(UTC) == timedelta(hours=23)
    assert berlin.elapsed(start, due, "calendar_day") == timedelta(days=1)


def test_nonsense_is_refused() -> None:
    start = datetime(2025, 9, 30, tzinfo=UTC)
    with pytest.raises(ValueError, match="zone"):
        CALENDAR.due_at(start.replace(tzinfo=None), 1, "work_hour")
    with pytest.raises(ValueError, match="before"):
        CALENDAR.elapsed(start, start - MINUTE, "work_hour")
    with pytest.raises(ValueError, match="fortnight"):
        CALENDAR.due_at(start, 1, "fortnight")
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.due_at(start, -1, "urgent_hour")
    with pytest.raises(ValueError, match="order"):
        Calendar(SHANGHAI, hours=CALENDAR.hours[::-1])


@unhurried
@given(minutes, st.integers(1, 3000), st.integers(0, MINUTES))
def test_what_began_by_the_moment_counted_back_has_had_its_time(end: int, duty: int, start: int) -> None:
    since = CALENDAR.worked_back(_moment(end), duty * MINUTE)
    if start <= end and COUNT[Clock.WORK_DAY][end] >= duty:
        had = COUNT[Clock.WORK_DAY][end] - COUNT[Clock.WORK_DAY][start] >= duty
        assert (_moment(start) <= since) is had
