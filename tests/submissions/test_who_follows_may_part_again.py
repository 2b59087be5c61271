"""Who followed another one and parts from it is with nobody any more whom it led to; the others stay."""

from typing import Any

import pytest

from participate.submissions import merging
from tests.people import Person
from tests.steps import Way

SAME: dict[str, Any] = {"reason": "duplicate", "note": "The same hole."}


def merge(way: Way, submission: str, target: str) -> None:
    answer = way.decide(submission, "merge", merge_into=target, **SAME)
    assert answer.status_code == 200, answer.get_json()


def affected(way: Way, submission: str) -> int:
    return int(way.moderator.get(f"/v1/submissions/{submission}").get_json()["affected"])


@pytest.fixture
def chain(way: Way) -> tuple[Person, Person, str, str, str]:
    """The first was merged into the second before that was into the last: two authors, three submissions."""
    one, two = way.people.resident(), way.people.resident()
    first, second, last = way.hand_in(by=one), way.hand_in(by=two), way.accepted()
    merge(way, first, second)
    merge(way, second, last)
    assert [affected(way, each) for each in (second, last)] == [2, 3]
    return one, two, first, second, last


def test_the_first_parts_from_all(way: Way, chain: tuple[Person, Person, str, str, str]) -> None:
    one, two, first, second, last = chain
    assert way.move(one, first, "split", note="Mine is another.").status_code == 200
    assert [affected(way, each) for each in (second, last)] == [1, 2]
    way.act(way.officer, last, "accept")
    assert "accept" not in _facts(one)
    assert _facts(two)[-1] == "accept"


def test_the_second_takes_along_who_followed_it(way: Way, chain: tuple[Person, Person, str, str, str]) -> None:
    _, two, _, second, last = chain
    assert way.move(two, second, "split", note="Mine is another.").status_code == 200
    assert [affected(way, each) for each in (second, last)] == [2, 1]


def test_who_had_joined_by_themselves_stays(way: Way) -> None:
    one = way.people.resident()
    target = way.accepted()
    assert one.post(f"/v1/submissions/{target}/join").status_code == 200
    first = way.hand_in(by=one)
    merge(way, first, target)
    assert affected(way, target) == 2
    assert way.move(one, first, "split", note="Mine is another.").status_code == 200
    assert affected(way, target) == 2


def test_ones_own_can_be_merged_and_counts_nobody_twice(way: Way) -> None:
    target, again = way.accepted(), way.hand_in()
    merge(way, again, target)
    assert affected(way, target) == 1
    assert way.move(way.author, again, "withdraw").status_code == 200
    assert affected(way, target) == 1


def test_what_is_withdrawn_follows_no_more(way: Way) -> None:
    one, target = way.people.resident(), way.accepted()
    first = way.hand_in(by=one)
    merge(way, first, target)
    assert way.move(one, first, "withdraw").status_code == 200
    assert affected(way, target) == 1
    assert way.moderator.get(f"/v1/submissions/{first}").get_json().get("merged_into") is None


def test_all_who_followed_are_released_some_at_a_time(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "_AT_ONCE", 2)
    target, people = way.accepted(), [way.people.resident() for _ in range(5)]
    followers = [way.hand_in(by=who) for who in people]
    for each in followers:
        merge(way, each, target)
    assert affected(way, target) == 6
    assert way.move(way.author, target, "withdraw").status_code == 200
    for who, each in zip(people, followers, strict=True):
        seen = who.get(f"/v1/submissions/{each}").get_json()
        assert (seen["state"], seen.get("merged_into")) == ("in_moderation", None)
        assert [fact for fact in _facts(who) if fact == "release"] == ["release"]
        assert way.task(each)["state"] == "waiting"
    assert affected(way, target) == 1


def _facts(who: Person) -> list[str]:
    return [each["fact"] for each in who.get("/v1/me/updates?limit=100").get_json()["items"]]
