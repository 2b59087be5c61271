"""The list says who may ask, how long it takes and who does it: asking is held to that, and so are the clocks."""

from typing import Any

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from participate.catalogue.models import Service
from participate.kernel.auth import Grant
from participate.kernel.db import execute, transaction
from tests.people import Person
from tests.steps import ELSEWHERE, HERE, Way

pytestmark = pytest.mark.usefixtures("clock")
CODE = "S0104"  # Everybody's; seven calendar days; for whom the rules name.


def listed(**columns: Any) -> None:
    """What the list says of the service from now on."""
    with transaction():
        execute(update(Service).where(Service.code == CODE).values(**columns))


def ask(who: Person, place: dict[str, Any] | None = HERE, **details: Any) -> TestResponse:
    body = {"kind": "micro_service", "body": "Old books.", "place": place, "details": {"service": CODE} | details}
    return who.post("/v1/submissions", {name: value for name, value in body.items() if value is not None})


def refused(answer: TestResponse) -> list[tuple[str, str]]:
    assert answer.status_code == 422
    return [(each["field"], each["code"]) for each in answer.get_json()["errors"]]


def test_everyone_reads_who_may_ask_what_is_needed_how_long_it_takes_and_who_does_it(way: Way) -> None:
    found = way.people.nobody().get("/v1/services?limit=100").get_json()["items"]
    assert (len(found), len({each["major_code"] for each in found})) == (43, 8)
    by_code = {each["code"]: each for each in found}
    helped, lights = by_code["S0309"], by_code["S0201"]
    assert (helped["asked_by"], helped["limit_value"], helped["clock"]) == ("need", 5, "work_day")
    assert [each["name_en"] for each in helped["documents"]] == ["Identity card", "Disability card"]
    assert helped["need_zh"]
    assert helped["need_en"]
    assert helped["unit"] is None
    assert lights["unit"]["name_en"] == "Demo District Lighting Office"
    of_class = way.people.nobody().get("/v1/services?major=S08").get_json()["items"]
    assert {each["major_code"] for each in of_class} == {"S08"}


def test_a_service_is_named_known_and_offered(way: Way) -> None:
    assert refused(ask(way.author, service=None)) == [("details.service", "null")]
    nameless = {"kind": "micro_service", "body": "x", "place": HERE}
    assert refused(way.author.post("/v1/submissions", nameless)) == [("details.service", "required")]
    assert refused(ask(way.author, service="S9999")) == [("details.service", "unknown_code")]
    listed(active=False)
    assert refused(ask(way.author)) == [("details.service", "service_closed")]


def test_who_has_asked_before_it_was_closed_may_still_mend_the_rest(way: Way) -> None:
    submission = str(ask(way.author).get_json()["id"])
    way.work()
    assert way.decide(submission, "return", note="Which floor?").status_code == 200
    listed(active=False)
    changes = {"details": {"service": CODE, "when": "mornings"}}
    assert way.move(way.author, submission, "resubmit", changes=changes).status_code == 200


def test_it_may_be_for_one_area_alone(way: Way) -> None:
    listed(asked_by="area", area_code="990101001")
    assert refused(ask(way.author, None)) == [("place", "not_served")]
    assert refused(ask(way.author, ELSEWHERE)) == [("place", "not_served")]
    assert ask(way.author).status_code == 201


def test_it_may_be_for_those_who_state_a_need_alone(way: Way) -> None:
    listed(asked_by="need", need_zh="独居", need_en="Living alone")
    for said in ({}, {"states_need": False}):
        assert refused(ask(way.author, **said)) == [("details.states_need", "need_unstated")]
    assert ask(way.author, states_need=True).status_code == 201


def test_it_may_be_for_members_alone(way: Way) -> None:
    listed(asked_by="members")
    assert refused(ask(way.author)) == [("details.service", "members_only")]
    assert ask(way.people.staff_with(Grant("member", ""))).status_code == 201


def promised(way: Way, submission: str) -> tuple[Any, Any]:
    """What the author, and whoever holds the receipt, are promised."""
    shown = way.author.get(f"/v1/submissions/{submission}").get_json()
    receipt = way.people.nobody().get(f"/v1/receipts/{shown['receipt']}").get_json()
    assert receipt["due_at"] == shown["due_at"]
    assert receipt["service"] == shown["service"]
    return shown["service"]["promised_by"], shown["due_at"]


def test_how_long_it_takes_is_said_at_once_and_until_when_from_acceptance_on(way: Way) -> None:
    made = ask(way.author).get_json()
    assert (made["service"]["limit_value"], made["service"]["clock"]) == (7, "calendar_day")
    way.work()
    assert promised(way, made["id"]) == (None, None)
    way.decide(made["id"], "accept")
    until = "2026-11-30T02:00:00Z"  # Seven days of twenty-four hours, where the default is three work days.
    assert promised(way, made["id"]) == (until, until)
    listed(limit_value=1, clock="urgent_hour")
    assert promised(way, made["id"])[0] == until, "what was promised stays"
    assert ask(way.author).get_json()["service"]["limit_value"] == 1


def test_what_a_moderator_puts_right_is_what_is_promised(way: Way) -> None:
    submission = str(ask(way.author).get_json()["id"])
    way.work()
    edits = {"details": {"service": "S0604"}}
    assert way.decide(submission, "accept", edits=edits, note="That is urgent.").status_code == 200
    assert promised(way, submission)[0] == "2026-11-23T03:00:00Z", "one urgent hour"


def test_the_unit_of_the_list_gets_it_before_any_rule_while_there_is_such_a_unit(way: Way) -> None:
    unit = way.people.nobody().get("/v1/units").get_json()["items"][1]["id"]
    listed(unit_id=unit)
    case = way.case(way.accepted("micro_service", details={"service": CODE}))
    shown = way.dispatcher.get(f"/v1/cases/{case}").get_json()
    assert (shown["unit"], shown["assignee"], shown["routed"]["on"]) == (unit, None, {"service": CODE})
    listed(unit_id="019a0000-9901-7000-8000-00000000ffff")
    case = way.case(way.accepted("micro_service", details={"service": CODE}))
    shown = way.dispatcher.get(f"/v1/cases/{case}").get_json()
    assert (shown["unit"], shown["assignee"]) == (None, way.officer.account_id)
