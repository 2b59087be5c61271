"""The calendar that services use: seeded, edited, and the same in every process without a restart."""

import logging
from datetime import date, datetime, time

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from participate.catalogue import calendar as calendar_desk
from participate.catalogue.models import CalendarDay
from participate.catalogue.service import calendar, seed_calendar, set_day, set_hours
from participate.kernel.db import db, one, transaction
from participate.kernel.errors import Invalid

pytestmark = pytest.mark.usefixtures("app")
NATIONAL_DAY = date(2025, 10, 1)


def test_seeding_knows_the_holidays_and_the_days_worked_for_them() -> None:
    seed_calendar()
    assert not calendar().is_working(NATIONAL_DAY)
    assert calendar().is_working(date(2025, 9, 28))
    row = one(select(CalendarDay.working, CalendarDay.name).where(CalendarDay.day == NATIONAL_DAY))
    assert row == (False, "国庆节")


def test_seeding_twice_adds_nothing_and_keeps_what_an_administrator_said() -> None:
    set_day(NATIONAL_DAY, True, "值班")
    assert seed_calendar() > 700
    assert seed_calendar() == 0
    assert calendar().is_working(NATIONAL_DAY)


def test_a_day_said_twice_is_one_row_with_the_last_word() -> None:
    set_day(date(2031, 5, 6), False, "停水停电")
    set_day(date(2031, 5, 6), True, "")
    assert calendar().is_working(date(2031, 5, 6))
    assert one(select(func.count()).select_from(CalendarDay)) == (1,)


def test_another_process_sees_an_edit_at_its_next_call(app: Flask, other_process: Flask) -> None:
    day = date(2025, 3, 12)
    for working in (False, True, False):
        set_day(day, working, "植树节")
        with other_process.app_context():
            assert calendar().is_working(day) is working


def test_an_unchanged_calendar_is_not_read_again() -> None:
    seed_calendar()
    first, statements = calendar(), list[str]()
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert calendar() is first
    assert len(statements) == 1


def test_an_edit_that_is_rolled_back_leaves_no_trace_in_the_cache() -> None:
    day = date(2025, 3, 12)
    with pytest.raises(RuntimeError, match="never mind"), transaction():
        set_day(day, False, "")
        assert not calendar().is_working(day)
        raise RuntimeError("never mind")
    assert calendar().is_working(day)


def test_hours_can_be_set_and_are_checked() -> None:
    set_hours([(time(8, 30), time(12)), (time(14, 30), time(18))])
    start = datetime.fromisoformat("2025-03-12T11:30+08:00")
    assert calendar().due_at(start, 1, "work_hour") == datetime.fromisoformat("2025-03-12T15:00+08:00")
    with pytest.raises(Invalid):
        set_hours([(time(9), time(12)), (time(11), time(18))])
    assert calendar().hours[0][0] == time(8, 30)


def test_a_year_beyond_the_calendar_counts_weekdays_and_warns_once(caplog: pytest.LogCaptureFixture) -> None:
    calendar_desk._warn_unknown.cache_clear()
    seed_calendar()
    start = datetime.fromisoformat("2040-06-08T09:00+08:00")  # a Friday
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert calendar().due_at(start, 2, "work_day") == datetime.fromisoformat("2040-06-11T18:00+08:00")
        assert calendar().is_working(date(2025, 10, 9))
    assert [record.year for record in caplog.records] == [2040]  # type: ignore[attr-defined]


def test_one_edited_day_does_not_make_its_year_known(caplog: pytest.LogCaptureFixture) -> None:
    calendar_desk._warn_unknown.cache_clear()
    set_day(date(2040, 10, 1), False, "国庆节")
    with caplog.at_level(logging.WARNING):
        assert not calendar().is_working(date(2040, 10, 1))
        assert calendar().is_working(date(2040, 10, 2))
    assert len(caplog.records) == 1
