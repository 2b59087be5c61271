"""A service with all whom it meets: who asks, and who is helped to; desk, officer, supervisor; and it is rated."""

from typing import Any

import pytest

from participate.kernel.ids import new_receipt
from tests.steps import HERE, Way, code_of
from tests.updates.conftest import Post

pytestmark = pytest.mark.usefixtures("clock")
PHONE = "+8613900005678"
CONTENT: dict[str, Any] = {"resolved": True, "satisfaction": 4, "comment": "Quick."}


def done(way: Way, submission: str) -> None:
    for name in ("accept", "start"):
        assert way.act(way.officer, submission, name).status_code == 200
    assert way.resolve(submission).status_code == 200
    assert way.act(way.supervisor, submission, "verify").status_code == 200


def rate(way: Way, receipt: str, **said: Any) -> Any:
    answer = way.people.nobody().post(f"/v1/receipts/{receipt}/rating", said)
    way.work()
    return answer


def test_who_asks_is_promised_a_time_shows_their_papers_and_rates(way: Way) -> None:
    listed = {each["code"]: each for each in way.people.nobody().get("/v1/services?major=S03").get_json()["items"]}
    wanted = listed["S0307"]
    assert (wanted["asked_by"], [each["value"] for each in wanted["documents"]]) == ("need", ["id_card"])
    details = {"service": "S0307", "states_need": True, "documents": {"id_card": way.photo(way.author)}}
    body = {"kind": "micro_service", "body": "A handrail, please.", "place": HERE, "details": details}
    made = way.author.post("/v1/submissions", body).get_json()
    way.work()
    photo = made["documents"][0]["photo_id"]
    assert way.moderator.get(f"/v1/photos/{photo}/view").status_code == 200
    assert way.decide(made["id"], "accept").status_code == 200
    receipt = way.people.nobody().get(f"/v1/receipts/{made['receipt']}").get_json()
    assert receipt["service"]["promised_by"] == receipt["due_at"] == "2026-12-08T02:00:00Z"
    assert way.officer.get(f"/v1/photos/{photo}/view").status_code == 200
    assert code_of(rate(way, made["receipt"], **CONTENT)) == (409, "wrong_state")
    done(way, made["id"])
    assert rate(way, made["receipt"], **CONTENT).get_json()["state"] == "closed"
    assert code_of(rate(way, made["receipt"], **CONTENT)) == (409, "wrong_state")
    steps = way.author.get(f"/v1/submissions/{made['id']}/timeline?limit=100").get_json()["items"]
    assert [step["by"] for step in steps if step["move"] == "rate"] == ["author"]
    assert way.supervisor.get(f"/v1/cases/{way.case(made['id'])}").get_json()["state"] == "closed"


def test_who_is_helped_rates_by_the_link_that_they_are_sent(way: Way, post: Post) -> None:
    submission = way.accepted_for(PHONE, hears_by="sms")
    done(way, submission)
    while post.send("sms") is not None:
        pass
    (asked,) = [text for text in post.gateway.texts() if "/receipts/" in text]
    receipt = asked.rpartition("/")[2]
    assert len([said for said in post.gateway.sent.values() if receipt in said["text"]]) == 1
    assert receipt not in way.officer.get(f"/v1/submissions/{submission}").get_data(as_text=True)
    assert rate(way, receipt, **CONTENT).get_json()["state"] == "closed"


def test_a_receipt_that_says_that_it_is_not_resolved_opens_it_again(way: Way) -> None:
    made = way.author.get(f"/v1/submissions/{way.accepted('micro_service')}").get_json()
    done(way, made["id"])
    assert rate(way, made["receipt"], resolved=False, satisfaction=1).get_json()["state"] == "assigned"


def test_no_receipt_rates_nothing(way: Way) -> None:
    assert rate(way, new_receipt(), **CONTENT).status_code == 404
    made = way.author.get(f"/v1/submissions/{way.accepted('micro_service')}").get_json()
    assert rate(way, made["receipt"], resolved=True).status_code == 422
