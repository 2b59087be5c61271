"""Officers, units, dispatchers and supervisors each see the cases of their part, the most pressing first."""

import pytest

from participate.catalogue import queries as catalogue
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import ELSEWHERE, HERE, Way, code_of

NORTH = HERE | {"lat": HERE["lat"] + 0.01}


def listed(who: Person, view: str) -> list[str]:
    answer = who.get(f"/v1/cases?limit=100&view={view}")
    assert answer.status_code == 200, answer.get_json()
    return [item["submission_id"] for item in answer.get_json()["items"]]


def test_mine_is_what_i_hold(way: Way) -> None:
    mine = way.accepted()
    way.accepted(place=NORTH)
    assert listed(way.officer, "mine") == [mine]
    assert listed(way.dispatcher, "mine") == []


def test_without_a_view_it_is_mine(way: Way) -> None:
    mine = way.accepted()
    items = way.officer.get("/v1/cases").get_json()["items"]
    assert [item["submission_id"] for item in items] == [mine]


def test_area_is_what_lies_in_my_scope(way: Way) -> None:
    mine, north, nowhere = way.accepted(), way.accepted(place=NORTH), way.accepted(place=ELSEWHERE)
    assert listed(way.officer, "area") == [mine]
    assert listed(way.people.staff("supervisor"), "area") == [mine, north]
    assert listed(way.dispatcher, "area") == [mine, north, nowhere]
    assert listed(way.people.staff("dispatcher", "990102"), "area") == [nowhere]
    assert listed(way.people.staff("auditor", "9901"), "area") == [mine, north, nowhere]


def test_unit_is_what_my_unit_holds(way: Way) -> None:
    mine, other = (str(unit["id"]) for unit in catalogue.units(2)["items"])
    handler = way.people.staff("handler", unit=mine)
    held, elsewhere = way.accepted(place=NORTH), way.accepted(place=NORTH)
    way.act(way.dispatcher, held, "dispatch", to={"unit": mine})
    way.act(way.dispatcher, elsewhere, "dispatch", to={"unit": other})
    assert listed(handler, "unit") == [held]
    assert listed(handler, "mine") == listed(handler, "area") == []
    assert handler.get(f"/v1/cases/{way.case(held)}").get_json()["moves"] == [
        "hand_over",
        "accept",
        "object",
        "divide",
        "escalate",
    ]
    assert code_of(handler.get(f"/v1/cases/{way.case(elsewhere)}")) == (404, "not_found")


def test_overdue_is_what_is_late(way: Way, clock: HeldClock) -> None:
    late = way.accepted()
    way.act(way.officer, late, "accept")
    clock.forward(days=2)
    fresh = way.accepted()
    assert listed(way.officer, "overdue") == []
    clock.forward(days=1, seconds=1)
    assert listed(way.officer, "overdue") == [late]
    flags = {item["submission_id"]: item["overdue"] for item in way.officer.get("/v1/cases").get_json()["items"]}
    assert flags == {late: True, fresh: False}


def test_unrouted_is_what_nobody_holds(way: Way) -> None:
    way.accepted()
    filed, objected = way.accepted(place=NORTH), way.accepted()
    way.act(way.officer, objected, "object", note="Not mine.")
    assert listed(way.dispatcher, "unrouted") == [filed, objected]


def test_what_is_over_is_in_no_view(way: Way) -> None:
    closed, cancelled = way.answered(), way.accepted()
    way.move(way.author, closed, "rate", resolved=True, satisfaction=5)
    way.move(way.author, cancelled, "withdraw")
    for view in ("mine", "area", "unit", "overdue", "unrouted"):
        assert listed(way.officer, view) == listed(way.dispatcher, view) == []
    assert way.officer.get(f"/v1/cases/{way.case(closed)}").status_code == 200


def test_the_most_pressing_comes_first(way: Way, clock: HeldClock) -> None:
    usual = way.accepted()
    clock.forward(minutes=10)
    urgent = way.accepted(category="C0101", details={"condition": "C0101-3"})
    later = way.accepted()
    assert listed(way.officer, "mine") == [urgent, usual, later]


@pytest.mark.usefixtures("clock")
def test_a_case_is_not_sent_again_until_it_changes(way: Way) -> None:
    submission = way.accepted()
    for path in (f"/v1/cases/{way.case(submission)}", "/v1/cases"):
        held = {"If-None-Match": way.officer.get(path).headers["ETag"]}
        assert way.officer.get(path, headers=held).status_code == 304
    way.act(way.officer, submission, "accept")
    assert way.officer.get(path, headers=held).status_code == 200


@pytest.mark.parametrize("query", ["view=all", "view=", "colour=red"])
def test_what_cannot_be_asked_is_refused(way: Way, query: str) -> None:
    assert way.officer.get(f"/v1/cases?{query}").status_code == 422


def test_beyond_my_scope_a_case_is_as_one_that_there_is_not(way: Way) -> None:
    case, unknown = way.case(way.accepted()), "019aafc3-7c00-7000-8000-000000000001"
    for who in (way.people.staff("grid_officer", way.cell[:-3] + "999"), way.people.staff("supervisor", "990102")):
        for path in ("/v1/cases/{}", "/v1/cases/{}/timeline"):
            assert code_of(who.get(path.format(case))) == (404, "not_found")
            assert who.get(path.format(case)).data == who.get(path.format(unknown)).data
        assert code_of(who.post(f"/v1/cases/{case}/moves", {"move": "escalate", "note": "?"})) == (404, "not_found")


def test_the_desk_is_not_for_residents(way: Way) -> None:
    case = way.case(way.accepted())
    for who in (way.author, way.moderator, way.people.staff("member"), way.people.staff("evaluator")):
        for path in ("/v1/cases", f"/v1/cases/{case}", f"/v1/cases/{case}/timeline"):
            assert code_of(who.get(path)) == (403, "role_lacking")
        assert code_of(who.post(f"/v1/cases/{case}/moves", {"move": "accept"})) == (403, "role_lacking")
    assert code_of(way.people.nobody().get("/v1/cases")) == (401, "sign_in")
