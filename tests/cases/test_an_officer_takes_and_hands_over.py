"""What has no holder yet is taken by one officer of the place; a holder hands over to a colleague who could hold it."""

from collections import Counter
from functools import partial
from random import Random

import pytest

from participate.catalogue import queries as catalogue
from tests.people import Person
from tests.steps import HERE, Way, at_once, code_of

DISTRICT = "990101"
NORTH = HERE | {"lat": HERE["lat"] + 0.01}
OFFICERS, CASES, TRIES = 20, 50, 10


def take(way: Way, who: Person, submission: str) -> tuple[int, str]:
    answer = way.act(who, submission, "take")
    return (200, answer.get_json()["state"]) if answer.status_code == 200 else code_of(answer)


def hand_over(way: Way, who: Person, submission: str, to: Person) -> tuple[int, str]:
    answer = way.act(who, submission, "hand_over", to={"assignee": to.account_id}, note="I am away.")
    if answer.status_code == 422:
        return 422, answer.get_json()["errors"][0]["code"]
    return (200, answer.get_json()["state"]) if answer.status_code == 200 else code_of(answer)


def test_an_officer_of_the_place_takes_what_nobody_has(way: Way) -> None:
    submission, officer = way.accepted(place=NORTH), way.people.staff("grid_officer", DISTRICT)
    assert take(way, way.officer, submission) == (404, "not_found")
    for who in (way.dispatcher, way.supervisor):
        assert take(way, who, submission) == (403, "move_not_yours")
    assert take(way, officer, submission) == (200, "accepted")
    shown = officer.get(f"/v1/cases/{way.case(submission)}").get_json()
    assert (shown["assignee"], shown["state"]) == (officer.account_id, "accepted")
    assert way.state(submission) == "assigned"
    assert take(way, officer, submission) == (409, "wrong_state")
    assert way.act(officer, submission, "start").status_code == 200


def test_nobody_takes_their_own_report(way: Way) -> None:
    officer = way.people.staff("grid_officer", DISTRICT)
    assert take(way, officer, way.accepted(by=officer, place=NORTH)) == (409, "own_submission")


def test_twenty_officers_and_fifty_cases_make_one_owner_each(way: Way) -> None:
    officers = [way.people.staff("grid_officer", DISTRICT) for _ in range(OFFICERS)]
    paths = [f"/v1/cases/{way.case(way.accepted(place=NORTH))}" for _ in range(CASES)]
    tried = [Random(number).sample(paths, TRIES) for number in range(OFFICERS)]

    def claim(officer: Person, wanted: list[str]) -> list[tuple[str, int]]:
        return [(path, officer.post(f"{path}/moves", {"move": "take"}).status_code) for path in wanted]

    claimed = [pair for pairs in at_once(*map(partial, [claim] * OFFICERS, officers, tried)) for pair in pairs]
    assert {status for _, status in claimed} == {200, 409}
    assert Counter(path for path, status in claimed if status == 200) == Counter({path for path, _ in claimed})
    held = [len(each.get("/v1/cases?limit=100").get_json()["items"]) for each in officers]
    assert sum(held) == len({path for path, _ in claimed})


@pytest.mark.parametrize("far", [0, 1, 2])
def test_a_holder_hands_over_to_a_colleague_who_takes_it_on(way: Way, far: int) -> None:
    submission, colleague = way.accepted(), way.people.staff("grid_officer", way.cell)
    for name in ("accept", "start")[:far]:
        assert way.act(way.officer, submission, name).status_code == 200
    assert hand_over(way, colleague, submission, colleague) == (403, "move_not_yours")
    assert hand_over(way, way.officer, submission, colleague) == (200, "dispatched")
    assert code_of(way.act(way.officer, submission, "accept")) == (403, "move_not_yours")
    for name in ("accept", "start"):
        assert way.act(colleague, submission, name).status_code == 200
    assert way.state(submission) == "in_progress"


def test_only_to_who_could_hold_it(way: Way) -> None:
    submission = way.accepted()
    elsewhere, moderator = way.people.staff("grid_officer", "990102001001001"), way.moderator
    for other in (elsewhere, moderator, way.officer, way.author):
        assert hand_over(way, way.officer, submission, other) == (422, "no_handler")
    colleague = way.people.staff("grid_officer", DISTRICT)
    own = way.accepted(by=colleague)
    assert hand_over(way, way.officer, own, colleague) == (422, "no_handler"), "their own report"
    unit = str(catalogue.units(1)["items"][0]["id"])
    answer = way.act(way.officer, submission, "hand_over", to={"unit": unit}, note="Theirs.")
    assert [each["code"] for each in answer.get_json()["errors"]] == ["required"]


def test_what_a_unit_has_stays_with_it(way: Way) -> None:
    unit = str(catalogue.units(1)["items"][0]["id"])
    one, other = (way.people.staff("handler", unit=unit) for _ in range(2))
    submission = way.accepted(place=NORTH)
    way.act(way.dispatcher, submission, "dispatch", to={"unit": unit})
    assert hand_over(way, one, submission, way.officer) == (422, "no_handler")
    assert hand_over(way, one, submission, other) == (200, "dispatched")
    shown = way.dispatcher.get(f"/v1/cases/{way.case(submission)}").get_json()
    assert (shown["unit"], shown["assignee"]) == (unit, other.account_id)


def test_what_is_sealed_stays_with_supervisors(way: Way) -> None:
    submission = way.accepted("micro_supervision")
    assert hand_over(way, way.supervisor, submission, way.officer) == (422, "no_handler")
    assert hand_over(way, way.supervisor, submission, way.people.staff("supervisor")) == (200, "dispatched")


def test_of_two_at_once_one_has_it(way: Way) -> None:
    submission, colleagues = way.accepted(), [way.people.staff("grid_officer", way.cell) for _ in range(2)]
    path = f"/v1/cases/{way.case(submission)}/moves"
    bodies = [{"move": "hand_over", "to": {"assignee": to.account_id}, "note": "Away."} for to in colleagues]
    answers = at_once(*(partial(way.officer.post, path, body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 403]
    held = [len(each.get("/v1/cases").get_json()["items"]) for each in colleagues]
    assert sorted(held) == [0, 1]


def test_nobody_judges_what_they_once_held_or_asked_for(way: Way) -> None:
    """A supervisor who has passed it on, and one who has reported it, leave that to others."""
    supervisor = way.supervisor
    submission = way.accepted(by=supervisor)
    to = {"to": {"assignee": way.officer.account_id}, "note": "Yours after all."}
    for name in ("accept", "start"):
        assert way.act(way.officer, submission, name).status_code == 200
    way.resolve(submission)
    assert code_of(way.act(supervisor, submission, "verify")) == (409, "own_submission")
    other = way.accepted()
    once = way.people.staff("supervisor")
    held = {"to": {"assignee": once.account_id}, "note": "You."}
    assert way.act(way.dispatcher, other, "reassign", **held).status_code == 200
    assert way.act(way.dispatcher, other, "reassign", **to).status_code == 200
    for name in ("accept", "start"):
        way.act(way.officer, other, name)
    way.resolve(other)
    for name in ("verify", "rework"):
        assert code_of(way.act(once, other, name, note="Well.")) == (409, "own_work")
    assert way.act(supervisor, other, "verify").status_code == 200
