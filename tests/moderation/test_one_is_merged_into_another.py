"""What says the same is merged: its author follows the other, keeps the receipt, and may split off again."""

from functools import partial
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.moderation.screening_steps import THERE, two_districts
from tests.moderation.test_a_decision_is_made_once import post
from tests.people import Person
from tests.steps import Way, at_once, code_of

UNKNOWN = "019aafc3-7c00-7000-8000-000000000001"
SAME = {"reason": "duplicate", "note": "The same hole."}


def merge(way: Way, submission: str, target: str, by: Person | None = None) -> TestResponse:
    return way.decide(submission, "merge", by, merge_into=target, **SAME)


def facts(who: Person) -> list[str]:
    return [each["fact"] for each in who.get("/v1/me/updates?limit=100").get_json()["items"]]


@pytest.fixture
def second(way: Way) -> Person:
    return way.people.resident()


def test_its_author_follows_the_other(way: Way, second: Person) -> None:
    target, same = way.accepted(), way.hand_in(by=second)
    answer = merge(way, same, target)
    assert (answer.status_code, answer.get_json()["submission"]["state"]) == (200, "merged")
    seen = second.get(f"/v1/submissions/{same}").get_json()
    assert (seen["state"], seen["merged_into"]["id"]) == ("merged", target)
    assert way.author.get(f"/v1/submissions/{target}").get_json()["affected"] == 2
    assert "The same hole." in second.get("/v1/me/updates").get_json()["items"][-1]["text"]
    for name in ("accept", "start"):
        way.act(way.officer, target, name)
    assert facts(second)[-2:] == ["accept", "start"]
    page = way.people.nobody().get(f"/v1/receipts/{seen['receipt']}").get_json()
    assert (page["state"], page["following"]["state"]) == ("merged", "in_progress")


def test_it_may_split_off_again(way: Way, second: Person) -> None:
    target, same = way.accepted(), way.hand_in(by=second)
    merge(way, same, target)
    assert code_of(way.move(second, same, "split")) == (422, "invalid")
    assert way.move(second, same, "split", note="Mine is on the other side.").get_json()["state"] == "in_moderation"
    assert way.author.get(f"/v1/submissions/{target}").get_json()["affected"] == 1
    assert way.task(same)["purpose"] == "again"
    assert code_of(way.move(way.author, same, "split", note="x")) == (404, "not_found")


def test_who_said_me_too_besides_stays_when_theirs_splits_off(way: Way, second: Person) -> None:
    target, same = way.accepted(), way.hand_in(by=second)
    merge(way, same, target)
    assert second.post(f"/v1/submissions/{target}/join").status_code == 200
    assert way.move(second, same, "split", note="Mine is on the other side.").status_code == 200
    assert way.author.get(f"/v1/submissions/{target}").get_json()["affected"] == 2
    way.act(way.officer, target, "accept")
    assert "accept" in facts(second)


def test_who_follows_it_by_two_of_theirs_stays_by_the_other(way: Way, second: Person) -> None:
    target, left = way.accepted(), []
    for same in [way.hand_in(by=second), way.hand_in(by=second)]:
        merge(way, same, target)
        left.append(same)
    for same, affected in zip(left, (2, 1), strict=True):
        assert way.move(second, same, "split", note="Mine is on the other side.").status_code == 200
        assert way.author.get(f"/v1/submissions/{target}").get_json()["affected"] == affected


def test_those_who_had_joined_come_along(way: Way, second: Person) -> None:
    target, third = way.accepted(), way.people.resident()
    kept = way.accepted(by=second)
    assert third.post(f"/v1/submissions/{kept}/join").status_code == 200
    other = way.hand_in(by=way.people.resident())
    merge(way, other, kept)
    assert way.author.get(f"/v1/submissions/{kept}").get_json()["affected"] == 3
    assert way.author.get(f"/v1/submissions/{target}").get_json()["affected"] == 1


def test_a_chain_is_followed_to_its_end(way: Way, second: Person) -> None:
    end, middle, first = way.accepted(), way.hand_in(by=second), way.hand_in(by=way.people.resident())
    merge(way, middle, end)
    assert merge(way, first, middle).status_code == 200
    assert way.moderator.get(f"/v1/submissions/{first}").get_json()["merged_into"]["id"] == end


@pytest.mark.parametrize("into", ["itself", "unknown", "withdrawn", "sealed", "nothing"])
def test_what_cannot_be_followed(way: Way, second: Person, into: str) -> None:
    same = way.hand_in(by=second)
    targets: dict[str, Any] = {"itself": same, "unknown": UNKNOWN, "nothing": None}
    if into == "withdrawn":
        targets[into] = way.accepted()
        way.move(way.author, targets[into], "withdraw")
    if into == "sealed":
        targets[into] = way.hand_in("micro_supervision")
    answer = way.decide(same, "merge", **({"merge_into": targets[into]} if targets[into] else {}), **SAME)
    assert answer.status_code == (422 if into in {"unknown", "nothing"} else 409)
    assert way.task(same)["state"] == "waiting"


def test_what_lies_beyond_ones_scope_is_not_there(way: Way, second: Person) -> None:
    two_districts(way)
    beyond, same = way.hand_in("micro_suggestion", place=THERE), way.hand_in("micro_suggestion", by=second)
    answers = [merge(way, same, target) for target in (UNKNOWN, beyond)]
    assert [code_of(answer) for answer in answers] == [(422, "invalid")] * 2
    assert answers[0].get_json()["errors"] == answers[1].get_json()["errors"]
    path = f"/v1/moderation/tasks/{way.task(same)['id']}/preview"
    seen = [way.moderator.post(path, {"decision": "merge", "merge_into": it} | SAME) for it in (UNKNOWN, beyond)]
    assert [code_of(answer) for answer in seen] == [(422, "invalid")] * 2
    assert seen[0].get_json()["errors"] == seen[1].get_json()["errors"]
    asked = {
        "dry_run": True,
        "items": [{"task_id": way.task(same)["id"], "decision": "merge", "merge_into": beyond} | SAME],
    }
    (tried,) = way.moderator.post("/v1/moderation/decisions", asked).get_json()["items"]
    assert tried["outcome"] == "invalid"


def test_what_it_followed_is_gone_and_it_waits_again(way: Way, second: Person) -> None:
    target, same = way.accepted(), way.hand_in(by=second)
    merge(way, same, target)
    way.move(way.author, target, "withdraw")
    assert second.get(f"/v1/submissions/{same}").get_json()["state"] == "in_moderation"
    assert facts(second)[-1] == "release"
    assert way.task(same)["state"] == "waiting"


def test_each_into_the_other_at_once_is_one_effect(way: Way, second: Person) -> None:
    other = way.people.staff("moderator")
    for _ in range(50):
        one, two = way.hand_in("micro_suggestion"), way.hand_in("micro_suggestion", by=second)
        tasks = [str(way.task(each)["id"]) for each in (one, two)]
        answers = at_once(
            partial(post, way.moderator, tasks[0], "merge", merge_into=two, **SAME),
            partial(post, other, tasks[1], "merge", merge_into=one, **SAME),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        states = sorted(way.moderator.get(f"/v1/submissions/{each}").get_json()["state"] for each in (one, two))
        assert states == ["in_moderation", "merged"]
        way.work()
