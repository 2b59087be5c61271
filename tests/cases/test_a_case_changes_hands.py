"""A case finds another holder: by objection, by the dispatcher's word, or one level up when its time is over."""

from typing import Any

import pytest

from participate.catalogue import queries as catalogue
from participate.kernel import deadlines, outbox
from tests.conftest import HeldClock
from tests.people import Grant, Person
from tests.steps import ELSEWHERE, HERE, Way, code_of

pytestmark = pytest.mark.usefixtures("clock")
UNKNOWN = "019aafc3-7c00-7000-8000-000000000001"


def shown(who: Person, submission: str, way: Way) -> dict[str, Any]:
    answer = who.get(f"/v1/cases/{way.case(submission)}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def sweep(way: Way) -> None:
    deadlines.sweep()
    way.work()


@pytest.fixture
def city(way: Way) -> Person:
    """Sees every level."""
    return way.people.staff("dispatcher", "9901")


def test_an_objection_lets_the_dispatcher_decide(way: Way) -> None:
    submission = way.accepted()
    answer = way.act(way.officer, submission, "object", note="Not mine.")
    assert (answer.status_code, answer.get_json()["state"]) == (200, "objected")
    neighbour = way.people.staff("grid_officer", way.cell)
    answer = way.act(way.dispatcher, submission, "dispatch", to={"assignee": neighbour.account_id})
    assert (answer.get_json()["state"], answer.get_json()["assignee"]) == ("dispatched", neighbour.account_id)
    assert way.officer.get("/v1/cases?view=mine").get_json()["items"] == []
    assert way.act(neighbour, submission, "accept").status_code == 200
    assert code_of(way.act(way.officer, submission, "start")) == (403, "move_not_yours")


def test_objections_that_repeat_at_one_level_take_it_up(way: Way, city: Person) -> None:
    """Whom the dispatcher names does not send it back; who gets it from them may object, and that is enough."""
    submission, named, third = way.accepted(), *(way.people.staff("grid_officer", way.cell) for _ in range(2))
    way.act(way.officer, submission, "object", note="Not mine.")
    way.act(way.dispatcher, submission, "dispatch", to={"assignee": named.account_id})
    assert code_of(way.act(named, submission, "object", note="Nor mine.")) == (409, "designated")
    to = {"assignee": third.account_id}
    assert way.act(named, submission, "hand_over", note="Yours, rather.", to=to).status_code == 200
    answer = way.act(third, submission, "object", note="Belongs to the water works.")
    assert (answer.status_code, answer.get_json()["state"], answer.get_json()["level"]) == (200, "filed", 2)
    steps = city.get(f"/v1/cases/{way.case(submission)}/timeline?limit=100").get_json()["items"]
    last = [(step["move"], step["by"], step["note"]) for step in steps[-2:]]
    assert last == [("object", "assignee", "Belongs to the water works."), ("escalate", "system", last[0][2])]
    crew = way.people.staff("handler", way.cell[:9])
    way.act(city, submission, "dispatch", to={"assignee": crew.account_id})
    assert way.act(crew, submission, "object", note="Not ours.").get_json()["state"] == "objected", "a level of its own"


def test_an_objection_gives_its_ground(way: Way) -> None:
    answer = way.act(way.officer, way.accepted(), "object")
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "note")


def test_a_unit_s_people_act_for_it(way: Way) -> None:
    unit = str(catalogue.units(1)["items"][0]["id"])
    handlers = [way.people.staff("handler", unit=unit) for _ in range(2)]
    submission = way.accepted("micro_service", place=HERE | {"lat": HERE["lat"] + 0.01})
    answer = way.act(way.dispatcher, submission, "dispatch", to={"unit": unit})
    assert (answer.get_json()["unit"], answer.get_json()["assignee"]) == (unit, None)
    assert way.act(handlers[0], submission, "accept").status_code == 200
    assert way.act(handlers[1], submission, "start").status_code == 200
    assert way.act(handlers[0], submission, "resolve", note="The old sofa was collected today.").status_code == 200
    assert way.state(submission) == "in_verification"


@pytest.mark.parametrize("holder", ["nobody", "both", "unknown", "unknown unit", "resident", "moderator", "far off"])
def test_a_case_is_given_to_one_who_can_handle_it(way: Way, holder: str) -> None:
    unit = str(catalogue.units(1)["items"][0]["id"])
    far = way.people.staff("grid_officer", "990102")
    to, fault = {
        "nobody": ({}, ("to", "required")),
        "both": ({"assignee": way.officer.account_id, "unit": unit}, ("to", "one_holder")),
        "unknown": ({"assignee": UNKNOWN}, ("to.assignee", "no_handler")),
        "unknown unit": ({"unit": UNKNOWN}, ("to.unit", "unknown_code")),
        "resident": ({"assignee": way.author.account_id}, ("to.assignee", "no_handler")),
        "moderator": ({"assignee": way.moderator.account_id}, ("to.assignee", "no_handler")),
        "far off": ({"assignee": far.account_id}, ("to.assignee", "no_handler")),
    }[holder]
    submission = way.accepted(place=HERE | {"lat": HERE["lat"] + 0.01})
    answer = way.act(way.dispatcher, submission, "dispatch", to=to)
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.get_json()["errors"]] == [fault]
    assert shown(way.dispatcher, submission, way)["state"] == "filed"


def test_the_dispatcher_may_give_it_to_another_while_the_clock_runs(way: Way, clock: HeldClock) -> None:
    submission = way.started()
    due = shown(way.officer, submission, way)["due_at"]
    other = way.people.staff("grid_officer", way.cell)
    clock.forward(hours=1)
    assert way.act(way.dispatcher, submission, "reassign", to={"assignee": other.account_id}).status_code == 422
    answer = way.act(way.dispatcher, submission, "reassign", note="On leave.", to={"assignee": other.account_id})
    moved = answer.get_json()
    assert (moved["state"], moved["assignee"], moved["due_at"]) == ("dispatched", other.account_id, due)
    assert way.act(other, submission, "accept").status_code == 200
    assert way.act(other, submission, "start").status_code == 200
    assert way.state(submission) == "in_progress"


def test_escalated_it_is_the_next_level_s_and_the_officer_s_no_more(way: Way, city: Person, clock: HeldClock) -> None:
    submission = way.started()
    clock.forward(days=1)
    case = way.case(submission)
    answer = way.act(way.officer, submission, "escalate", note="The pipe below is broken.")
    assert answer.status_code == 200
    moved = shown(city, submission, way)
    assert (moved["level"], moved["area"], moved["state"]) == (2, way.cell[:9], "filed")
    assert (moved["assignee"], moved["unit"], moved["cell"]) == (None, None, way.cell)
    assert moved["due_at"] == "2026-11-27T02:00:00Z", "the next level has its own three work days"
    assert way.officer.get(f"/v1/cases/{case}").status_code == 404
    assert way.officer.get("/v1/cases?view=area").get_json()["items"] == []
    street = way.people.staff("dispatcher", way.cell[:9])
    assert way.act(street, submission, "dispatch", to={"assignee": way.officer.account_id}).status_code == 422
    crew = way.people.staff("handler", way.cell[:9])
    assert way.act(street, submission, "dispatch", to={"assignee": crew.account_id}).status_code == 200


def test_it_goes_up_to_the_city_and_no_further(way: Way, city: Person) -> None:
    submission = way.accepted()
    for level, digits in ((2, 9), (3, 6), (4, 4)):
        assert way.act(city, submission, "escalate", note="Too much for us.").status_code == 200
        moved = shown(city, submission, way)
        assert (moved["level"], moved["area"]) == (level, way.cell[:digits])
    assert code_of(way.act(city, submission, "escalate", note="Too much for us.")) == (409, "top_level")
    assert way.dispatcher.get(f"/v1/cases/{way.case(submission)}").status_code == 404, "the district has passed it on"


def test_what_lies_nowhere_has_no_level_above(way: Way) -> None:
    submission = way.accepted(place=ELSEWHERE)
    assert code_of(way.act(way.dispatcher, submission, "escalate", note="Whose?")) == (409, "top_level")


def test_what_nobody_takes_on_in_time_goes_up(way: Way, city: Person, clock: HeldClock) -> None:
    submission = way.accepted()
    clock.forward(hours=2, seconds=-1)
    sweep(way)
    assert shown(city, submission, way)["level"] == 1
    clock.forward(seconds=1)
    sweep(way)
    moved = shown(city, submission, way)
    assert (moved["level"], moved["state"], moved["assignee"]) == (2, "filed", None)
    # Four work hours to dispatch it, and then the level above, until there is none.
    for level in (3, 4, 4, 4):
        clock.forward(days=1)
        sweep(way)
        assert shown(city, submission, way)["level"] == level
    assert outbox.backlog() == {}


def test_what_is_not_done_in_time_goes_up(way: Way, city: Person, clock: HeldClock) -> None:
    submission = way.started()
    clock.forward(days=3, seconds=-1)
    sweep(way)
    assert shown(city, submission, way)["level"] == 1
    clock.forward(seconds=1)
    sweep(way)
    assert (shown(city, submission, way)["level"], way.state(submission)) == (2, "in_progress")
    assert way.officer.get("/v1/cases?view=mine").get_json()["items"] == []
    items = city.get(f"/v1/cases/{way.case(submission)}/timeline").get_json()["items"]
    assert [(item["move"], item["by"]) for item in items][-1] == ("escalate", "system")


def test_what_is_done_in_time_stays(way: Way, clock: HeldClock) -> None:
    submission = way.resolved()
    clock.forward(days=1)  # The verification has two work days; what came before had hours.
    sweep(way)
    assert (shown(way.supervisor, submission, way)["level"], way.state(submission)) == (1, "in_verification")


def test_two_duties_missed_at_once_are_one_level(way: Way, city: Person, clock: HeldClock) -> None:
    """After a weekend without a worker, taking it on and doing it are both overdue."""
    submission = way.accepted()
    clock.forward(days=7)
    sweep(way)
    assert shown(city, submission, way)["level"] == 2


def test_what_was_taken_on_before_the_worker_looked_stays(way: Way, city: Person, clock: HeldClock) -> None:
    submission = way.accepted()
    clock.forward(hours=3)
    deadlines.sweep()
    way.officer.post(f"/v1/cases/{way.case(submission)}/moves", {"move": "accept"})
    way.work()
    assert (shown(city, submission, way)["state"], shown(city, submission, way)["level"]) == ("accepted", 1)


def test_what_lies_nowhere_stays_with_the_dispatchers(way: Way, clock: HeldClock) -> None:
    submission = way.accepted(place=ELSEWHERE)
    clock.forward(days=30)
    sweep(way)
    (case,) = way.dispatcher.get("/v1/cases?view=unrouted").get_json()["items"]
    assert (case["submission_id"], case["overdue"]) == (submission, True)
    assert outbox.backlog() == {}


def test_a_late_verification_is_the_next_level_s(way: Way, clock: HeldClock, city: Person) -> None:
    submission = way.resolved()
    before = shown(city, submission, way)
    clock.forward(days=3)
    sweep(way)
    after = shown(city, submission, way)
    assert (after["state"], after["level"], after["area"]) == ("resolved", before["level"] + 1, before["area"][:9])
    assert after["assignee"] == before["assignee"], "who did the work is not who verifies it"
    assert after["due_at"] > before["due_at"], "the level above has a deadline of its own"
    sweep(way)
    assert shown(city, submission, way) == after, "once"
    assert way.act(way.supervisor, submission, "verify").status_code == 200


def test_nobody_is_given_what_they_have_asked_for(way: Way) -> None:
    submission = way.accepted(by=way.officer)
    to = {"assignee": way.officer.account_id}
    for move in ("dispatch", "reassign"):
        refused = way.act(way.dispatcher, submission, move, to=to, note="Yours.")
        assert (refused.status_code, refused.get_json()["errors"][0]["code"]) == (422, "no_handler")
        neighbour = way.people.staff("grid_officer", way.cell)
        named = way.act(way.dispatcher, submission, move, to={"assignee": neighbour.account_id}, note="Yours.")
        assert named.status_code == 200, named.get_json()


def test_what_is_sealed_stays_with_supervisors_whoever_names_them(way: Way) -> None:
    both = way.people.staff_with(Grant("dispatcher", "9901"), Grant("supervisor", "9901"))
    unit = str(catalogue.units(1)["items"][0]["id"])
    submission = way.accepted("micro_supervision")
    for to in ({"assignee": way.officer.account_id}, {"assignee": way.dispatcher.account_id}, {"unit": unit}):
        refused = way.act(both, submission, "reassign", to=to, note="Yours.")
        assert refused.status_code == 422, to
    other = way.people.staff("supervisor")
    assert way.act(both, submission, "reassign", to={"assignee": other.account_id}, note="Yours.").status_code == 200


def test_what_is_sealed_goes_to_nobody_of_the_unit_that_it_is_about(way: Way) -> None:
    elsewhere, about = (str(unit["id"]) for unit in catalogue.units(2)["items"])  # The first is above the second.
    theirs, other = (
        way.people.staff_with(Grant("supervisor", way.cell), Grant("handler", None, unit))
        for unit in (about, elsewhere)
    )
    submission = way.accepted("micro_supervision", details={"watched_unit": about})
    assert shown(way.supervisor, submission, way)["assignee"] == other.account_id, "though both are as near"
    for fields in ({"to": {"assignee": theirs.account_id}}, {"to": {"assignee": way.author.account_id}}):
        assert way.act(other, submission, "hand_over", note="Yours.", **fields).status_code == 422
    divided = way.act(
        way.supervisor, submission, "divide", title="The books", note="Look.", to={"assignee": theirs.account_id}
    )
    assert [each["field"] for each in divided.get_json()["errors"]] == ["to.assignee"]
    to = {"assignee": way.supervisor.account_id}
    assert way.act(other, submission, "hand_over", note="Yours.", to=to).status_code == 200
