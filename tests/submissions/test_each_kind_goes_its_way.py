"""All six kinds come in, are looked at, and reach their case or the first state of their own."""

import json
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from participate.app import FACTS, PHOTOS
from participate.cases import queries as cases
from participate.catalogue import queries as catalogue
from participate.kernel import errands
from participate.kernel.ids import is_reference, new_id
from participate.submissions.kinds import KINDS
from tests.people import People, Person
from tests.steps import HERE, Way, code_of, snapshot, upload

DETAILS: dict[str, dict[str, Any]] = {
    "snap_report": {"condition": "E0201-1"},
    "micro_suggestion": {"reason": "Children cross here.", "benefit": "They cross safely."},
    "micro_proposal": {"situation": "No stands.", "analysis": "More bicycles.", "ask": "Sixty stands."},
    "micro_consultation": {"question": "When should the lights go out?"},
    "micro_supervision": {"watched": "The works in Jiefang Road", "watched_unit": new_id()},
    "micro_service": {"service": "S0101", "when": "Weekday mornings"},
}
# State of the submission, and state of its case, once accepted.
REACHES = {
    "snap_report": ("assigned", "dispatched"),
    "micro_suggestion": ("accepted", "filed"),
    "micro_proposal": ("accepted", None),  # Until the staff file it.
    "micro_consultation": ("open", None),
    "micro_supervision": ("assigned", "dispatched"),
    "micro_service": ("assigned", "dispatched"),
}


def test_no_kind_is_forgotten() -> None:
    assert DETAILS.keys() == REACHES.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_from_hand_in_to_its_first_handler(way: Way, kind: str) -> None:
    handler = way.supervisor if kind == "micro_supervision" else way.officer
    submission = way.hand_in(kind, category="E0201", details=DETAILS[kind])
    seen = way.author.get(f"/v1/submissions/{submission}").get_json()
    assert (seen["state"], seen["stage"], seen["details"]) == ("in_moderation", "moderation", DETAILS[kind])
    assert way.decide(submission, "accept").status_code == 200

    state, case_state = REACHES[kind]
    assert way.state(submission) == state
    case = cases.of_submission(submission)
    assert (case.state if case else None) == case_state
    if case_state == "dispatched":
        assert case is not None
        assert case.assignee == handler.account_id
        (held,) = handler.get("/v1/cases?view=mine").get_json()["items"]
        besides = ["invite", "take_back"] if handler is way.supervisor else []
        assert held["submission_id"] == submission
        assert held["moves"] == ["hand_over", "accept", "object", *besides, "divide", "escalate"]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "snap_report"])
def test_other_kinds_need_no_place(way: Way, kind: str) -> None:
    submission = way.accepted(kind, place=None)
    seen = way.author.get(f"/v1/submissions/{submission}").get_json()
    assert (seen["place"], seen["place_source"]) == (None, "none")


def test_a_consultation_is_concluded_and_closed_by_the_staff(way: Way) -> None:
    submission = way.accepted("micro_consultation")
    assert code_of(way.move(way.author, submission, "conclude", note="So be it.")) == (403, "move_not_yours")
    for name, state in (("conclude", "concluded"), ("close", "closed")):
        assert way.move(way.moderator, submission, name, note="At ten.").get_json()["state"] == state


def test_what_came_in_says_so(town: Flask, people: People) -> None:
    body = {"kind": "micro_suggestion", "title": "Benches", "body": "More benches, please.", "category": "E0502"}
    answer = people.resident().post("/v1/submissions", body)
    seen = answer.get_json()
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/submissions/{seen['id']}")
    assert {name: seen[name] for name in body} == body
    assert (seen["state"], seen["stage"], seen["version"]) == ("received", "intake", 1)
    assert sorted(seen["moves"]) == ["add_photos", "withdraw"]
    assert is_reference(seen["reference"])
    assert len(seen["receipt"]) == 32


def test_photos_may_come_along(way: Way) -> None:
    parts = {
        "submission": json.dumps({"kind": "snap_report", "body": "A deep hole.", "place": HERE}),
        "photos": [(BytesIO(snapshot()), f"{number}.jpg", "image/jpeg") for number in range(2)],
    }
    made = way.author.post("/v1/submissions", data=parts).get_json()
    assert [photo["state"] for photo in made["photos"]] == ["processing"] * 2
    assert made["state"] == "received"
    way.work()
    seen = way.author.get(f"/v1/submissions/{made['id']}").get_json()
    assert [photo["state"] for photo in seen["photos"]] == ["ready"] * 2
    assert seen["state"] == "in_moderation"


@pytest.mark.parametrize("place", [{}, {"place": HERE}], ids=["photos may say where", "said where"])
def test_what_a_moderator_opens_is_complete(way: Way, place: dict[str, Any]) -> None:
    photos = [upload(way.author).get_json()["id"] for _ in range(2)]
    body = {"kind": "snap_report", "body": "A hole.", "photo_ids": photos} | place
    submission = way.author.post("/v1/submissions", body).get_json()["id"]
    for _ in photos:
        errands.work_off(FACTS, 100)
        assert way.state(submission) == "received"
        assert errands.work_off(PHOTOS, 1) == 1
    errands.work_off(FACTS, 100)
    assert way.state(submission) == "in_moderation"


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("snap_report", {"details": {"question": "?"}}, "details.question", "unknown"),
    ("snap_report", {"details": {"condition": "E0201-1"}}, "details.condition", "unknown_code"),
    ("snap_report", {"category": "E0101", "details": {"condition": "E0201-1"}}, "details.condition", "unknown_code"),
    ("snap_report", {"category": "E0201", "details": {"condition": "E0201-99"}}, "details.condition", "unknown_code"),
    ("snap_report", {"category": "E9999"}, "category", "unknown_code"),
    ("snap_report", {"category": "a b"}, "category", "form"),
    ("micro_suggestion", {"details": {"reason": " "}}, "details.reason", "blank"),
    ("micro_suggestion", {"details": {"reason": 7}}, "details.reason", "type"),
    ("micro_suggestion", {"details": {"ask": "x"}}, "details.ask", "unknown"),
    ("micro_proposal", {"details": {"ask": "x" * 2501}}, "details.ask", "length"),
    ("micro_consultation", {"details": {"question": ""}}, "details.question", "length"),
    ("micro_supervision", {"details": {"watched_unit": "x"}}, "details.watched_unit", "form"),
    ("micro_supervision", {"details": {"service": "S0101"}}, "details.service", "unknown"),
    ("micro_service", {"details": {"service": "S9999"}}, "details.service", "unknown_code"),
    ("micro_service", {"details": []}, "details", "type"),
    ("micro_service", {"details": None}, "details", "null"),
    ("micro_gossip", {}, "kind", "choice"),
    ("micro_service", {"body": " \n"}, "body", "blank"),
    ("micro_service", {"body": "x" * 10_001}, "body", "length"),
    ("micro_service", {"title": "x" * 121}, "title", "length"),
    ("micro_service", {"anonymous": "yes"}, "anonymous", "type"),
    ("micro_service", {"state": "accepted"}, "state", "unknown"),
    ("micro_service", {"place": {"lat": 28, "lon": 112}}, "place.crs", "required"),
    ("micro_service", {"place": {"lat": 91, "lon": 112, "crs": "wgs84"}}, "place.lat", "range"),
    ("micro_service", {"place": {"lat": "28", "lon": 112, "crs": "wgs84"}}, "place.lat", "type"),
    ("micro_service", {"place": {"lat": 28, "lon": 112, "crs": "mars"}}, "place.crs", "choice"),
    ("micro_service", {"place": HERE | {"accuracy_m": -1}}, "place.accuracy_m", "range"),
    ("micro_service", {"photo_ids": ["x"]}, "photo_ids.0", "form"),
]


@pytest.fixture
def resident(town: Flask, people: People) -> Person:
    return people.resident()


def test_what_a_kind_does_not_take_is_refused_and_named(resident: Person) -> None:
    for kind, fields, field, code in WRONG:
        answer = resident.post("/v1/submissions", {"kind": kind, "body": "Something.", "place": HERE} | fields)
        assert answer.status_code == 422, (kind, fields, answer.get_json())
        assert (field, code) in [(error["field"], error["code"]) for error in answer.get_json()["errors"]], (
            fields,
            answer.get_json(),
        )
    assert resident.get("/v1/me/submissions").get_json()["items"] == []


def test_the_catalogue_holds_what_is_named_above(town: Flask) -> None:
    """Else the refusals above would be right for the wrong reason."""
    condition = catalogue.condition("E0201-1")
    assert condition is not None
    assert condition.category_code == "E0201"
    assert catalogue.service("S0101") is not None
    assert catalogue.category("E0101") is not None


def test_one_has_to_sign_in_first(people: People) -> None:
    answer = people.nobody().post("/v1/submissions", {"kind": "micro_suggestion", "body": "More benches."})
    assert code_of(answer) == (401, "sign_in")
