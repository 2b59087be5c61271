"""To reject a micro-supervision takes two people, and nobody decides on what is about their own unit."""

from functools import partial
from typing import Any

from participate.kernel.auth import Grant
from participate.kernel.ids import new_id
from tests.moderation.test_a_decision_is_made_once import REJECTED, post
from tests.steps import Way, at_once, code_of

UNIT = "019aafc3-7c00-7000-8000-00000000000a"


def test_one_proposes_and_another_decides(way: Way) -> None:
    submission, other = way.hand_in("micro_supervision"), way.people.staff("moderator")
    task = way.task(submission)["id"]
    proposed = post(way.moderator, task, "reject", **REJECTED).get_json()
    wanted = {"decision": "reject", "reason": "unclear", "note": "Where is it?", "by": way.moderator.account_id}
    assert (proposed["state"], proposed["proposal"], way.state(submission)) == ("waiting", wanted, "in_moderation")
    assert [each["fact"] for each in way.author.get("/v1/me/updates").get_json()["items"]][-1] == "admit"
    assert code_of(post(way.moderator, task, "reject", **REJECTED)) == (409, "second_person")
    assert post(other, task, "reject", **REJECTED).get_json()["state"] == "decided"
    assert way.state(submission) == "rejected"


def test_the_second_may_decide_otherwise(way: Way) -> None:
    submission, other = way.hand_in("micro_supervision"), way.people.staff("moderator")
    task = way.task(submission)["id"]
    post(way.moderator, task, "reject", **REJECTED)
    assert post(other, task, "accept").get_json()["decision"] == "accept"
    assert way.state(submission) == "accepted"


def test_a_proposal_says_why_too(way: Way) -> None:
    submission = way.hand_in("micro_supervision")
    answer = post(way.moderator, way.task(submission)["id"], "reject", note="No.")
    assert code_of(answer) == (422, "invalid")
    assert way.task(submission)["proposal"] is None


def test_of_two_proposals_at_once_one_is_the_first(way: Way) -> None:
    other = way.people.staff("moderator")
    for _ in range(10):
        submission = way.hand_in("micro_supervision")
        task = str(way.task(submission)["id"])
        answers = at_once(*(partial(post, who, task, "reject", **REJECTED) for who in (way.moderator, other)))
        assert [answer.status_code for answer in answers] == [200, 200]
        assert sorted(answer.get_json()["state"] for answer in answers) in (["decided", "waiting"], ["decided"] * 2)
        assert way.state(submission) == "rejected"


def test_nobody_gets_around_it_by_another_kind(way: Way) -> None:
    submission = way.hand_in("micro_supervision")
    path = f"/v1/moderation/tasks/{way.task(submission)['id']}"
    answer = way.moderator.request("PATCH", path, json={"kind": "micro_suggestion"})
    assert code_of(answer) == (409, "sealed_kind")
    assert way.task(submission)["kind"] == "micro_supervision"


def test_other_kinds_need_one(way: Way) -> None:
    submission = way.hand_in("micro_suggestion")
    assert post(way.moderator, way.task(submission)["id"], "reject", **REJECTED).get_json()["state"] == "decided"


def test_what_is_about_ones_own_unit_is_anothers(way: Way) -> None:
    watched: dict[str, Any] = {"watched_unit": UNIT}
    submission = way.hand_in("micro_supervision", details=watched)
    there = way.people.staff_with(Grant("moderator", "990101"), Grant("handler", None, UNIT))
    elsewhere = way.people.staff_with(Grant("moderator", "990101"), Grant("handler", None, new_id()))
    task = way.task(submission)["id"]
    assert there.get("/v1/moderation/queue").get_json()["items"] == []
    assert there.post("/v1/moderation/claims", {"count": 5}).get_json()["items"] == []
    for path in ("", "/original"):
        assert code_of(there.get(f"/v1/moderation/tasks/{task}{path}")) == (404, "not_found")
    assert code_of(post(there, task, "accept")) == (404, "not_found")
    assert post(elsewhere, task, "accept").status_code == 200
