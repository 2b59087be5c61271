"""Who has joined is offered to rate, once for each answer and for a while; it is the author's rating that closes."""

from functools import partial

import pytest
from sqlalchemy import func, select

from participate.kernel.db import one
from participate.submissions.models import Rating
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once, code_of

RATED = {"resolved": True, "satisfaction": 4}


def offered(who: Person, submission: str) -> list[str]:
    moves: list[str] = who.get(f"/v1/submissions/{submission}").get_json()["moves"]
    return moves


def rate(way: Way, who: Person, submission: str) -> int:
    return way.move(who, submission, "rate", **RATED).status_code


@pytest.fixture
def joined(way: Way) -> tuple[Person, str]:
    submission, who = way.resolved(), way.people.resident()
    assert who.post(f"/v1/submissions/{submission}/join").status_code == 200
    assert offered(who, submission) == []
    way.act(way.supervisor, submission, "verify")
    return who, submission


def test_it_is_offered_until_they_have(way: Way, joined: tuple[Person, str]) -> None:
    who, submission = joined
    assert offered(who, submission) == ["rate"]
    assert offered(way.people.resident(), submission) == []
    assert rate(way, who, submission) == 200
    assert offered(who, submission) == []
    assert "rate" in offered(way.author, submission)


def test_they_may_when_it_is_closed_but_not_for_ever(way: Way, clock: HeldClock, joined: tuple[Person, str]) -> None:
    who, submission = joined
    assert rate(way, way.author, submission) == 200
    assert offered(who, submission) == ["rate"]
    clock.forward(days=14, seconds=1)
    again = way.people.signed_in(who.account_id)
    assert offered(again, submission) == []
    assert code_of(way.move(again, submission, "rate", **RATED)) == (409, "wrong_state")


def test_another_answer_is_rated_anew(way: Way, joined: tuple[Person, str]) -> None:
    who, submission = joined
    assert rate(way, who, submission) == 200
    assert way.move(way.author, submission, "reopen", note="Not yet.").status_code == 200
    assert offered(who, submission) == []
    assert way.act(way.officer, submission, "start").status_code == 200
    assert way.resolve(submission).status_code == 200
    assert way.act(way.supervisor, submission, "verify").status_code == 200
    assert offered(who, submission) == ["rate"]
    assert rate(way, who, submission) == 200


def test_many_times_at_once_is_once(way: Way, joined: tuple[Person, str]) -> None:
    who, submission = joined
    body = {"move": "rate"} | RATED
    answers = at_once(*[partial(who.post, f"/v1/submissions/{submission}/moves", body)] * 6)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    counted = one(select(func.count().label("n")).select_from(Rating))
    assert counted is not None
    assert counted.n == 1


def test_who_has_left_may_no_more(way: Way, joined: tuple[Person, str]) -> None:
    who, submission = joined
    assert who.delete(f"/v1/submissions/{submission}/join").status_code == 204
    assert offered(who, submission) == []
    assert code_of(way.move(who, submission, "rate", **RATED)) == (403, "move_not_yours")
