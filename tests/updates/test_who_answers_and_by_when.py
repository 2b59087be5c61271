"""Each step says who answers now and by when: of a promise, a rectification and a round what is theirs."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from participate.catalogue import queries as catalogue
from participate.catalogue.service import calendar
from participate.kernel import deadlines
from participate.kernel.clock import now
from participate.updates import silence
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way

PARTS = {"situation": "No stands.", "analysis": "More bicycles.", "ask": "Sixty stands."}
WATCHED = "019a0000-9901-7000-8000-000000000002"
QUESTION = {"question": "社区广场几点熄灯合适？"}


def told(who: Person, fact: str) -> dict[str, Any]:
    """The last of that name."""
    found = [each for each in who.get("/v1/me/updates?limit=100").get_json()["items"] if each["fact"] == fact]
    assert found, fact
    last: dict[str, Any] = found[-1]
    return last


def at(**ahead: float) -> str:
    return said(now() + timedelta(**ahead))


def said(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@pytest.fixture
def unit(town: Flask) -> str:
    return str(catalogue.units(1, area="990101")["items"][0]["id"])


def test_a_proposal_is_with_the_staff_until_it_is_filed(
    way: Way, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal = way.accepted("micro_proposal", by=way.people.staff("member"), details=PARTS)
    author = way.people.staff("member")
    proposal = way.accepted("micro_proposal", by=author, details=PARTS)
    assert told(author, "accept")["who"] == "CPPCC staff"
    clock.forward(days=7, minutes=1)
    assert silence.sweep() == 2
    way.work()
    assert told(author, "inform")["who"] == "CPPCC staff"
    assert way.move(way.moderator, proposal, "file").status_code == 200
    filed = [each for each in author.get("/v1/me/updates?limit=100").get_json()["items"] if each["fact"] == "file"]
    assert [each["next"] for each in filed] == ["Next, it is given to a unit.", "Next, it is given to a handler."]
    assert way.act(way.dispatcher, proposal, "dispatch", to={"assignee": way.officer.account_id}).status_code == 200
    assert way.act(way.officer, proposal, "object", note="Not ours.").status_code == 200
    assert told(author, "object")["who"] == "the dispatch desk", "and not who says that it is not theirs"


def test_a_consultation_is_with_the_staff_and_a_round_has_its_own_days(way: Way, clock: HeldClock) -> None:
    topic = way.accepted("micro_consultation", details=QUESTION)
    assert told(way.author, "accept")["who"] == told(way.author, "open")["who"] == "CPPCC staff"
    body = {"title": "第一轮", "opens_at": at(days=2), "closes_at": at(days=5)}
    assert way.moderator.post(f"/v1/consultations/{topic}/rounds", body).status_code == 201
    way.work()
    heard = told(way.author, "announce")
    assert (heard["who"], heard["due_at"]) == ("CPPCC staff", at(days=2))
    ends = at(days=5)
    clock.forward(days=2)
    deadlines.sweep()
    way.work()
    assert told(way.author, "open")["due_at"] == ends


def test_a_promise_names_who_keeps_it_and_its_day(way: Way, clock: HeldClock, unit: str) -> None:
    way_on, follower = way.started(), way.people.resident()
    assert follower.post("/v1/me/follows", {"what": "submission", "submission_id": way_on}).status_code == 201
    until = at(days=30)
    reply = {"note": "The pavement is laid anew in spring, when the ground is dry.", "answer_class": "B"}
    photos = [way.photo(way.officer)]
    answer = way.act(way.officer, way_on, "resolve", due_at=until, to={"unit": unit}, photo_ids=photos, **reply)
    assert answer.status_code == 200, answer.get_json()
    for who in (way.author, follower):
        heard = told(who, "promise")
        assert heard["due_at"] == until
        assert heard["who"] == catalogue.unit_names({unit})[unit]["en"]
    clock.forward(days=31)
    deadlines.sweep()
    way.work()
    missed = told(way.author, "miss")
    assert missed["who"] == heard["who"]
    assert missed["due_at"] is None, "its day is over"


def test_what_a_unit_has_to_put_right_has_its_own_days(way: Way, clock: HeldClock) -> None:
    unit, other = way.people.staff("handler", unit=WATCHED), way.people.staff("supervisor")
    details = {"target": "project", "watched_unit": WATCHED, "watched": "The new road"}
    submission = way.accepted("micro_supervision", details=details)
    for name in ("accept", "start"):
        assert way.act(way.supervisor, submission, name).status_code == 200
    opinion = {"title": "The fence", "note": "The fence has stood in the way for two months; say when it goes."}
    made = way.supervisor.post(f"/v1/cases/{way.case(submission)}/rectifications", opinion)
    assert made.status_code == 201
    way.work()
    issued = told(way.author, "issue")
    assert opinion["note"] in issued["text"], "its author reads what was said to the unit"
    assert issued["who"] == "the supervising desk"
    assert issued["due_at"] == said(calendar().due_at(now(), 5, "work_day"))
    path = f"/v1/rectifications/{made.get_json()['id']}/moves"
    plan = {"move": "plan", "note": "We take it down.", "due_at": at(days=20)}
    assert unit.post(path, plan).status_code == 200
    way.work()
    assert told(way.author, "plan")["due_at"] == plan["due_at"]
    assert unit.post(path, {"move": "report", "note": "It is gone."}).status_code == 200
    way.work()
    assert told(way.author, "report")["due_at"] == said(calendar().due_at(now(), 10, "work_day"))
    assert other.post(path, {"move": "confirm", "note": "The way is free."}).status_code == 200
    way.work()
    confirmed = told(way.author, "confirm")
    assert (confirmed["who"], confirmed["next"]) == ("the supervising desk", "A final reply follows.")


def test_who_only_follows_is_asked_for_nothing(way: Way) -> None:
    submission, follower = way.resolved(), way.people.resident()
    assert follower.post("/v1/me/follows", {"what": "submission", "submission_id": submission}).status_code == 201
    assert way.act(way.supervisor, submission, "verify").status_code == 200
    assert "rate" in told(way.author, "verify")["text"]
    heard = told(follower, "verify")
    assert (heard["text"].endswith("its author may rate it."), heard["next"]) == (True, None)


def test_who_follows_a_proposal_reads_its_answer_and_is_asked_for_nothing(way: Way) -> None:
    author, follower = way.people.staff("member"), way.people.resident()
    proposal = way.accepted("micro_proposal", by=author, details=PARTS)
    assert way.move(way.moderator, proposal, "file").status_code == 200
    assert follower.post("/v1/me/follows", {"what": "submission", "submission_id": proposal}).status_code == 201
    assert way.act(way.dispatcher, proposal, "dispatch", to={"assignee": way.officer.account_id}).status_code == 200
    reply = {"note": "Sixty stands were put up at the north gate on Monday.", "answer_class": "A"}
    for name, given in (("accept", {}), ("start", {}), ("resolve", reply)):
        assert way.act(way.officer, proposal, name, **given).status_code == 200
    assert way.act(way.supervisor, proposal, "verify").status_code == 200
    assert "rate" in told(author, "publish")["text"]
    heard = told(follower, "publish")
    assert reply["note"] in heard["text"]
    assert ("rate" in heard["text"], heard["next"]) == (False, None)
