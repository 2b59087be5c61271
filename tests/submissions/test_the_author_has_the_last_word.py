"""The author says whether it is resolved: rates each answer once, reopens twice, and silence closes it in the end."""

from functools import partial
from typing import Any

from sqlalchemy import select

from participate.cases import queries as cases
from participate.kernel import deadlines
from participate.kernel.db import rows
from participate.submissions.models import Rating
from tests.conftest import HeldClock
from tests.steps import HERE, Way, at_once, code_of

NEXT_DOOR = HERE | {"lat": HERE["lat"] + 0.005}


def seen(way: Way, submission: str) -> dict[str, Any]:
    found: dict[str, Any] = way.author.get(f"/v1/submissions/{submission}").get_json()
    return found


def case_state(submission: str) -> str:
    case = cases.of_submission(submission)
    assert case is not None
    return str(case.state)


def facts_about(way: Way) -> list[str]:
    return [update["fact"] for update in way.author.get("/v1/me/updates?limit=100").get_json()["items"]]


def ratings() -> list[tuple[int, bool, int]]:
    held = Rating
    found = rows(select(held.answer, held.resolved, held.satisfaction).order_by(held.answer))
    return [(row.answer, row.resolved, row.satisfaction) for row in found]


def test_a_good_rating_closes_it_and_its_case(way: Way) -> None:
    submission = way.answered()
    assert seen(way, submission)["moves"] == ["rate", "reopen"]
    answer = way.move(way.author, submission, "rate", resolved=True, satisfaction=5, comment="Quick!")
    assert (answer.get_json()["state"], answer.get_json()["due_at"]) == ("closed", None)
    assert case_state(submission) == "closed"
    assert ratings() == [(0, True, 5)]
    assert code_of(way.move(way.author, submission, "rate", resolved=True, satisfaction=5)) == (409, "wrong_state")


def answer_again(way: Way, submission: str) -> None:
    """The officer does it again, and somebody verifies it."""
    assert way.act(way.officer, submission, "start").status_code == 200
    assert way.state(submission) == "in_progress"
    way.resolve(submission)
    way.act(way.supervisor, submission, "verify")


def test_not_resolved_reopens_it_twice(way: Way) -> None:
    submission = way.answered()
    for _ in range(2):
        answer = way.move(way.author, submission, "rate", resolved=False, satisfaction=1, comment="Still there.")
        assert (answer.status_code, answer.get_json()["state"]) == (200, "assigned")
        assert case_state(submission) == "rework"
        (case,) = way.officer.get("/v1/cases?view=mine").get_json()["items"]
        assert "start" in case["moves"]
        answer_again(way, submission)
    assert seen(way, submission)["moves"] == ["rate", "dispute"]
    assert ratings() == [(0, False, 1), (1, False, 1)]


def disputed(way: Way) -> str:
    """A submission whose author has said for the third time that it is not resolved."""
    submission = way.answered()
    for _ in range(3):
        assert way.move(way.author, submission, "rate", resolved=False, satisfaction=1).status_code == 200
        if case_state(submission) == "rework":
            answer_again(way, submission)
    assert (way.state(submission), case_state(submission)) == ("disputed", "disputed")
    return submission


def test_the_third_time_a_supervisor_decides(way: Way, clock: HeldClock) -> None:
    submission, above = disputed(way), way.people.staff("supervisor", "9901")
    assert seen(way, submission)["due_at"] == "2026-11-30T02:00:00Z", "five work days"
    assert seen(way, submission)["moves"] == []
    for who in (way.officer, way.dispatcher):
        assert code_of(way.act(who, submission, "uphold", note="Well.")) == (403, "move_not_yours")
    assert way.act(above, submission, "uphold").status_code == 422
    refused = way.act(way.supervisor, submission, "uphold", note="I said that it was done.")
    assert code_of(refused) == (409, "judged_before")
    assert way.act(above, submission, "uphold", note="The hole is on private ground.").status_code == 200
    assert (way.state(submission), case_state(submission)) == ("closed", "closed")
    assert facts_about(way)[-1] == "uphold"
    heard = way.author.get("/v1/me/updates?limit=100").get_json()["items"]
    assert ["private ground" in item["text"] for item in heard if item["fact"] == "uphold"] == [True]
    assert seen(way, submission)["moves"] == []
    assert ratings()[-1] == (2, False, 1)


def test_a_supervisor_may_agree_and_the_author_rates_again_but_does_not_dispute_it_twice(way: Way) -> None:
    submission, other = disputed(way), way.people.staff("supervisor")
    assert code_of(way.act(way.supervisor, submission, "order_rework", note="Do it.")) == (409, "judged_before")
    assert way.act(other, submission, "order_rework", note="Do it.").get_json()["state"] == "rework"
    assert way.state(submission) == "assigned"
    answer_again(way, submission)
    assert seen(way, submission)["moves"] == ["rate"]
    assert code_of(way.move(way.author, submission, "dispute", note="Still there.")) == (409, "disputed_already")
    assert way.move(way.author, submission, "rate", resolved=False, satisfaction=1).status_code == 200
    assert (way.state(submission), case_state(submission)) == ("closed", "closed")
    assert [answer for answer, *_ in ratings()] == [0, 1, 2, 3]


def test_what_nobody_decides_on_goes_one_level_up(way: Way, clock: HeldClock) -> None:
    submission = disputed(way)
    path = f"/v1/cases/{way.case(submission)}"
    level = way.supervisor.get(path).get_json()["level"]
    clock.forward(days=8)
    deadlines.sweep()
    way.work()
    city = way.people.staff("supervisor", "9901")
    assert (city.get(path).get_json()["level"], city.get(path).get_json()["state"]) == (level + 1, "disputed")
    assert way.act(city, submission, "uphold", note="It is as it should be.").status_code == 200


def test_what_the_city_does_not_decide_either_its_supervisors_hear_of_until_they_do(way: Way, clock: HeldClock) -> None:
    city, submission = way.people.staff("supervisor", "9901"), disputed(way)
    path, due = f"/v1/cases/{way.case(submission)}", ""
    for _ in range(5):
        clock.forward(days=8)
        deadlines.sweep()
        way.work()
        due = due if city.get(path).get_json()["level"] < 4 else due or city.get(path).get_json()["due_at"]
    assert (city.get(path).get_json()["level"], city.get(path).get_json()["due_at"]) == (4, due), "late, and stays so"
    told = [item["fact"] for item in city.get("/v1/me/updates?limit=100").get_json()["items"]]
    assert told == ["remind", "remind"]
    assert [item["fact"] for item in way.author.get("/v1/me/updates?limit=100").get_json()["items"]][-2:] == told
    assert way.supervisor.get("/v1/me/updates?limit=100").get_json()["items"] == [], "theirs it is no more"


def test_of_two_decisions_at_once_one_has_effect(way: Way) -> None:
    submission, one, other = disputed(way), way.people.staff("supervisor"), way.people.staff("supervisor")
    path = f"/v1/cases/{way.case(submission)}/moves"
    both = [(one, "uphold"), (other, "order_rework")]
    answers = at_once(*(partial(who.post, path, {"move": name, "note": "So it is."}) for who, name in both))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    way.work()
    assert (way.state(submission), case_state(submission)) in {("closed", "closed"), ("assigned", "rework")}


def test_what_is_closed_can_be_reopened_twice(way: Way) -> None:
    submission = way.answered()
    for satisfaction in (5, 3):
        way.move(way.author, submission, "rate", resolved=True, satisfaction=satisfaction)
        assert seen(way, submission)["moves"] == ["reopen"]
        answer = way.move(way.author, submission, "reopen", note="It broke again.")
        assert answer.get_json()["state"] == "assigned"
        assert case_state(submission) == "rework"
        answer_again(way, submission)
    way.move(way.author, submission, "rate", resolved=True, satisfaction=3)
    assert code_of(way.move(way.author, submission, "reopen", note="Again.")) == (409, "reopened_already")
    assert case_state(submission) == "closed"


def test_silence_closes_it_after_fourteen_days(way: Way, clock: HeldClock) -> None:
    submission = way.answered()
    assert seen(way, submission)["due_at"] == "2026-12-07T02:00:00Z"
    clock.forward(days=14, seconds=-1)
    deadlines.sweep()
    way.work()
    assert way.state(submission) == "answered"
    clock.forward(seconds=1)
    assert deadlines.sweep() == 1
    way.work()
    assert (way.state(submission), case_state(submission)) == ("closed", "closed")
    assert ratings() == []
    assert facts_about(way)[-2:] == ["lapse", "close"]


def test_what_was_rated_does_not_lapse(way: Way, clock: HeldClock) -> None:
    submission = way.answered()
    way.move(way.author, submission, "rate", resolved=False, satisfaction=1)
    clock.forward(days=15)
    deadlines.sweep()
    way.work()
    assert "lapse" not in facts_about(way)


def test_of_two_ratings_at_once_one_counts(way: Way) -> None:
    submission = way.answered()
    body = {"move": "rate", "resolved": True, "satisfaction": 4}
    path = f"/v1/submissions/{submission}/moves"
    assert sorted(answer.status_code for answer in at_once(*[lambda: way.author.post(path, body)] * 2)) == [200, 409]
    assert ratings() == [(0, True, 4)]


def test_what_was_acted_on_is_not_taken_back_though_it_waits_to_be_begun_again(way: Way) -> None:
    submission = way.answered()
    assert way.move(way.author, submission, "reopen", note="It is open again.").status_code == 200
    assert "withdraw" not in seen(way, submission)["moves"]
    assert code_of(way.move(way.author, submission, "withdraw")) == (409, "acted_on_already")
    assert way.act(way.officer, submission, "start").status_code == 200
