"""Before the time of a level is over somebody hears of it; and who has passed a case up hears what is done about it."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from participate.catalogue.service import calendar
from participate.kernel import deadlines
from participate.kernel.clock import now
from participate.kernel.db import execute, transaction
from participate.kernel.deadlines import Deadline
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once, code_of

NOTE = "The sewer below belongs to the city."


def heard(who: Person, fact: str) -> list[str]:
    items = who.get("/v1/me/updates?limit=100").get_json()["items"]
    return [item["text"] for item in items if item["fact"] == fact]


def shown(way: Way, submission: str) -> dict[str, Any]:
    found: dict[str, Any] = way.supervisor.get(f"/v1/cases/{way.case(submission)}").get_json()
    return found


def hours_until_warned(way: Way, clock: HeldClock, submission: str, percent: int) -> datetime:
    """Let hour after hour pass until so much is warned of; returns that moment."""
    for _ in range(200):
        clock.forward(hours=1)
        deadlines.sweep()
        way.work()
        if shown(way, submission)["warned"] >= percent:
            return now()
    raise AssertionError(f"nobody was warned of {percent} %")


def test_its_holder_is_warned_at_half_its_time_and_the_dispatcher_besides_near_its_end(
    way: Way, clock: HeldClock
) -> None:
    submission = way.started()
    began, due = now(), datetime.fromisoformat(shown(way, submission)["due_at"])
    total = calendar().elapsed(began, due, "work_hour")
    for percent, by_officer, by_dispatcher in ((50, 1, 0), (80, 2, 1)):
        moment = hours_until_warned(way, clock, submission, percent)
        over = calendar().elapsed(began, moment, "work_hour")
        assert timedelta(0) <= over - total * percent / 100 <= timedelta(hours=1)
        assert shown(way, submission)["warned"] == percent
        assert (len(heard(way.officer, "warned")), len(heard(way.dispatcher, "warned"))) == (by_officer, by_dispatcher)
    assert "80 %" in heard(way.dispatcher, "warned")[0]
    assert heard(way.author, "warned") == heard(way.supervisor, "warned") == []
    # At its end it goes up, where it has a time of its own.
    clock.forward(days=2)
    deadlines.sweep()
    way.work()
    raised = shown(way, submission)
    assert (raised["level"], raised["warned"]) == (2, 0)


def test_what_waits_or_gets_more_time_is_warned_of_by_that(way: Way, clock: HeldClock) -> None:
    submission = way.started()
    hours_until_warned(way, clock, submission, 50)
    way.pause(submission, timedelta(days=20))
    clock.forward(days=14)
    deadlines.sweep()
    way.work()
    assert shown(way, submission)["warned"] == 50, "its clock has stood still"
    way.act(way.officer, submission, "resume")
    due = datetime.fromisoformat(shown(way, submission)["due_at"])
    assert shown(way, submission)["warned"] == 0, "of what is left, nothing is over"
    hours_until_warned(way, clock, submission, 50)
    more = {"note": "The pump is late.", "due_at": (due + timedelta(days=1)).isoformat()}
    assert way.act(way.officer, submission, "extend", **more).status_code == 200
    assert way.act(way.dispatcher, submission, "approve_extension", note="Well.").json["warned"] == 0


@pytest.fixture
def raised(way: Way) -> str:
    submission = way.started()
    assert way.act(way.officer, submission, "escalate", note=NOTE, lacking="authority").status_code == 200
    return submission


def test_it_goes_up_in_one_form(way: Way, raised: str) -> None:
    steps = way.dispatcher.get(f"/v1/cases/{way.case(raised)}/timeline").get_json()["items"]
    assert [step["note"] for step in steps if step["move"] == "escalate"] == [NOTE]
    for lacking in ("nothing", "", None):
        answer = way.act(way.dispatcher, raised, "escalate", note=NOTE, lacking=lacking)
        assert code_of(answer) == (422, "invalid")
    assert code_of(way.act(way.dispatcher, raised, "escalate", lacking="means")) == (422, "invalid")


def test_those_below_and_the_submitter_hear_what_is_done_about_it_once(way: Way, raised: str) -> None:
    assert shown(way, raised)["feedback_due_at"] is not None
    tell = partial(way.act, way.dispatcher, raised, "feedback")
    assert code_of(tell()) == (422, "invalid")
    path, body = f"/v1/cases/{way.case(raised)}/moves", {"move": "feedback", "note": "The city digs on Monday."}
    answers = at_once(*[partial(who.post, path, body) for who in (way.dispatcher, way.supervisor)])
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    way.work()
    assert shown(way, raised)["feedback_due_at"] is None
    assert ["Monday" in text for text in heard(way.author, "feedback")] == [True]
    assert code_of(tell(note="And again.")) == (409, "no_feedback_due")


@pytest.mark.parametrize("answered", [False, True])
def test_a_level_that_says_nothing_is_told_of_it_and_its_desks_too(way: Way, raised: str, answered: bool) -> None:
    if answered:
        way.act(way.dispatcher, raised, "feedback", note="The city digs on Monday.")
    with transaction():
        execute(update(Deadline).where(Deadline.duty == "feedback").values(due_at=now() - timedelta(hours=1)))
    for _ in range(2):
        deadlines.sweep()
        way.work()
    expected = 0 if answered else 1
    assert [len(heard(who, "feedback_missed")) for who in (way.dispatcher, way.supervisor)] == [expected] * 2
    assert heard(way.author, "feedback_missed") == []
