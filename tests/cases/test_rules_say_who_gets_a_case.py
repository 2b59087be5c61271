"""Rules are published in versions and tried before; a new case goes by the first that it meets, and says by which."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from participate.catalogue import queries as catalogue
from participate.catalogue.models import Unit
from participate.kernel.db import execute, transaction
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import HERE, Way, at_once, code_of

pytestmark = pytest.mark.usefixtures("clock")
RULES = "/v1/dispatch/rules"
NORTH = HERE | {"lat": HERE["lat"] + 0.01}
TO_OFFICER = {"name": "the rest", "when": {}, "to": {"officer": True}}


@pytest.fixture
def admin(way: Way) -> Person:
    return way.people.staff("admin", "")


@pytest.fixture
def units(way: Way) -> list[str]:
    return [str(unit["id"]) for unit in catalogue.units(2)["items"]]


def publish(admin: Person, *rules: dict[str, Any], replaces: int = 0) -> Any:
    return admin.post(RULES, {"rules": list(rules), "note": "As agreed.", "replaces": replaces})


def rule(name: str, unit: str, **when: Any) -> dict[str, Any]:
    return {"name": name, "when": when, "to": {"unit": unit}}


def filed(way: Way, **fields: Any) -> tuple[str | None, str | None, dict[str, Any]]:
    """Who has a new case, and why."""
    submission = way.accepted(**fields)
    shown = way.supervisor.get(f"/v1/cases/{way.case(submission)}").get_json()
    return shown["unit"], shown["assignee"], shown["routed"]


def test_without_rules_the_officer_of_the_place_has_it(way: Way, admin: Person) -> None:
    assert admin.get(RULES).get_json()["version"] == 0
    shipped = {"version": 0, "rule": "officer of the place", "on": {}}
    assert filed(way) == (None, way.officer.account_id, shipped)
    assert filed(way, place=NORTH) == (None, None, {"version": 0, "rule": None, "on": {}})


def test_the_first_that_is_met_counts_and_the_case_says_on_what(way: Way, admin: Person, units: list[str]) -> None:
    made = publish(
        admin,
        rule("covers", units[0], categories=["C01"], areas=["99", "990101"], kinds=["snap_report"]),
        rule("all of november", units[1], months=[11], hours="work"),
        TO_OFFICER,
    )
    assert (made.status_code, made.get_json()["version"]) == (201, 1)
    on = {"kind": "snap_report", "category": "C01", "area": "990101"}
    assert filed(way, category="C0101") == (units[0], None, {"version": 1, "rule": "covers", "on": on})
    on = {"month": 11, "hours": "work"}
    assert filed(way) == (units[1], None, {"version": 1, "rule": "all of november", "on": on})
    handler = way.people.staff("handler", unit=units[1])
    assert len(handler.get("/v1/cases?view=unit").get_json()["items"]) == 1


def test_outside_working_hours_and_while_a_unit_has_few(
    way: Way, admin: Person, units: list[str], clock: HeldClock
) -> None:
    publish(admin, rule("by night", units[0], hours="off", max_open=1), TO_OFFICER)
    assert filed(way)[1] == way.officer.account_id
    clock.moment = datetime(2026, 11, 23, 18, tzinfo=UTC)
    assert filed(way) == (units[0], None, {"version": 1, "rule": "by night", "on": {"hours": "off", "open": 0}})
    assert filed(way)[1] == way.officer.account_id, "the unit has one by now"


def test_what_meets_no_rule_waits_for_the_dispatcher_with_a_deadline(way: Way, admin: Person, units: list[str]) -> None:
    publish(admin, rule("covers", units[0], conditions=["C0101-1"]))
    unit, assignee, routed = filed(way)
    assert (unit, assignee, routed) == (None, None, {"version": 1, "rule": None, "on": {}})
    (waiting,) = way.dispatcher.get("/v1/cases?view=unrouted").get_json()["items"]
    assert waiting["state"] == "filed"


def test_a_unit_that_is_no_longer_active_gets_none(way: Way, admin: Person, units: list[str]) -> None:
    publish(admin, rule("everything", units[0]), TO_OFFICER)
    with transaction():
        execute(update(Unit).where(Unit.id == units[0]).values(active=False))
    assert filed(way)[:2] == (None, way.officer.account_id)
    assert publish(admin, rule("everything", units[0]), replaces=1).status_code == 422
    answer = way.act(way.dispatcher, way.accepted(place=NORTH), "dispatch", to={"unit": units[0]})
    assert [each["code"] for each in answer.get_json()["errors"]] == ["unknown_code"]


def test_what_is_sealed_goes_by_no_rule_of_a_city(way: Way, admin: Person, units: list[str]) -> None:
    publish(admin, rule("everything", units[0]))
    assert filed(way, kind="micro_supervision")[:2] == (None, way.supervisor.account_id)


def test_other_rules_move_no_case_that_is_dispatched(way: Way, admin: Person, units: list[str]) -> None:
    submission = way.accepted()
    publish(admin, rule("everything", units[0]))
    assert way.officer.get(f"/v1/cases/{way.case(submission)}").get_json()["assignee"] == way.officer.account_id
    publish(admin, TO_OFFICER, replaces=1)
    versions = [admin.get(f"{RULES}?version={number}").get_json() for number in (1, 2)]
    assert [each["rules"][0]["name"] for each in versions] == ["everything", "the rest"]
    assert way.dispatcher.get(RULES).get_json() == versions[1]
    assert code_of(admin.get(f"{RULES}?version=3")) == (404, "not_found")


def test_a_rehearsal_says_what_would_go_elsewhere_and_changes_nothing(
    way: Way, admin: Person, units: list[str]
) -> None:
    moved, _same, _nowhere = way.accepted(category="C0101"), way.accepted(), way.accepted(place=NORTH)
    way.accepted("micro_supervision")
    asked = {"rules": [rule("covers", units[0], categories=["C0101"]), TO_OFFICER]}
    said = admin.post(f"{RULES}/rehearsal", asked).get_json()
    assert (said["looked_at"], said["moved"], said["unrouted_before"], said["unrouted_after"]) == (3, 1, 1, 1)
    assert said["by_rule"] == {"covers": 1, "the rest": 1}
    (example,) = said["examples"]
    assert (example["case_id"], example["after"]) == (way.case(moved), {"rule": "covers", "to": {"unit": units[0]}})
    assert example["before"]["to"] == {"assignee": way.officer.account_id}
    assert admin.post(f"{RULES}/rehearsal", asked | {"last": 1}).get_json()["looked_at"] == 1
    assert admin.get(RULES).get_json()["version"] == 0


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"to": {}}, "rules.0.to", "one_holder"),
        ({"to": {"unit": "019aafc3-7c00-7000-8000-000000000001"}}, "rules.0.to.unit", "unknown_code"),
        ({"when": {"max_open": 1}}, "rules.0.when.max_open", "needs_unit"),
        ({"to": {"officer": "yes"}}, "rules.0.to.officer", "type"),
        ({"when": {"months": [13]}}, "rules.0.when.months.0", "range"),
        ({"when": {"weather": "wet"}}, "rules.0.when.weather", "unknown"),
        ({"name": "again"}, "rules.0.name", "duplicate"),
        ({"when": {"categories": ["C01", "C9999"]}}, "rules.0.when.categories.1", "unknown_code"),
        ({"when": {"categories": ["S0101"]}}, "rules.0.when.categories.0", "unknown_code"),  # A service is no category.
        ({"when": {"conditions": ["C0101-1", "C0101"]}}, "rules.0.when.conditions.1", "unknown_code"),
        ({"when": {"areas": ["9901", "990199"]}}, "rules.0.when.areas.1", "unknown_code"),
    ],
)
def test_what_cannot_be_meant_is_named(way: Way, admin: Person, changed: dict[str, Any], field: str, code: str) -> None:
    refused = publish(admin, TO_OFFICER | changed, TO_OFFICER | {"name": "again"})
    assert refused.status_code == 422
    faults = [(each["field"], each["code"]) for each in refused.get_json()["errors"]]
    assert faults[0] == (field, code)
    rehearsed = admin.post(f"{RULES}/rehearsal", {"rules": [TO_OFFICER | changed, TO_OFFICER | {"name": "again"}]})
    assert [(each["field"], each["code"]) for each in rehearsed.get_json()["errors"]] == faults
    assert admin.get(RULES).get_json()["version"] == 0


def test_only_who_administers_everything_publishes(way: Way) -> None:
    for who in (way.officer, way.dispatcher, way.supervisor, way.author):
        assert publish(who, TO_OFFICER).status_code == 403
        assert who.post(f"{RULES}/rehearsal", {"rules": [TO_OFFICER]}).status_code == 403
    assert code_of(publish(way.people.staff("admin", "990101"), TO_OFFICER)) == (403, "out_of_scope")
    assert way.officer.get(RULES).status_code == way.author.get(RULES).status_code == 403


def test_of_two_that_replace_the_same_one_holds(way: Way, admin: Person) -> None:
    other = way.people.staff("admin", "")
    both = [partial(publish, who, TO_OFFICER | {"name": name}) for who, name in ((admin, "one"), (other, "two"))]
    assert sorted(answer.status_code for answer in at_once(*both)) == [201, 412]
    assert admin.get(RULES).get_json()["version"] == 1
