"""A level gives a case to one below in its own area, a level above takes it back, and neither gains anybody time."""

from typing import Any

import pytest

from participate.catalogue import queries as catalogue
from participate.kernel import deadlines
from participate.kernel.auth import Grant
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once, code_of

pytestmark = pytest.mark.usefixtures("clock")


def shown(who: Person, way: Way, submission: str) -> dict[str, Any]:
    found: dict[str, Any] = who.get(f"/v1/cases/{way.case(submission)}").get_json()
    return found


def at_the_street(way: Way, kind: str = "snap_report") -> str:
    """A submission whose case the street has to dispatch."""
    submission = way.accepted(kind)
    assert way.act(way.supervisor, submission, "escalate", note="Too much for the community.").status_code == 200
    return submission


def heard(way: Way, move: str) -> dict[str, Any]:
    items = way.author.get("/v1/me/updates?limit=100").get_json()["items"]
    (found,) = [item for item in items if item["fact"] == move]
    return dict(found)


def test_it_goes_down_to_somebody_and_back_up_while_its_time_runs_on(way: Way, clock: HeldClock) -> None:
    street, submission = way.people.staff("dispatcher", way.cell[:9]), at_the_street(way)
    due = shown(street, way, submission)["due_at"]
    clock.forward(hours=1)
    answer = way.act(street, submission, "assign_down", to_area=way.cell, to={"assignee": way.officer.account_id})
    sent = answer.get_json()
    assert (answer.status_code, sent["state"], sent["level"], sent["area"]) == (200, "dispatched", 1, way.cell)
    assert (sent["assignee"], sent["due_at"]) == (way.officer.account_id, due)
    assert heard(way, "assign_down")["text"].endswith("that is who has it now.")
    assert way.act(way.officer, submission, "object", note="Not mine.").status_code == 200, (
        "nobody has decided that yet"
    )
    clock.forward(hours=1)
    assert way.act(street, submission, "take_back").get_json()["errors"][0]["field"] == "note"
    back = way.act(street, submission, "take_back", note="We send the street's own crew.").get_json()
    assert (back["state"], back["level"], back["area"], back["due_at"]) == ("filed", 2, way.cell[:9], due)
    assert "take_back" not in back["moves"], "it is the street's own now"
    assert "sees to it itself" in heard(way, "take_back")["text"]
    holders = shown(street, way, submission)["holders"]
    held = [(each["level"], each["assignee"], each["total_minutes"]) for each in holders]
    assert held[-2:] == [(1, way.officer.account_id, 60), (2, None, 0)]


def test_sent_down_to_nobody_it_waits_for_the_lower_level_s_dispatcher_until_a_deadline(
    way: Way, clock: HeldClock
) -> None:
    street, submission = way.people.staff("dispatcher", way.cell[:9]), at_the_street(way)
    sent = way.act(street, submission, "assign_down", to_area=way.cell[:12]).get_json()
    assert (sent["state"], sent["level"], sent["assignee"]) == ("filed", 1, None)
    clock.forward(hours=10)  # More than the four hours in which somebody has to be named, less than its own time.
    deadlines.sweep()
    way.work()
    assert (shown(street, way, submission)["state"], shown(street, way, submission)["level"]) == ("filed", 2)


def test_it_goes_nowhere_but_down_its_own_area_to_one_who_can_have_it(way: Way, clock: HeldClock) -> None:
    street, submission = way.people.staff("dispatcher", way.cell[:9]), at_the_street(way)
    there, unit = way.cell[:12], str(catalogue.units(1)["items"][0]["id"])
    for fields, fault in (
        ({}, ("to_area", "required")),
        ({"to_area": way.cell[:9]}, ("to_area", "not_below")),
        ({"to_area": way.cell[:6]}, ("to_area", "not_below")),
        ({"to_area": "990102001001"}, ("to_area", "not_below")),
        ({"to_area": f"{way.cell[:9]}999"}, ("to_area", "not_below")),
        ({"to_area": "4301zz"}, ("to_area", "form")),
        ({"to_area": there, "to": {"assignee": way.author.account_id}}, ("to.assignee", "no_handler")),
        ({"to_area": there, "to": {"assignee": way.officer.account_id, "unit": unit}}, ("to", "one_holder")),
    ):
        answer = way.act(street, submission, "assign_down", **fields)
        (told,) = answer.get_json()["errors"]
        assert (answer.status_code, told["field"], told["code"]) == (422, *fault), fields
    assert shown(street, way, submission)["version"] == 3, "what was refused has left nothing behind"
    below = way.people.staff("dispatcher", there)
    assert code_of(way.act(below, submission, "assign_down", to_area=there)) == (404, "not_found")
    assert way.act(street, submission, "assign_down", to_area=there).status_code == 200
    assert code_of(way.act(below, submission, "take_back", note="Ours.")) == (403, "move_not_yours")
    assert code_of(way.act(below, submission, "assign_down", to_area=way.cell)) == (409, "bottom_level")


def test_what_is_sealed_goes_down_to_a_supervisor_or_not_at_all(way: Way) -> None:
    watcher = way.people.staff("supervisor", way.cell)
    submission = way.accepted("micro_supervision", by=way.people.resident())
    assert way.act(way.supervisor, submission, "escalate", note="Too much for us.").status_code == 200
    for to in ({}, {"to": {"assignee": way.officer.account_id}}):
        assert way.act(way.supervisor, submission, "assign_down", to_area=way.cell, **to).status_code == 422
    to = {"assignee": watcher.account_id}
    assert way.act(way.supervisor, submission, "assign_down", to_area=way.cell, to=to).status_code == 200


def test_of_two_who_take_it_back_at_once_one_does(way: Way) -> None:
    city = [way.people.staff_with(Grant("dispatcher", "9901")) for _ in range(2)]
    submission = way.accepted()
    path = f"/v1/cases/{way.case(submission)}"

    def take(who: Person) -> int:
        return who.post(f"{path}/moves", {"move": "take_back", "note": "The city sees to it."}).status_code

    assert sorted(at_once(lambda: take(city[0]), lambda: take(city[1]))) == [200, 403]
    assert (shown(city[0], way, submission)["level"], shown(city[0], way, submission)["version"]) == (4, 3)
