"""Each flag's precision is how often decisions bore it out, within the caller's scope and of five at least."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from participate.kernel.clock import now
from participate.moderation.flags import MEANINGS
from tests.moderation.screening_steps import LONG, OTHER, THERE, report, two_districts
from tests.people import Person
from tests.steps import Way, code_of

NOTE: dict[str, Any] = {"note": "Where is it?"}


def figures(who: Person, code: str, query: str = "") -> dict[str, Any]:
    answer = who.get(f"/v1/moderation/flags{query}")
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = next(each for each in answer.get_json()["flags"] if each["code"] == code)
    return found


def without_photo(way: Way, number: int, **fields: Any) -> str:
    return way.hand_in(by=way.people.resident(), body=f"第{number}号路灯不亮。", **fields)


def test_precision_is_the_share_that_was_borne_out(way: Way) -> None:
    waiting = [without_photo(way, number) for number in range(6)]
    found = figures(way.moderator, "no_photo")
    assert (found["n"], found["waiting"], found["precision"]) == (0, 6, None)
    for submission_id in waiting[:2]:
        assert way.decide(submission_id, "accept").status_code == 200
    for submission_id in waiting[2:4]:
        assert way.decide(submission_id, "return", **NOTE).status_code == 200
    found = figures(way.moderator, "no_photo")
    assert (found["n"], found["borne_out"], found["precision"]) == (4, None, None), "of four nothing is said"
    assert way.decide(waiting[4], "reject", reason="unclear", **NOTE).status_code == 200
    found = figures(way.moderator, "no_photo")
    assert (found["n"], found["borne_out"], found["precision"], found["waiting"]) == (5, 3, 0.6, 1)
    assert found["name"] == "No photo"


def test_a_flag_is_borne_out_by_what_it_hints_at_alone(way: Way) -> None:
    """That something was rejected as unclear says nothing of whether it had been sent in twice."""
    for number in range(5):
        report(way, f"{LONG}{number}", seed=number)
        twice = report(way, f"{OTHER}{number}", seed=number)
        reason = "duplicate" if number < 2 else "unclear"
        assert way.decide(twice, "reject", reason=reason, **NOTE).status_code == 200
    assert figures(way.moderator, "photo_alike")["borne_out"] == 2


def test_each_sees_their_own_district(way: Way) -> None:
    other = two_districts(way)
    for number in range(5):
        assert way.decide(without_photo(way, number, place=THERE), "accept", by=other).status_code == 200
    without_photo(way, 7, place=THERE)
    found = figures(way.moderator, "no_photo")
    assert (found["n"], found["waiting"]) == (0, 0)
    found = figures(other, "no_photo")
    assert (found["n"], found["borne_out"], found["waiting"]) == (5, 0, 1)
    assert figures(way.people.staff("desk_head", "9901"), "no_photo")["n"] == 5
    assert figures(way.people.staff("auditor", ""), "no_photo")["n"] == 5


def test_only_those_of_the_time_count(way: Way) -> None:
    for number in range(5):
        assert way.decide(without_photo(way, number), "accept").status_code == 200
    assert figures(way.moderator, "no_photo", _query(now() - timedelta(hours=1), now() + timedelta(hours=1)))["n"] == 5
    assert figures(way.moderator, "no_photo", _query(now() - timedelta(days=9), now() - timedelta(days=1)))["n"] == 0


def _query(since: datetime, until: datetime) -> str:
    return f"?since={since:%Y-%m-%dT%H:%M:%SZ}&until={until:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize(
    "query", ["?since=2026-01-01T00:00:00Z&until=2025-01-01T00:00:00Z", "?since=2020-01-01T00:00:00Z", "?since=x"]
)
def test_a_time_that_cannot_be_is_refused(way: Way, query: str) -> None:
    assert code_of(way.moderator.get(f"/v1/moderation/flags{query}")) == (422, "invalid")


@pytest.mark.parametrize("role", ["grid_officer", "dispatcher", "supervisor", "admin"])
def test_others_do_not_read_them(way: Way, role: str) -> None:
    assert code_of(way.people.staff(role).get("/v1/moderation/flags")) == (403, "role_lacking")
    assert way.author.get("/v1/moderation/flags").status_code == 403
    assert way.people.nobody().get("/v1/moderation/flags").status_code == 401


def test_all_flags_are_told_of_and_why_no_category_is_suggested(way: Way) -> None:
    body = way.moderator.get("/v1/moderation/flags").get_json()
    assert [each["code"] for each in body["flags"]] == list(MEANINGS)
    assert body["suggestion"]["active"] is False
    assert body["suggestion"]["why_silent"]
