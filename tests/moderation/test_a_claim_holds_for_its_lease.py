"""What a moderator has in hand is theirs until they decide, put it back, or let the lease run out."""

from typing import Any

import pytest

from participate.kernel.context import settings
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once, code_of

pytestmark = pytest.mark.usefixtures("clock")


def claim(who: Person, count: int = 1, **fields: Any) -> list[str]:
    answer = who.post("/v1/moderation/claims", {"count": count} | fields)
    assert answer.status_code == 200, answer.get_json()
    return [task["id"] for task in answer.get_json()["items"]]


def decide(who: Person, task: str, decision: str = "accept", **fields: Any) -> tuple[int, str]:
    answer = who.post(f"/v1/moderation/tasks/{task}/decision", {"decision": decision} | fields)
    return (200, "") if answer.status_code == 200 else code_of(answer)


def shown(who: Person, task: str) -> dict[str, Any]:
    found: dict[str, Any] = who.get(f"/v1/moderation/tasks/{task}").get_json()
    return found


@pytest.fixture
def other(way: Way) -> Person:
    return way.people.staff("moderator")


def hand_in(way: Way, number: int = 1) -> list[str]:
    """The tasks about some submissions."""
    return [str(way.task(way.hand_in("micro_suggestion", place=None))["id"]) for _ in range(number)]


def test_a_claim_takes_the_next_ones(way: Way, other: Person) -> None:
    tasks = hand_in(way, 4)
    assert claim(way.moderator, 2) == tasks[:2]
    assert claim(other, 20) == tasks[2:]
    assert claim(way.people.staff("moderator"), 20) == []


def test_a_claim_may_name_the_kind(way: Way) -> None:
    hand_in(way)
    report = way.task(way.hand_in())["id"]
    assert claim(way.moderator, 5, kind="snap_report") == [report]


def test_two_who_claim_at_once_get_different_ones(way: Way, other: Person) -> None:
    tasks = hand_in(way, 12)
    for _ in range(3):
        mine, theirs = at_once(lambda: claim(way.moderator, 6), lambda: claim(other, 6))
        assert not set(mine) & set(theirs)
        assert len(mine) <= 6
        assert len(theirs) <= 6
        assert set(mine) | set(theirs) <= set(tasks)
    assert sorted(claim(way.moderator, 20) + claim(other, 20)) == sorted(tasks)


def test_all_see_who_has_it_in_hand_and_nobody_else_decides(way: Way, other: Person) -> None:
    (task,) = hand_in(way)
    claim(way.moderator)
    seen = shown(other, task)
    assert seen["claimed_by"] == way.moderator.account_id
    assert seen["lease_until"] == "2026-11-23T02:15:00Z"
    assert decide(other, task) == (409, "claimed_by_another")
    assert decide(way.moderator, task) == (200, "")


def test_claiming_again_renews_the_lease(way: Way, other: Person, clock: HeldClock) -> None:
    (task,) = hand_in(way)
    claim(way.moderator)
    clock.forward(minutes=14)
    assert claim(way.moderator) == [task]
    clock.forward(minutes=14)
    assert claim(other) == []
    assert decide(other, task) == (409, "claimed_by_another")


def test_a_lease_that_ran_out_frees_the_task(way: Way, other: Person, clock: HeldClock) -> None:
    (task,) = hand_in(way)
    claim(way.moderator)
    clock.forward(seconds=settings().claim_seconds - 1)
    assert claim(other) == []
    clock.forward(seconds=1)
    assert (shown(other, task)["claimed_by"], shown(other, task)["lease_until"]) == (None, None)
    assert claim(other) == [task]
    assert decide(way.moderator, task) == (409, "claimed_by_another")
    assert decide(other, task) == (200, "")


def test_who_lets_the_lease_run_out_may_still_decide_where_nobody_else_took_it(
    way: Way, other: Person, clock: HeldClock
) -> None:
    first, second = hand_in(way, 2)
    claim(way.moderator, 2)
    clock.forward(hours=1)
    assert decide(way.moderator, first) == (200, "")
    assert decide(other, second) == (200, ""), "it is free for all again"


def test_what_is_put_back_is_free_at_once(way: Way, other: Person) -> None:
    (task,) = hand_in(way)
    claim(way.moderator)
    assert way.moderator.delete(f"/v1/moderation/claims/{task}").status_code == 204
    assert shown(other, task)["claimed_by"] is None
    assert claim(other) == [task]
    assert code_of(way.moderator.delete(f"/v1/moderation/claims/{task}")) == (404, "not_found")
    assert shown(other, task)["claimed_by"] == other.account_id


def test_what_nobody_claimed_cannot_be_put_back(way: Way) -> None:
    (task,) = hand_in(way)
    assert code_of(way.moderator.delete(f"/v1/moderation/claims/{task}")) == (404, "not_found")


@pytest.mark.parametrize("count", [0, 21, -1, "5", 1.5, True, None])
def test_one_to_twenty_can_be_claimed(way: Way, count: Any) -> None:
    assert way.moderator.post("/v1/moderation/claims", {"count": count}).status_code == 422


def test_what_is_withdrawn_while_it_is_in_hand_cannot_be_decided(way: Way) -> None:
    submission = way.hand_in("micro_suggestion")
    task = way.task(submission)["id"]
    claim(way.moderator)
    way.author.post(f"/v1/submissions/{submission}/moves", {"move": "withdraw"})
    assert decide(way.moderator, task) == (409, "wrong_state"), "before the desk has heard of it"
    way.work()
    assert decide(way.moderator, task) == (409, "decided_already")
    assert shown(way.moderator, task)["state"] == "dropped"
    assert claim(way.moderator, 20) == []
    assert way.state(submission) == "withdrawn"
