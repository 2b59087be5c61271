"""Who is to look is warned at half of the time, at most of it, and at its end; then the head of the desk sees it."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from participate.audit.models import AuditEntry
from participate.catalogue.service import calendar
from participate.kernel import deadlines
from participate.kernel.db import rows
from participate.kernel.deadlines import Deadline
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import ELSEWHERE, Way, at_once, code_of

PATH = "/v1/moderation/overdue"
UNKNOWN = "019aafc3-7c00-7000-8000-000000000001"
REJECTED = {"reason": "unclear", "note": "Where is it?"}


def pass_time(way: Way, clock: HeldClock, **by: float) -> None:
    clock.forward(**by)
    deadlines.sweep()
    way.work()


def overdue(who: Person) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = who.get(PATH).get_json()["items"]
    return items


def assign(who: Person, task: str, to: Person, **headers: str) -> Any:
    return who.post(f"/v1/moderation/tasks/{task}/assign", {"to": to.account_id}, headers=headers)


@pytest.fixture
def head(way: Way) -> Person:
    return way.people.staff("desk_head")


def test_a_first_look_is_due_in_work_hours(way: Way, clock: HeldClock) -> None:
    clock.moment = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)  # A Friday, two hours before the desk closes.
    task = way.task(way.hand_in("micro_suggestion"))
    assert task["due_at"] == "2026-11-30T03:00:00Z"


def test_the_warnings_come_one_after_another(way: Way, clock: HeldClock) -> None:
    submission = way.hand_in("micro_suggestion")
    seen = []
    for minutes in (119, 1, 131, 1, 47, 1):  # Of four work hours, from ten o'clock, over the hour of rest at noon.
        pass_time(way, clock, minutes=minutes)
        held = Deadline
        running = rows(select(held.id).where(held.settled_at.is_(None), held.fired_at.is_(None)))
        seen.append((way.task(submission)["warned"], len(running)))
    assert seen == [(0, 1), (50, 1), (50, 1), (80, 1), (80, 1), (100, 0)]


def test_at_the_end_it_comes_first_and_before_the_head(way: Way, clock: HeldClock, head: Person) -> None:
    submission = way.hand_in("micro_suggestion")
    way.moderator.post("/v1/moderation/claims", {"count": 1})
    since = way.task(submission)["claimed_at"]
    assert overdue(head) == []
    pass_time(way, clock, hours=2)
    pass_time(way, clock, hours=2.5)
    other = way.hand_in("micro_suggestion")
    assert [task["urgent"] for task in (way.task(submission), way.task(other))] == [False, False]
    for _ in range(2):
        pass_time(way, clock, minutes=30)
    assert way.task(submission)["warned"] == 100
    way.moderator.post("/v1/moderation/claims", {"count": 1})
    (task,) = overdue(head)
    assert (task["submission_id"], task["warned"], task["urgent"], task["overdue"]) == (submission, 100, True, True)
    assert (task["claimed_by"], task["claimed_at"] >= since) == (way.moderator.account_id, True)
    (named,) = way.people.staff("moderator").get("/v1/moderation/colleagues").get_json()["items"]
    assert (task["in_hand_of"], task["proposed_by"]) == (named, None)
    queue = way.moderator.get("/v1/moderation/queue").get_json()["items"]
    assert [each["submission_id"] for each in queue] == [submission, other]


def test_what_is_missed_by_the_sweep_is_warned_of_at_once(way: Way, clock: HeldClock, head: Person) -> None:
    submission = way.hand_in("micro_suggestion")
    pass_time(way, clock, days=2)
    assert [task["submission_id"] for task in overdue(head)] == [submission]


def test_what_is_decided_warns_nobody(way: Way, clock: HeldClock, head: Person) -> None:
    way.accepted("micro_suggestion")
    held = Deadline
    settled = select(held.settled_at).where(held.subject_type == "moderation_task")
    assert all(row.settled_at for row in rows(settled))
    pass_time(way, clock, days=2)
    assert overdue(head) == []


def test_what_is_staged_and_undone_is_overdue_all_the_same(way: Way, clock: HeldClock, head: Person) -> None:
    task = way.task(way.hand_in("micro_suggestion"))["id"]
    pass_time(way, clock, hours=4)
    clock.forward(minutes=58)
    batch = way.moderator.post("/v1/moderation/decisions", {"task_ids": [task], "decision": "accept"}).get_json()
    pass_time(way, clock, minutes=3)
    assert overdue(head) == []
    assert way.moderator.post(f"/v1/moderation/decisions/{batch['batch_id']}/undo").status_code == 200
    assert [each["id"] for each in overdue(head)] == [task]


def test_an_appeal_has_work_days(way: Way, clock: HeldClock) -> None:
    submission = way.rejected()
    way.move(way.author, submission, "appeal", note="It is at the corner.")
    other = way.people.staff("moderator")
    task = way.task(submission, other)
    assert task["due_at"] == calendar().due_at(clock.moment, 2, "work_day").strftime("%Y-%m-%dT%H:%M:%SZ")
    pass_time(way, clock, days=1)
    assert way.task(submission, other)["warned"] == 50
    pass_time(way, clock, days=1)
    assert way.task(submission, other)["warned"] == 100


def test_each_head_sees_their_own_scope(way: Way, clock: HeldClock, head: Person) -> None:
    mine, nowhere = way.hand_in("micro_suggestion"), way.hand_in("micro_suggestion", place=ELSEWHERE)
    pass_time(way, clock, days=2)
    assert [task["submission_id"] for task in overdue(head)] == [mine, nowhere]
    assert [task["submission_id"] for task in overdue(way.people.staff("desk_head", "990102"))] == [nowhere]
    for who in (way.moderator, way.author, way.people.staff("auditor")):
        assert code_of(who.get(PATH)) == (403, "role_lacking")


def test_pages_follow_one_another(way: Way, clock: HeldClock, head: Person) -> None:
    made = [way.hand_in("micro_suggestion") for _ in range(3)]
    pass_time(way, clock, days=2)
    first = head.get(f"{PATH}?limit=2").get_json()
    rest = head.get(f"{PATH}?limit=2&cursor={first['next']}").get_json()
    assert [task["submission_id"] for task in first["items"] + rest["items"]] == made


def test_the_head_gives_it_to_somebody_else(way: Way, head: Person) -> None:
    submission = way.hand_in("micro_suggestion")
    way.moderator.post("/v1/moderation/claims", {"count": 1})
    task, other = way.task(submission), way.people.staff("moderator")
    assert code_of(assign(head, task["id"], other, **{"If-Match": '"1-00"'})) == (412, "stale")
    answer = assign(head, task["id"], other)
    assert (answer.status_code, answer.get_json()["claimed_by"]) == (200, other.account_id)
    path = f"/v1/moderation/tasks/{task['id']}/decision"
    assert code_of(way.moderator.post(path, {"decision": "accept"})) == (409, "claimed_by_another")
    held = AuditEntry
    (entry,) = rows(select(held.actor_id, held.details).where(held.action == "moderation_task.assigned"))
    assert entry.actor_id == head.account_id
    assert entry.details == {"to": other.account_id, "taken_from": way.moderator.account_id}
    assert other.post(path, {"decision": "accept"}).status_code == 200
    assert code_of(assign(head, task["id"], other)) == (409, "decided_already")


def test_only_who_may_decide_on_it_is_given_it(way: Way, head: Person) -> None:
    task = way.task(way.hand_in("micro_suggestion", by=way.moderator), way.people.staff("moderator"))["id"]
    beyond = [way.people.staff("moderator", "990102"), way.people.staff("auditor"), way.author, way.moderator]
    for who in beyond:
        answer = assign(head, task, who)
        assert code_of(answer) == (422, "invalid")
        assert answer.get_json()["errors"][0]["code"] == "may_not_decide"
    answer = head.post(f"/v1/moderation/tasks/{task}/assign", {"to": UNKNOWN})
    assert answer.get_json()["errors"][0]["code"] == "may_not_decide"


def test_only_the_head_of_its_desk_gives_it(way: Way, head: Person) -> None:
    task, other = way.task(way.hand_in("micro_suggestion"))["id"], way.people.staff("moderator")
    assert code_of(assign(way.people.staff("desk_head", "990102"), task, other)) == (404, "not_found")
    assert code_of(assign(head, UNKNOWN, other)) == (404, "not_found")
    for who in (way.moderator, way.author):
        assert code_of(assign(who, task, other)) == (403, "role_lacking")
    own = way.task(way.hand_in("micro_suggestion", by=head))["id"]
    assert code_of(assign(head, own, other)) == (404, "not_found")


def test_of_giving_and_deciding_at_once_both_are_whole(way: Way, head: Person) -> None:
    other = way.people.staff("moderator")
    for _ in range(6):
        submission = way.hand_in("micro_suggestion", place=None)
        task = way.task(submission)["id"]
        decide = partial(way.moderator.post, f"/v1/moderation/tasks/{task}/decision", {"decision": "accept"})
        given, decided = at_once(partial(assign, head, task, other), decide)
        assert sorted((given.status_code, decided.status_code)) == [200, 409]
        assert way.state(submission) == ("accepted" if decided.status_code == 200 else "in_moderation")
