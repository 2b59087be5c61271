"""A call that is not made in time is late for all to see who may make it, and who dispatches there is told so."""

from typing import Any

from sqlalchemy import func, select

from participate.kernel import deadlines
from participate.kernel.db import rows
from participate.kernel.deadlines import Deadline
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once

PHONE = "+8613900001234"


def calls(who: Person, view: str = "mine") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = who.get(f"/v1/calls?view={view}").get_json()["items"]
    return found


def told(who: Person) -> list[str]:
    items = who.get("/v1/me/updates?limit=100").get_json()["items"]
    return [each["text"] for each in items if each["fact"] == "call_missed"]


def settle(who: Person, call: dict[str, Any], reached: bool) -> Any:
    headers = {"If-Match": f'"{call["version"]}-0a"'}
    return who.post(f"/v1/calls/{call['id']}/result", {"reached": reached}, headers=headers)


def passed(way: Way, clock: HeldClock, days: int) -> None:
    """So many days are over, and the sweep has come by."""
    clock.forward(days=days, minutes=1)
    deadlines.sweep()
    way.work()


def waiting(call: str) -> int:
    """How many deadlines of the call run."""
    held = Deadline
    open_ = held.subject_id == call, held.settled_at.is_(None), held.fired_at.is_(None)
    return int(rows(select(func.count()).select_from(held).where(*open_))[0][0])


def test_it_is_passed_on_each_work_day_until_somebody_calls(way: Way, clock: HeldClock) -> None:
    elsewhere = way.people.staff("dispatcher", "990102")
    way.accepted_for(PHONE)
    (call,) = calls(way.officer)
    assert (call["overdue"], call["missed"], calls(way.officer, "late")) == (False, 0, [])
    passed(way, clock, 1)
    for who, view in ((way.officer, "mine"), (way.officer, "late"), (way.dispatcher, "area"), (way.dispatcher, "late")):
        (late,) = calls(who, view)
        assert (late["id"], late["overdue"], late["missed"]) == (call["id"], True, 1)
    assert [len(told(who)) for who in (way.officer, way.dispatcher, way.supervisor, elsewhere)] == [1, 1, 0, 0]
    assert call["reference"] in told(way.dispatcher)[0]
    passed(way, clock, 1)
    assert [len(told(who)) for who in (way.officer, way.dispatcher, way.supervisor, elsewhere)] == [2, 2, 1, 0]
    (late,) = calls(way.dispatcher, "late")
    assert late["missed"] == 2
    assert (late["opened_at"], late["due_at"]) == (call["opened_at"], call["due_at"]), "it was due then, and still is"
    assert calls(elsewhere, "late") == []
    assert settle(way.dispatcher, late, reached=True).status_code == 200
    assert calls(way.dispatcher, "late") == calls(way.officer) == []
    assert waiting(call["id"]) == 0
    passed(way, clock, 3)
    assert len(told(way.dispatcher)) == 2


def test_nobody_whom_it_is_about_or_who_has_no_business_there_hears_of_it(way: Way, clock: HeldClock) -> None:
    submission = way.accepted_for(PHONE)
    passed(way, clock, 1)
    for who in (way.moderator, way.people.resident()):
        assert (told(who), who.get("/v1/calls?view=late").status_code) == ([], 403)
    colleague = way.people.staff("grid_officer", way.cell)
    assert (told(colleague), calls(colleague, "late")) == ([], [])
    said = " ".join(told(way.dispatcher)) + str(calls(way.dispatcher, "late"))
    assert "Granny Li" not in said
    assert PHONE[-8:] not in said
    assert way.dispatcher.get(f"/v1/submissions/{submission}").status_code == 200, "they see what it is about"


def test_who_was_not_reached_is_called_the_next_work_day(way: Way, clock: HeldClock) -> None:
    way.accepted_for(PHONE)
    (call,) = calls(way.officer)
    clock.forward(hours=5)
    tried = settle(way.officer, call, reached=False).get_json()
    assert (tried["tries"], tried["missed"], waiting(call["id"])) == (1, 0, 1)
    clock.forward(hours=20)
    deadlines.sweep()
    way.work()
    assert told(way.dispatcher) == [], "the work day since then is not over"
    passed(way, clock, 1)
    assert len(told(way.dispatcher)) == 1


def test_whoever_has_called_before_the_worker_looks_is_not_told(way: Way, clock: HeldClock) -> None:
    way.accepted_for(PHONE)
    (call,) = calls(way.officer)
    clock.forward(days=1, minutes=1)
    assert deadlines.sweep() > 0
    assert settle(way.officer, call, reached=True).status_code == 200
    way.work()
    assert told(way.dispatcher) == told(way.officer) == []


def test_made_and_missed_at_once_it_is_one_of_both(way: Way, clock: HeldClock) -> None:
    way.accepted_for(PHONE)
    (call,) = calls(way.officer)
    clock.forward(days=1, minutes=1)
    deadlines.sweep()

    def work() -> int:
        with way.app.app_context():
            return way.work()

    done, _ = at_once(lambda: settle(way.officer, call, reached=True).status_code, work)
    way.work()
    assert done == 200
    assert waiting(call["id"]) == 0, "what was made waits for nobody"
    assert len(told(way.dispatcher)) in {0, 1}
