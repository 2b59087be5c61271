"""A case's clock stands still while others are waited for, loses and gains no minute, and gets more by consent."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from participate.catalogue import service as catalogue
from participate.catalogue.calendar import Calendar, Clock
from participate.kernel import deadlines
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once, code_of

DUE = "2026-11-26T02:00:00Z"  # Three work days from the held clock's Monday morning.


@pytest.fixture
def started(way: Way, clock: HeldClock) -> str:
    return way.started()


def shown(way: Way, submission: str) -> dict[str, Any]:
    found: dict[str, Any] = way.supervisor.get(f"/v1/cases/{way.case(submission)}").get_json()
    return found


def sweep(way: Way) -> None:
    deadlines.sweep()
    way.work()


def faults(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.get_json()
    return [(error["field"], error["code"]) for error in answer.get_json()["errors"]]


def extend(way: Way, submission: str, due_at: str, who: Person | None = None) -> Any:
    return way.act(who or way.officer, submission, "extend", note="The pump is still on its way.", due_at=due_at)


def test_what_was_left_is_left_after_the_pause(way: Way, started: str, clock: HeldClock) -> None:
    clock.forward(hours=1)
    paused = way.pause(started, timedelta(days=10)).get_json()
    assert (paused["state"], paused["waits_for"]) == ("paused", "other_unit")
    assert paused["due_at"] == "2026-12-03T03:00:00Z", "until when it may wait"
    clock.forward(days=7)
    sweep(way)
    assert shown(way, started)["level"] == 1, "the time for it has not run out meanwhile"
    resumed = way.act(way.officer, started, "resume").get_json()
    assert (resumed["state"], resumed["waits_for"]) == ("in_progress", None)
    assert resumed["due_at"] == "2026-12-03T02:00:00Z", "a week later, to the minute"
    clock.forward(days=2, hours=23)
    sweep(way)
    assert shown(way, started)["level"] == 2, "and then its time is up"


def test_the_author_hears_of_the_wait_and_until_when(way: Way, started: str) -> None:
    way.pause(started, timedelta(days=5))
    (told,) = [each for each in way.author.get("/v1/me/updates").get_json()["items"] if each["fact"] == "pause"]
    assert told["due_at"] == "2026-11-28T02:00:00Z"
    assert way.author.get(f"/v1/submissions/{started}").get_json()["due_at"] == told["due_at"]


def test_a_wait_ends_by_itself(way: Way, started: str, clock: HeldClock) -> None:
    way.pause(started, timedelta(days=1))
    clock.forward(days=1)
    sweep(way)
    assert (shown(way, started)["state"], shown(way, started)["due_at"]) == ("in_progress", "2026-11-27T02:00:00Z")
    items = way.officer.get(f"/v1/cases/{way.case(started)}/timeline").get_json()["items"]
    assert [(item["move"], item["by"]) for item in items][-1] == ("resume", "system")


def test_a_changed_limit_changes_no_clock_that_runs_or_stands(way: Way, clock: HeldClock) -> None:
    from sqlalchemy import update

    from participate.catalogue.models import Condition
    from participate.kernel.db import execute, table, transaction

    submission = way.accepted(category="C0101", details={"condition": "C0101-3"})
    for name in ("accept", "start"):
        way.act(way.officer, submission, name)
    clock.forward(minutes=30)
    way.pause(submission, timedelta(days=1))
    with transaction():
        execute(update(table(Condition)).where(Condition.code == "C0101-3").values(limit_value=9, clock="work_day"))
    clock.forward(hours=1)
    assert way.act(way.officer, submission, "resume").get_json()["due_at"] == "2026-11-23T05:00:00Z"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"due_at": "2026-11-23T02:00:00Z"}, ("due_at", "too_early")),
        ({"due_at": "2026-12-23T02:00:01Z"}, ("due_at", "too_late")),
        ({"due_at": None}, ("due_at", "null")),
        ({"waits_for": "Godot"}, ("waits_for", "choice")),
    ],
)
def test_a_wait_has_a_reason_and_an_end(way: Way, started: str, changes: Any, fault: tuple[str, str]) -> None:
    assert faults(way.pause(started, timedelta(days=1), **changes)) == [fault]
    assert (shown(way, started)["state"], shown(way, started)["due_at"]) == ("in_progress", DUE)


def test_what_is_late_is_not_made_to_wait(way: Way, started: str, clock: HeldClock) -> None:
    clock.forward(days=4)
    for answer in (way.pause(started, timedelta(days=1)), extend(way, started, "2026-11-30T02:00:00Z")):
        assert code_of(answer) == (409, "overdue_already")


def test_more_time_is_asked_for_and_given_by_another(way: Way, started: str, clock: HeldClock) -> None:
    asked = extend(way, started, "2026-11-30T02:00:00Z").get_json()
    assert (asked["due_at"], asked["extension_until"]) == (DUE, "2026-11-30T02:00:00Z"), "asking gives none"
    assert code_of(extend(way, started, "2026-11-30T02:00:00Z")) == (409, "extension_asked")
    assert code_of(way.act(way.officer, started, "approve_extension", note="Fine.")) == (403, "move_not_yours")
    assert faults(way.act(way.dispatcher, started, "approve_extension")) == [("note", "required")]
    given = way.act(way.dispatcher, started, "approve_extension", note="The pump is ordered.").get_json()
    assert (given["due_at"], given["extension_until"], given["extensions"]) == ("2026-11-30T02:00:00Z", None, 1)
    assert code_of(way.act(way.dispatcher, started, "approve_extension", note="Again.")) == (409, "no_extension")
    clock.forward(days=3, hours=1)
    sweep(way)
    assert shown(way, started)["level"] == 1, "the old deadline has no effect"
    clock.forward(days=4)
    sweep(way)
    assert shown(way, started)["level"] == 2, "the new one has"


def test_the_author_hears_of_more_time_and_why_but_not_of_the_asking(way: Way, started: str) -> None:
    extend(way, started, "2026-11-30T02:00:00Z")
    assert "extend" not in [each["fact"] for each in way.author.get("/v1/me/updates").get_json()["items"]]
    way.act(way.supervisor, started, "approve_extension", note="The pump is ordered.")
    steps = way.author.get(f"/v1/submissions/{started}/timeline").get_json()["items"]
    assert [step["note"] for step in steps if step["move"] == "approve_extension"] == ["The pump is ordered."]
    assert [step for step in steps if step["move"] == "extend"] == []


def test_refused_it_may_be_asked_for_again_and_granted_twice_at_most(way: Way, started: str) -> None:
    extend(way, started, "2026-11-26T03:00:00Z")
    refused = way.act(way.supervisor, started, "refuse_extension", note="It must do.").get_json()
    assert (refused["due_at"], refused["extension_until"], refused["extensions"]) == (DUE, None, 0)
    for hour in (3, 4):
        assert extend(way, started, f"2026-11-26T0{hour}:00:00Z").status_code == 200
        assert way.act(way.supervisor, started, "approve_extension", note="Well.").status_code == 200
    assert code_of(extend(way, started, "2026-11-26T05:00:00Z")) == (409, "extended_enough")


@pytest.mark.parametrize(("until", "code"), [(DUE, "too_early"), ("2026-12-01T02:00:01Z", "too_late")])
def test_more_is_more_and_at_most_as_much_again(way: Way, started: str, until: str, code: str) -> None:
    assert faults(extend(way, started, until)) == [("due_at", code)]


def test_with_a_new_holder_what_the_old_one_asked_for_is_gone(way: Way, started: str) -> None:
    extend(way, started, "2026-11-30T02:00:00Z")
    other = way.people.staff("grid_officer", way.cell)
    moved = way.act(way.dispatcher, started, "reassign", note="On leave.", to={"assignee": other.account_id})
    assert (moved.get_json()["extension_until"], moved.get_json()["due_at"]) == (None, DUE)


def test_granting_and_refusing_at_once_is_one_of_them(way: Way, started: str) -> None:
    path = f"/v1/cases/{way.case(started)}/moves"
    extend(way, started, "2026-11-30T02:00:00Z")
    moves = ((way.dispatcher, "approve_extension"), (way.supervisor, "refuse_extension"))
    answers = at_once(*(partial(who.post, path, {"move": name, "note": "Well."}) for who, name in moves))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    granted = answers[0].status_code == 200
    assert shown(way, started)["due_at"] == ("2026-11-30T02:00:00Z" if granted else DUE)


def test_an_urging_is_answered_in_time_or_goes_up(way: Way, started: str, clock: HeldClock) -> None:
    for officer_answers in (True, False):
        assert faults(way.act(way.supervisor, started, "urge")) == [("note", "required")]
        assert way.act(way.supervisor, started, "urge", note="How does it stand?").status_code == 200
        if officer_answers:
            way.act(way.officer, started, "interim_reply", note="The tar comes tomorrow.")
        clock.forward(days=1, seconds=1)
        sweep(way)
        assert shown(way, started)["level"] == (1 if officer_answers else 2)


def test_an_urging_is_answered_though_the_clock_stands(way: Way, started: str, clock: HeldClock) -> None:
    way.pause(started, timedelta(days=10))
    way.act(way.supervisor, started, "urge", note="How does it stand?")
    clock.forward(days=1, seconds=1)
    sweep(way)
    city = way.people.staff("dispatcher", "9901").get(f"/v1/cases/{way.case(started)}").get_json()
    assert (city["level"], city["state"], city["waits_for"]) == (2, "filed", None)
    assert city["due_at"] == "2026-11-27T02:00:01Z", "the next level has its own three work days"
    clock.forward(days=9)
    sweep(way)
    assert way.state(started) == "in_progress"


def test_after_the_dispatcher_s_word_nobody_objects_again(way: Way, clock: HeldClock) -> None:
    submission = way.accepted()
    way.act(way.officer, submission, "object", note="The water works dug it.")
    way.act(way.dispatcher, submission, "dispatch", to={"assignee": way.officer.account_id})
    assert code_of(way.act(way.officer, submission, "object", note="Still not.")) == (409, "designated")
    assert "object" not in way.officer.get(f"/v1/cases/{way.case(submission)}").get_json()["moves"]
    assert way.act(way.officer, submission, "accept").status_code == 200


BEGIN = datetime(2026, 9, 28, 1, tzinfo=UTC)  # Before the holidays of October.
minutes = st.integers(0, 60 * 24 * 12).map(lambda n: timedelta(minutes=n))


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    days = {day["day"]: day["working"] for day in catalogue._known_days()}
    return Calendar(ZoneInfo("Asia/Shanghai"), days=days)


@settings(deadline=None, max_examples=150)
@given(clock=st.sampled_from(Clock), amount=st.integers(1, 40), ran=minutes, pauses=st.lists(minutes, max_size=4))
def test_pauses_neither_lose_nor_gain_a_minute(
    calendar: Calendar, clock: Clock, amount: int, ran: timedelta, pauses: list[timedelta]
) -> None:
    """By a count of what was used between the pauses, against the whole."""
    due, used, at = calendar.due_at(BEGIN, amount, clock), timedelta(0), BEGIN
    whole = calendar.elapsed(BEGIN, due, clock)
    for pause in pauses:
        stopped = min(at + ran, due)
        used += calendar.elapsed(at, stopped, clock)
        left = calendar.elapsed(stopped, due, clock)
        at = stopped + pause
        due = calendar.after(at, left, clock)
    assert used + calendar.elapsed(at, due, clock) == whole
