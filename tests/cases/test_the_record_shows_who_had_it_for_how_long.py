"""Whoever handles or watches over a case reads off it who had it for how long, at which level."""

from typing import Any

import pytest
from sqlalchemy import func, select

from participate.cases.models import CaseHolding
from participate.kernel.db import rows
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import HERE, Way, at_once

pytestmark = pytest.mark.usefixtures("clock")


def holders(who: Person, way: Way, submission: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = who.get(f"/v1/cases/{way.case(submission)}").get_json()["holders"]
    return found


def brief(way: Way, held: dict[str, Any]) -> tuple[int, str | None, int, int]:
    return held["level"], held["assignee"], held["working_minutes"], held["total_minutes"]


def test_each_change_of_hands_ends_one_stretch_and_begins_the_next(way: Way, clock: HeldClock) -> None:
    """From ten on Monday morning by the wall, with duty from nine to twelve and from one to six."""
    city, other = way.people.staff("dispatcher", "9901"), way.people.staff("grid_officer", way.cell)
    submission = way.accepted()
    clock.forward(hours=1)
    way.act(way.officer, submission, "accept")  # Changes no hands.
    way.act(way.dispatcher, submission, "reassign", note="On leave.", to={"assignee": other.account_id})
    clock.forward(hours=22)
    way.act(other, submission, "escalate", note="The pipe below is broken.")
    clock.forward(minutes=30)
    held = holders(city, way, submission)
    assert [brief(way, each) for each in held] == [
        (1, way.officer.account_id, 60, 60),
        (1, other.account_id, 360, 1320),
        (2, None, 30, 30),
    ]
    assert [each["until"] for each in held] == [each["since"] for each in held[1:]] + [None]
    assert [each["area"] for each in held] == [way.cell, way.cell, way.cell[:9]]


def test_nobody_has_it_once_the_submitter_is_waited_for_and_they_again_when_it_is_reopened(
    way: Way, clock: HeldClock
) -> None:
    submission = way.answered()
    clock.forward(hours=1)
    (held,) = holders(way.supervisor, way, submission)
    assert (held["assignee"], held["total_minutes"]) == (way.officer.account_id, 0)
    assert held["until"] is not None
    way.move(way.author, submission, "reopen", note="It is open again.")
    clock.forward(minutes=5)
    again = holders(way.supervisor, way, submission)
    assert [brief(way, each)[1:] for each in again] == [
        (way.officer.account_id, 0, 0),
        (way.officer.account_id, 5, 5),
    ]


def test_until_it_is_dispatched_it_is_the_level_s(way: Way, clock: HeldClock) -> None:
    submission = way.accepted(place=HERE | {"lat": HERE["lat"] + 0.01})
    clock.forward(minutes=7)
    way.act(way.dispatcher, submission, "dispatch", to={"assignee": way.supervisor.account_id})
    held = holders(way.dispatcher, way, submission)
    assert held[0]["assignee"] is None
    assert held[0]["total_minutes"] == 7


def test_two_who_give_it_away_at_once_leave_one_holder(way: Way) -> None:
    submission = way.accepted()
    others = [way.people.staff("grid_officer", way.cell) for _ in range(2)]
    path = f"/v1/cases/{way.case(submission)}"
    held = {"If-Match": way.dispatcher.get(path).headers["ETag"]}

    def give(to: Person) -> int:
        body = {"move": "reassign", "note": "On leave.", "to": {"assignee": to.account_id}}
        return way.dispatcher.post(f"{path}/moves", body, headers=held).status_code

    assert sorted(at_once(*(lambda to=to: give(to) for to in others))) == [200, 412]
    assert [each["until"] is None for each in holders(way.dispatcher, way, submission)] == [False, True]
    assert rows(select(func.count()).select_from(CaseHolding))[0][0] == 2


def test_the_list_of_cases_does_not_carry_it(way: Way) -> None:
    way.accepted()
    (item,) = way.officer.get("/v1/cases").get_json()["items"]
    assert "holders" not in item
