"""A broken promise, or what was opened again twice, suggests a supervision to those whose work it is not about."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from participate.cases.clues import service
from participate.kernel import deadlines
from participate.kernel.auth import Grant
from participate.kernel.clock import now
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once, code_of

WAITING = "/v1/clues"


def clues(who: Person, state: str = "waiting") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = who.get(f"{WAITING}?state={state}").get_json()["items"]
    return found


def broken(way: Way, clock: HeldClock) -> str:
    """A submission whose promise was broken."""
    submission = way.started()
    reply = "The humps are planned for the spring; the road office lays them once the ground is dry."
    until = (now() + timedelta(days=10)).isoformat()
    answer = way.act(way.officer, submission, "resolve", note=reply, answer_class="B", due_at=until)
    assert answer.status_code == 200, answer.get_json()
    clock.forward(days=11)
    deadlines.sweep()
    way.work()
    return submission


def reopen(way: Way, submission: str) -> None:
    """Its author says that it is not resolved, once more."""
    assert way.move(way.author, submission, "reopen", note="It is still there.").status_code == 200
    for name in ("start", "resolve"):
        photos = {"photo_ids": [way.photo(way.officer)], "note": "Filled in."} if name == "resolve" else {}
        assert way.act(way.officer, submission, name, **photos).status_code == 200
    assert way.act(way.supervisor, submission, "verify").status_code == 200


def test_a_broken_promise_is_a_clue_once(clock: HeldClock, way: Way) -> None:
    submission = broken(way, clock)
    (clue,) = clues(way.supervisor)
    assert (clue["cause"], clue["about_id"], clue["moves"]) == ("commitment_missed", submission, ["take_up", "dismiss"])

    def find(cause: str) -> None:
        with way.app.app_context():
            service.find_broken(cause, submission, clue["area"])

    for cause in (clue["cause_id"], way.case(submission)):
        at_once(*[partial(find, cause)] * 2)
    assert len(clues(way.supervisor)) == 2, "the second is another cause"


def test_what_was_opened_again_twice_is_a_clue_and_not_before(way: Way) -> None:
    submission, other = way.answered(), way.people.staff("supervisor")
    reopen(way, submission)
    assert clues(other) == []
    reopen(way, submission)
    assert [(each["cause"], each["about_id"]) for each in clues(other)] == [("reopened_twice", submission)]
    assert clues(way.supervisor) == [], "they have verified it"


def test_nobody_whose_work_or_unit_it_is_about_sees_it(clock: HeldClock, way: Way) -> None:
    submission, unit = way.started(), "019a0000-9901-7000-8000-000000000001"
    theirs = way.people.staff_with(Grant("supervisor", "990101"), Grant("handler", None, unit))
    below = way.people.staff_with(
        Grant("supervisor", "990101"), Grant("handler", None, "019a0000-9901-7000-8000-000000000002")
    )
    both = way.people.staff_with(Grant("supervisor", "990101"), Grant("dispatcher", "990101"))
    to = {"unit": unit}
    assert way.act(both, submission, "reassign", to=to, note="Theirs.").status_code == 200
    service.find_broken(submission, submission, way.cell)
    (clue,) = clues(way.supervisor)
    for who in (theirs, below, both):
        assert clues(who) == []
        assert who.get(f"{WAITING}/{clue['id']}").status_code == 404
        assert who.post(f"{WAITING}/{clue['id']}/moves", {"move": "dismiss", "note": "x"}).status_code == 404
    for who in (way.officer, way.dispatcher, way.author, way.moderator):
        assert who.get(WAITING).status_code == 403
    assert clues(way.people.staff("supervisor", "990102")) == []
    assert [each["moves"] for each in clues(way.people.staff("auditor"))] == [[]]


def test_to_take_it_up_hands_in_a_supervision_that_others_handle(clock: HeldClock, way: Way) -> None:
    submission = broken(way, clock)
    (clue,) = clues(way.supervisor)
    path = f"{WAITING}/{clue['id']}/moves"
    assert way.supervisor.post(path, {"move": "take_up"}).status_code == 422
    taken = way.supervisor.post(path, {"move": "take_up", "note": "Twice put off: where did the money go?"})
    assert (taken.status_code, taken.get_json()["state"]) == (200, "taken_up")
    way.work()
    made = way.supervisor.get(f"/v1/submissions/{taken.get_json()['supervision_id']}").get_json()
    assert made["details"] == {"target": "case", "watched_submission": submission}
    other, moderator = way.people.staff("supervisor"), way.people.staff("moderator")
    assert [each["supervision_id"] for each in clues(other, "taken_up")] == [None]
    assert way.decide(made["id"], "accept", by=moderator).status_code == 200
    assert other.get(f"/v1/cases/{way.case(made['id'])}").get_json()["assignee"] == other.account_id
    assert way.moderator.get(f"/v1/submissions/{made['id']}").status_code == 404, "they accepted what it is about"


@pytest.mark.parametrize("name", ["take_up", "dismiss"])
def test_of_two_at_once_one_settles_it(way: Way, name: str) -> None:
    submission = way.accepted()
    service.find_broken(submission, submission, way.cell)
    (clue,) = clues(way.supervisor)
    others = way.supervisor, way.people.staff("supervisor")
    said = at_once(
        *(partial(who.post, f"{WAITING}/{clue['id']}/moves", {"move": name, "note": "So."}) for who in others)
    )
    assert sorted(each.status_code for each in said) == [200, 409]
    assert code_of(way.supervisor.post(f"{WAITING}/{clue['id']}/moves", {"move": name, "note": "So."})) == (
        409,
        "wrong_state",
    )


def test_a_supervision_suggests_no_other(way: Way) -> None:
    submission = way.accepted("micro_supervision", details={"watched": "Works"})
    service.find_broken(submission, submission, way.cell)
    assert clues(way.supervisor) == []
