"""An opinion goes to the unit watched; it plans and reports, and another than who wrote it publishes the result."""

from datetime import timedelta
from typing import Any

import pytest

from participate.cases.queries import row_of
from participate.kernel import deadlines
from participate.kernel.auth import Grant
from participate.kernel.clock import now
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once, code_of

WATCHED, APART = (f"019a0000-9901-7000-8000-00000000000{number}" for number in (2, 6))
DETAILS = {"target": "project", "watched_unit": WATCHED, "watched": "The new road"}
OPINION = {"title": "The fence", "note": "The fence has stood in the way for two months; say when it goes."}
SECRET = "my neighbour's ledger"


class Watching:
    """A supervision whose case is in its supervisor's hands, and an opinion to the unit."""

    def __init__(self, way: Way) -> None:
        self.way, self.unit = way, way.people.staff("handler", unit=WATCHED)
        self.submission = way.accepted("micro_supervision", details=DETAILS, body=f"I saw it in {SECRET}.")
        for name in ("accept", "start"):
            assert way.act(way.supervisor, self.submission, name).status_code == 200
        self.case, self.other = way.case(self.submission), way.people.staff("supervisor")
        answer = way.supervisor.post(f"/v1/cases/{self.case}/rectifications", OPINION)
        assert answer.status_code == 201, answer.get_json()
        way.work()
        self.id = str(answer.get_json()["id"])
        self.path = f"/v1/rectifications/{self.id}"

    def move(self, who: Person, name: str, **fields: Any) -> tuple[int, str]:
        answer = who.post(f"{self.path}/moves", {"move": name} | fields)
        self.way.work()
        return (200, answer.get_json()["state"]) if answer.status_code == 200 else code_of(answer)

    def plan(self, days: int = 20) -> tuple[int, str]:
        day = (now() + timedelta(days=days)).isoformat()
        return self.move(self.unit, "plan", note="We take it down.", due_at=day)

    def seen(self, who: Person) -> dict[str, Any]:
        answer = who.get(self.path)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.get_json()
        return found


@pytest.fixture
def watching(way: Way) -> Watching:
    return Watching(way)


def test_from_the_opinion_to_the_published_result(way: Way, watching: Watching) -> None:
    assert watching.plan() == (200, "planned")
    assert watching.move(watching.unit, "report", note="The fence is gone.") == (200, "done")
    assert watching.move(way.supervisor, "confirm", note="So it is.") == (409, "own_opinion")
    assert watching.move(watching.other, "confirm", note="I was there: the way is free.") == (200, "rectified")
    (public,) = way.people.nobody().get("/v1/rectifications").get_json()["items"]
    assert (public["result"], public["unit"], public["state"]) == (
        "I was there: the way is free.",
        WATCHED,
        "rectified",
    )
    hidden = ("opinion", "plan", "report", "submission_id", "case_id", "due_on")
    assert [public[name] for name in hidden] == [None] * len(hidden)
    heard = [each["fact"] for each in way.author.get("/v1/me/updates").get_json()["items"]]
    assert [name for name in heard if name in {"issue", "plan", "report", "confirm"}] == [
        *("issue", "plan", "report", "confirm")
    ]
    shown = way.supervisor.get(f"/v1/cases/{watching.case}").get_json()
    assert shown["state"] == "in_progress", "its clock goes on"
    reply = {
        "note": "The fence is gone since Monday; the unit publishes its dates from now on.",
        "answer_class": "A",
    }
    assert way.act(way.supervisor, watching.submission, "resolve", **reply).status_code == 200
    assert way.act(watching.other, watching.submission, "verify").status_code == 200
    assert way.move(way.author, watching.submission, "rate", resolved=True, satisfaction=5).status_code == 200
    assert way.state(watching.submission) == "closed"


def test_the_unit_sees_the_opinion_and_nothing_of_the_supervision(way: Way, watching: Watching) -> None:
    (listed,) = watching.unit.get("/v1/rectifications?view=unit").get_json()["items"]
    assert (listed["opinion"], listed["moves"]) == (OPINION["note"], ["plan"])
    watching.plan()
    everything = "".join(
        watching.unit.get(path).text
        for path in (watching.path, "/v1/rectifications?view=unit", "/v1/me/updates", "/v1/cases?view=unit")
    )
    brief = way.author.get(f"/v1/submissions/{watching.submission}").get_json()
    for told in (watching.submission, watching.case, brief["reference"], SECRET, way.supervisor.account_id):
        assert told not in everything
    assert "T" not in listed["issued_on"]
    assert watching.unit.get(f"/v1/submissions/{watching.submission}").status_code == 404
    heard = [each for each in watching.unit.get("/v1/me/updates").get_json()["items"] if each["fact"] == "issue"]
    assert [each["submission_id"] for each in heard] == [None]


def test_nobody_else_sees_it_before_it_is_published(way: Way, watching: Watching) -> None:
    strangers = [way.people.nobody(), way.people.resident(), way.officer, way.dispatcher, way.author]
    strangers += [way.people.staff("handler", unit=APART), way.people.staff("supervisor", "990102")]
    strangers += [way.people.staff_with(Grant("auditor", "990101"), Grant("grid_officer", None, WATCHED))]
    assert [who.get(watching.path).status_code for who in strangers] == [404] * len(strangers)
    assert way.people.nobody().get("/v1/rectifications").get_json()["items"] == []
    for who in (watching.other, way.people.staff("auditor")):
        assert [each["id"] for each in who.get("/v1/rectifications?view=watched").get_json()["items"]] == [watching.id]
    soon = (now() + timedelta(days=3)).isoformat()
    assert watching.move(strangers[5], "plan", note="We?", due_at=soon)[0] == 404
    assert watching.move(watching.other, "plan", note="For them.", due_at=soon)[0] == 403
    assert watching.move(watching.unit, "confirm", note="All is well.")[0] == 403
    both = way.people.staff_with(Grant("supervisor", "990101"), Grant("handler", None, WATCHED))
    assert watching.move(both, "find_unmet", note="x")[0] == 403, "of the unit, they look at nothing"


def test_it_is_sent_back_and_at_last_found_unmet(way: Way, watching: Watching) -> None:
    assert watching.move(watching.other, "find_unmet", note="Too slow.") == (409, "not_late_yet")
    watching.plan()
    watching.move(watching.unit, "report", note="Done.")
    assert watching.move(way.supervisor, "send_back", note="It still stands.") == (409, "own_opinion")
    assert watching.move(watching.other, "send_back", note="It still stands.") == (200, "issued")
    assert watching.plan() == (200, "planned")
    assert watching.move(watching.other, "find_unmet", note="It stands after four months.") == (200, "unmet")
    assert watching.seen(way.people.nobody())["result"] == "It stands after four months."
    assert watching.plan() == (409, "wrong_state")


def test_who_lets_the_days_pass_is_late(clock: HeldClock, way: Way, watching: Watching) -> None:
    clock.forward(days=12)
    deadlines.sweep()
    way.work()
    assert watching.seen(watching.unit)["late"] is True
    assert "miss" in [each["fact"] for each in way.author.get("/v1/me/updates").get_json()["items"]]
    assert watching.plan(10) == (200, "planned")
    assert watching.seen(watching.unit)["late"] is False
    clock.forward(days=11)
    deadlines.sweep()
    way.work()
    assert watching.move(watching.other, "find_unmet", note="Nothing was done.") == (200, "unmet")


def test_a_plan_names_a_day_within_a_year(watching: Watching) -> None:
    for days in (-1, 400):
        assert watching.plan(days) == (422, "invalid")
    assert watching.move(watching.unit, "plan", note="We take it down.") == (422, "invalid")


def test_no_final_reply_is_given_while_it_is_open(way: Way, watching: Watching) -> None:
    assert way.act(way.supervisor, watching.submission, "resume").status_code == 200
    reply = {"note": "The fence was taken down on Monday, and the way is free again.", "answer_class": "A"}
    assert code_of(way.act(way.supervisor, watching.submission, "resolve", **reply)) == (409, "rectification_open")
    again = way.supervisor.post(f"/v1/cases/{watching.case}/rectifications", OPINION)
    assert code_of(again) == (409, "rectification_open")


def test_the_clock_of_its_case_stands_still_for_as_long_as_that_takes(
    clock: HeldClock, way: Way, watching: Watching
) -> None:
    def passed(days: int) -> dict[str, Any]:
        for _ in range(days):
            clock.forward(days=1)
            deadlines.sweep()
            way.work()
        found: dict[str, Any] = way.supervisor.get(f"/v1/cases/{watching.case}").get_json()
        return found

    level = way.supervisor.get(f"/v1/cases/{watching.case}").get_json()["level"]
    assert watching.plan(days=80) == (200, "planned")
    for days in (31, 31, 15):
        case = passed(days)
        assert (case["state"], case["overdue"], case["level"]) == ("paused", False, level)
    due = way.author.get(f"/v1/submissions/{watching.submission}").get_json()["due_at"]
    assert due is not None
    assert due > now().isoformat(), "its author reads no day that is over"
    assert watching.move(watching.unit, "report", note="The fence is gone.") == (200, "done")
    assert watching.move(watching.other, "confirm", note="So it is.") == (200, "rectified")
    case = passed(0)
    assert (case["state"], case["overdue"]) == ("in_progress", False), "it goes on with what was left"
    passed(31)
    assert row_of(watching.case).level > level, "and nobody has replied"


def test_any_other_pause_ends_after_thirty_days(clock: HeldClock, way: Way) -> None:
    submission = way.started()
    assert way.pause(submission, timedelta(days=30)).status_code == 200
    clock.forward(days=30, minutes=1)
    deadlines.sweep()
    way.work()
    assert way.supervisor.get(f"/v1/cases/{way.case(submission)}").get_json()["state"] == "in_progress"


def test_only_who_has_the_case_of_a_supervision_issues_one(way: Way) -> None:
    submission = way.accepted("micro_supervision", details=DETAILS)
    path, other = f"/v1/cases/{way.case(submission)}/rectifications", way.people.staff("supervisor")
    assert code_of(way.supervisor.post(path, OPINION)) == (409, "wrong_state")
    for name in ("accept", "start"):
        way.act(way.supervisor, submission, name)
    assert code_of(other.post(path, OPINION)) == (403, "move_not_yours")
    assert way.supervisor.post(path, OPINION | {"unit": way.supervisor.account_id}).status_code == 422
    assert way.people.staff("supervisor", "990102").post(path, OPINION).status_code == 404
    report = f"/v1/cases/{way.case(way.started())}/rectifications"
    assert way.officer.post(report, OPINION).status_code == 403


def test_who_is_late_issues_one_all_the_same(clock: HeldClock, way: Way) -> None:
    submission = way.accepted("micro_supervision", details=DETAILS)
    for name in ("accept", "start"):
        assert way.act(way.supervisor, submission, name).status_code == 200
    clock.forward(days=30)
    assert way.supervisor.post(f"/v1/cases/{way.case(submission)}/rectifications", OPINION).status_code == 201
    assert way.supervisor.get(f"/v1/cases/{way.case(submission)}").get_json()["state"] == "in_progress"


def test_of_two_moves_at_once_one_is_made(way: Way, watching: Watching) -> None:
    watching.plan()
    watching.move(watching.unit, "report", note="The fence is gone.")
    said = at_once(
        lambda: watching.other.post(f"{watching.path}/moves", {"move": "confirm", "note": "It is gone."}),
        lambda: watching.other.post(f"{watching.path}/moves", {"move": "send_back", "note": "It stands."}),
    )
    assert sorted(each.status_code for each in said) == [200, 409]


def test_of_two_opinions_at_once_one_is_issued(way: Way) -> None:
    submission = way.accepted("micro_supervision", details=DETAILS)
    for name in ("accept", "start"):
        way.act(way.supervisor, submission, name)
    path = f"/v1/cases/{way.case(submission)}/rectifications"
    said = at_once(*[lambda: way.supervisor.post(path, OPINION)] * 2)
    assert sorted(each.status_code for each in said) == [201, 409]
