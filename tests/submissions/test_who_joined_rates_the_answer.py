"""Who has joined rates an answer, within its time; where there was none, there is nothing to rate."""

import pytest

from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, code_of

RATED = {"resolved": True, "satisfaction": 4}


def offered(who: Person, submission: str) -> list[str]:
    moves: list[str] = who.get(f"/v1/submissions/{submission}").get_json()["moves"]
    return moves


@pytest.fixture
def answered(way: Way) -> tuple[Person, str]:
    submission, who = way.resolved(), way.people.resident()
    assert who.post(f"/v1/submissions/{submission}/join").status_code == 200
    way.act(way.supervisor, submission, "verify")
    return who, submission


def test_its_time_runs_from_the_answer_whenever_it_was_closed(
    way: Way, clock: HeldClock, answered: tuple[Person, str]
) -> None:
    who, submission = answered
    clock.forward(days=13)
    author, who = (way.people.signed_in(one.account_id) for one in (way.author, who))
    assert way.move(author, submission, "rate", **RATED).get_json()["state"] == "closed"
    assert offered(who, submission) == ["rate"]
    clock.forward(days=2)
    who = way.people.signed_in(who.account_id)
    assert offered(who, submission) == []
    assert code_of(way.move(who, submission, "rate", **RATED)) == (409, "wrong_state")


def test_what_was_closed_without_an_answer_has_none_to_rate(way: Way) -> None:
    submission, who = way.accepted("micro_consultation"), way.people.resident()
    assert who.post(f"/v1/submissions/{submission}/join").status_code == 200
    for name in ("conclude", "close"):
        assert way.move(way.moderator, submission, name, note="Heard.").status_code == 200
    assert way.state(submission) == "closed"
    assert offered(who, submission) == []
    assert code_of(way.move(who, submission, "rate", **RATED)) == (409, "wrong_state")


def test_they_rate_what_they_have_seen(way: Way, answered: tuple[Person, str]) -> None:
    who, submission = answered
    body = {"move": "rate"} | RATED
    before = who.get(f"/v1/submissions/{submission}").headers["ETag"]
    assert way.move(way.author, submission, "rate", **RATED).status_code == 200
    stale = who.post(f"/v1/submissions/{submission}/moves", body, headers={"If-Match": before})
    assert stale.status_code == 412
    seen = who.get(f"/v1/submissions/{submission}")
    fresh = who.post(f"/v1/submissions/{submission}/moves", body, headers={"If-Match": seen.headers["ETag"]})
    assert fresh.status_code == 200, fresh.get_json()
