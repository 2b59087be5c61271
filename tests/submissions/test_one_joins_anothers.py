"""Who says "me too" counts once, hears of every public step, and may rate; who they are is told to nobody."""

from functools import partial

import pytest

from tests.people import Person
from tests.steps import Way, at_once, code_of


def join(who: Person, submission: str) -> tuple[int, dict[str, object]]:
    answer = who.post(f"/v1/submissions/{submission}/join")
    return answer.status_code, answer.get_json()


def facts(who: Person) -> list[str]:
    return [each["fact"] for each in who.get("/v1/me/updates?limit=100").get_json()["items"]]


def test_they_count_once_and_may_leave(way: Way) -> None:
    submission, who = way.accepted("micro_suggestion"), way.people.resident()
    for _ in range(2):
        status, seen = join(who, submission)
        assert (status, seen["affected"], seen["joined"]) == (200, 2, True)
    mine = [each["id"] for each in who.get("/v1/me/joined").get_json()["items"]]
    assert mine == [submission]
    for other in (way.people.nobody(), way.author, way.moderator):
        seen = other.get(f"/v1/submissions/{submission}").get_json()
        assert (seen["affected"], seen["joined"]) == (2, False)
        assert who.account_id not in str(seen)
    for _ in range(2):
        assert who.delete(f"/v1/submissions/{submission}/join").status_code == 204
    assert who.get(f"/v1/submissions/{submission}").get_json()["affected"] == 1


def test_many_at_once_count_each_once(way: Way) -> None:
    submission = way.accepted("micro_suggestion")
    residents = [way.people.resident() for _ in range(5)]
    statuses = at_once(*(partial(join, who, submission) for who in residents * 2))
    assert {status for status, _ in statuses} == {200}
    assert way.author.get(f"/v1/submissions/{submission}").get_json()["affected"] == 6


def test_what_cannot_be_joined(way: Way) -> None:
    who = way.people.resident()
    assert join(who, way.hand_in("micro_suggestion"))[0] == 404
    assert join(who, way.accepted("micro_supervision"))[0] == 404
    submission = way.accepted("micro_suggestion")
    assert code_of(way.author.post(f"/v1/submissions/{submission}/join")) == (409, "joined_own")
    assert code_of(way.people.nobody().post(f"/v1/submissions/{submission}/join")) == (401, "sign_in")
    waiting = way.hand_in("micro_suggestion")
    assert code_of(way.moderator.post(f"/v1/submissions/{waiting}/join")) == (409, "not_joinable")


def test_they_hear_of_public_steps_and_of_no_private_note(way: Way) -> None:
    submission, who = way.accepted(), way.people.resident()
    join(who, submission)
    for name in ("accept", "start"):
        way.act(way.officer, submission, name)
    assert facts(who) == ["accept", "start"]
    way.move(way.author, submission, "withdraw", note="My own reason.")
    assert "My own reason." not in str(who.get("/v1/me/updates").get_json())
    way.work()
    assert len(facts(who)) == len(set(facts(who)))


def test_they_rate_and_nothing_else_changes(way: Way) -> None:
    submission, who = way.started(), way.people.resident()
    join(who, submission)
    rated = {"resolved": False, "satisfaction": 2}
    assert code_of(way.move(who, submission, "rate", **rated)) == (409, "wrong_state")
    way.resolve(submission)
    way.act(way.supervisor, submission, "verify")
    assert code_of(way.move(who, submission, "rate", resolved=True)) == (422, "invalid")
    assert way.move(who, submission, "rate", **rated).get_json()["state"] == "answered"
    assert code_of(way.move(who, submission, "rate", **rated)) == (409, "rated_already")
    assert code_of(way.move(way.people.resident(), submission, "rate", **rated)) == (403, "move_not_yours")
    assert way.move(way.author, submission, "rate", resolved=True, satisfaction=5).get_json()["state"] == "closed"


@pytest.mark.parametrize("many", [3])
def test_all_of_them_hear_page_by_page(way: Way, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("participate.updates.service.PAGE", 2)
    submission = way.accepted()
    residents = [way.people.resident() for _ in range(many)]
    for who in residents:
        join(who, submission)
    way.act(way.officer, submission, "accept")
    assert [facts(who) for who in residents] == [["accept"]] * many
