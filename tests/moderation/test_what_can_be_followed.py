"""What may be merged into what, what becomes of those who follow, and that each of them parts once."""

from functools import partial
from typing import Any

import pytest

from tests.people import Person
from tests.steps import Way, at_once, code_of

SAME: dict[str, Any] = {"reason": "duplicate", "note": "The same hole."}


@pytest.fixture
def second(way: Way) -> Person:
    return way.people.resident()


@pytest.mark.parametrize("state", ["returned", "rejected", "closed"])
def test_what_is_over_or_with_its_author_is_not_followed(way: Way, second: Person, state: str) -> None:
    target, same = _in(way, state), way.hand_in("micro_suggestion", by=second)
    assert way.state(target) == state
    assert code_of(way.decide(same, "merge", merge_into=target, **SAME)) == (409, "merge_target")
    assert way.task(same)["state"] == "waiting"


def _in(way: Way, state: str) -> str:
    if state == "rejected":
        return way.rejected()
    if state == "closed":
        submission = way.answered()
        assert way.move(way.author, submission, "rate", resolved=True, satisfaction=5).status_code == 200
        return submission
    submission = way.hand_in("micro_suggestion")
    assert way.decide(submission, "return", note="Which lamp?", fields=["place"]).status_code == 200
    return submission


def test_what_is_sealed_is_merged_into_its_kind_and_seen_by_nobody_else(way: Way, second: Person) -> None:
    target, same = way.accepted("micro_supervision"), way.hand_in("micro_supervision", by=second)
    public = way.accepted("micro_suggestion")
    assert code_of(way.decide(same, "merge", merge_into=public, **SAME)) == (409, "merge_target")
    assert way.decide(same, "merge", merge_into=target, **SAME).status_code == 200
    assert second.get(f"/v1/submissions/{same}").get_json()["merged_into"]["id"] == target
    assert second.get(f"/v1/submissions/{target}").status_code == 404
    assert second.get("/v1/me/joined").get_json()["items"] == []


def test_the_public_reads_nothing_of_a_merge(way: Way, second: Person) -> None:
    target, same = way.accepted(), way.hand_in(by=second)
    assert way.decide(same, "merge", merge_into=target, **SAME).status_code == 200
    for who in (way.people.nobody(), way.author):
        assert who.get(f"/v1/submissions/{same}").status_code == 404
        seen = who.get(f"/v1/submissions/{target}").get_json()
        assert seen["affected"] == 2
        assert same not in str(seen)
        assert second.account_id not in str(seen)
    assert way.moderator.get(f"/v1/submissions/{same}").get_json()["merged_into"]["id"] == target


def test_what_it_followed_is_rejected_and_it_waits_again(way: Way, second: Person) -> None:
    target, same = way.hand_in(), way.hand_in(by=second)
    assert way.decide(same, "merge", merge_into=target, **SAME).status_code == 200
    assert way.decide(target, "reject", reason="unclear", note="Where is it?").status_code == 200
    seen = second.get(f"/v1/submissions/{same}").get_json()
    assert (seen["state"], seen.get("merged_into")) == ("in_moderation", None)
    assert way.task(same)["state"] == "waiting"
    assert way.author.get(f"/v1/submissions/{target}").get_json()["affected"] == 1


def test_many_splits_at_once_are_one(way: Way, second: Person) -> None:
    target, same = way.accepted(), way.hand_in(by=second)
    assert way.decide(same, "merge", merge_into=target, **SAME).status_code == 200
    split = partial(second.post, f"/v1/submissions/{same}/moves", {"move": "split", "note": "Mine is another."})
    assert sorted(answer.status_code for answer in at_once(*[split] * 6)) == [200, *[409] * 5]
    assert way.author.get(f"/v1/submissions/{target}").get_json()["affected"] == 1


def test_a_split_while_what_it_followed_goes_is_one_way_back(way: Way, second: Person) -> None:
    for _ in range(5):
        target, same = way.accepted("micro_suggestion"), way.hand_in("micro_suggestion", by=second)
        assert way.decide(same, "merge", merge_into=target, **SAME).status_code == 200
        moves = f"/v1/submissions/{same}/moves", f"/v1/submissions/{target}/moves"
        split, gone = at_once(
            partial(second.post, moves[0], {"move": "split", "note": "Mine is another."}),
            partial(way.author.post, moves[1], {"move": "withdraw"}),
        )
        assert (split.status_code in {200, 409}, gone.status_code) == (True, 200)
        way.work()
        steps = second.get(f"/v1/submissions/{same}/timeline?limit=100").get_json()["items"]
        assert sum(step["move"] in {"split", "release"} for step in steps) == 1
        assert second.get(f"/v1/submissions/{same}").get_json()["state"] == "in_moderation"
        assert way.author.get(f"/v1/submissions/{target}").get_json()["affected"] == 1


def test_only_who_has_signed_in_leaves_and_lists(way: Way) -> None:
    submission, nobody = way.accepted("micro_suggestion"), way.people.nobody()
    assert code_of(nobody.delete(f"/v1/submissions/{submission}/join")) == (401, "sign_in")
    assert code_of(nobody.get("/v1/me/joined")) == (401, "sign_in")
    assert way.people.resident().delete(f"/v1/submissions/{way.hand_in()}/join").status_code == 404
