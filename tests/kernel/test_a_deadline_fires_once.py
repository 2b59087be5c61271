"""What is due is told once, however many sweep at the same time; what is done or put off is not told."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from participate.kernel import deadlines
from participate.kernel.db import rows, transaction
from participate.kernel.ids import new_id
from participate.kernel.outbox import OutboxFact
from tests.conftest import HeldClock
from tests.steps import at_once

pytestmark = pytest.mark.usefixtures("app")


def start(clock: HeldClock, subject: str, days: float, duty: str = "look") -> str:
    with transaction():
        deadlines.start("thing", subject, duty, "calendar_day", clock() + timedelta(days=days))
    return subject


def fired() -> list[tuple[str, str]]:
    """Name and subject of the facts told so far."""
    facts = rows(select(OutboxFact.name, OutboxFact.subject_id).order_by(OutboxFact.subject_id))
    return [(row.name, row.subject_id) for row in facts]


def test_several_sweepers_tell_of_each_once(app: Flask, clock: HeldClock) -> None:
    due = sorted(start(clock, new_id(), 1) for _ in range(40))
    later = [start(clock, new_id(), 3) for _ in range(3)]
    clock.forward(days=2)

    def sweep() -> int:
        with app.app_context():
            count = 0
            while fresh := deadlines.sweep():
                count += fresh
            return count

    assert sum(at_once(*[sweep] * 4)) == 40
    assert fired() == [("thing.look_due", subject) for subject in due]
    clock.forward(days=2)
    assert deadlines.sweep() == len(later)


def test_it_is_due_at_its_moment(clock: HeldClock) -> None:
    start(clock, new_id(), 1)
    clock.forward(days=1, microseconds=-1)
    assert deadlines.sweep() == 0
    clock.forward(microseconds=1)
    assert deadlines.sweep() == 1
    assert deadlines.sweep() == 0


def test_a_duty_that_is_done_is_not_told_of(clock: HeldClock) -> None:
    subject = start(clock, start(clock, new_id(), 1, "look"), 1, "act")
    with transaction():
        deadlines.settle(subject, "look")
    clock.forward(days=2)
    assert deadlines.sweep() == 1
    assert fired() == [("thing.act_due", subject)]


def test_all_duties_of_a_subject_are_settled_where_none_is_named(clock: HeldClock) -> None:
    subject, other = new_id(), new_id()
    for duty in ("look", "act"):
        start(clock, subject, 1, duty)
        start(clock, other, 1, duty)
    with transaction():
        deadlines.settle(subject)
    clock.forward(days=2)
    assert deadlines.sweep() == 2
    assert {subject for _, subject in fired()} == {other}


def test_a_deadline_set_again_replaces_the_one_before(clock: HeldClock) -> None:
    subject = start(clock, start(clock, new_id(), 1), 3)
    clock.forward(days=2)
    assert deadlines.sweep() == 0
    clock.forward(days=2)
    assert deadlines.sweep() == 1
    assert fired() == [("thing.look_due", subject)]
