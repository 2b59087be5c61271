"""Nothing is public before acceptance; after it each sees what their part in it needs, and no more."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from participate.catalogue import queries as catalogue
from participate.submissions.kinds import KINDS
from tests.people import Person
from tests.steps import HERE, Way

EXACT = HERE | {"lat": 28.2282494, "lon": 112.9387512, "accuracy_m": 8.0, "address": "12 Jiefang Road"}
PUBLIC = [name for name, kind in KINDS.items() if kind.public]
RESTRICTED = [name for name, kind in KINDS.items() if not kind.public]


def look(who: Person, submission: str) -> TestResponse:
    return who.get(f"/v1/submissions/{submission}")


def seen(who: Person, submission: str) -> dict[str, Any]:
    answer = look(who, submission)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def listed(who: Person) -> list[str]:
    return [item["id"] for item in who.get("/v1/submissions?limit=100").get_json()["items"]]


def test_the_kinds_are_as_public_as_the_contract_says() -> None:
    assert PUBLIC == ["snap_report", "micro_suggestion", "micro_proposal", "micro_consultation"]
    assert RESTRICTED == ["micro_supervision", "micro_service"]


def test_before_acceptance_its_author_and_the_desk_see_it(way: Way) -> None:
    submission = way.hand_in()
    unseen = [way.people.nobody(), way.people.resident(), way.officer, way.dispatcher, way.supervisor]
    unseen += [way.people.staff("moderator", "990102"), way.people.staff("member")]
    for who in unseen:
        assert look(who, submission).status_code == 404
        assert who.get(f"/v1/submissions/{submission}/timeline").status_code == 404
        assert listed(who) == []
    for who in (way.author, way.moderator, way.people.staff("auditor")):
        assert seen(who, submission)["state"] == "in_moderation"


def test_what_is_hidden_is_answered_as_what_there_is_not(way: Way) -> None:
    stranger, unknown = way.people.resident(), "019aafc3-7c00-7000-8000-000000000001"
    hidden = way.hand_in()
    for path in ("/v1/submissions/{}", "/v1/submissions/{}/timeline"):
        assert stranger.get(path.format(hidden)).data == stranger.get(path.format(unknown)).data
    answers = [stranger.post(f"/v1/submissions/{each}/moves", {"move": "withdraw"}) for each in (hidden, unknown)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].data == answers[1].data


@pytest.mark.parametrize("kind", PUBLIC)
def test_after_it_all_see_what_is_public(way: Way, kind: str) -> None:
    submission = way.accepted(kind, place=EXACT)
    for who in (way.people.nobody(), way.people.resident(), way.people.staff("moderator", "990102")):
        view = seen(who, submission)
        assert "receipt" not in view
        assert view["moves"] == []
        assert (view["place"]["lat"], view["place"]["lon"]) == (28.2282, 112.9388)
        assert not {"accuracy_m", "address"} & view["place"].keys()
        assert listed(who) == [submission]
        (item,) = who.get("/v1/submissions").get_json()["items"]
        assert item["place"] == view["place"]


@pytest.mark.parametrize("kind", RESTRICTED)
def test_what_is_restricted_is_never_public(way: Way, kind: str) -> None:
    submission = way.accepted(kind)
    for who in (way.people.nobody(), way.people.resident(), way.people.staff("member")):
        assert look(who, submission).status_code == 404
        assert listed(who) == []
    assert seen(way.author, submission)["kind"] == kind
    assert seen(way.moderator, submission)["kind"] == kind


def test_the_author_sees_it_whole_and_has_the_receipt(way: Way) -> None:
    view = seen(way.author, way.accepted(place=EXACT))
    assert (view["place"]["lat"], view["place"]["lon"]) == (EXACT["lat"], EXACT["lon"])
    assert (view["place"]["address"], view["place"]["accuracy_m"]) == (EXACT["address"], EXACT["accuracy_m"])
    assert view["moves"] == ["withdraw"]
    assert view["receipt"]


def test_who_handles_it_sees_it_whole_without_the_receipt(way: Way) -> None:
    submission = way.accepted(place=EXACT)
    for who in (way.moderator, way.officer, way.dispatcher, way.supervisor):
        view = seen(who, submission)
        assert view["place"]["address"] == EXACT["address"]
        assert "receipt" not in view


def test_an_officer_next_door_sees_what_the_public_sees(way: Way) -> None:
    neighbour = way.people.staff("grid_officer", way.cell[:-3] + "999")
    assert "address" not in seen(neighbour, way.accepted(place=EXACT))["place"]


def test_a_unit_sees_what_it_holds(way: Way) -> None:
    mine, other = (str(unit["id"]) for unit in catalogue.units(2)["items"])
    holder, bystander = way.people.staff("handler", unit=mine), way.people.staff("handler", unit=other)
    submission = way.accepted("micro_service", place=HERE | {"lat": HERE["lat"] + 0.01})
    assert look(holder, submission).status_code == 404
    assert way.act(way.dispatcher, submission, "dispatch", to={"unit": mine}).status_code == 200
    assert seen(holder, submission)["state"] == "assigned"
    assert look(bystander, submission).status_code == 404


def test_who_is_watched_over_does_not_learn_of_it(way: Way) -> None:
    unit = str(catalogue.units(1)["items"][0]["id"])
    unseen = [way.officer, way.dispatcher, way.people.staff("handler", unit=unit), way.people.staff("handler")]
    unseen += [way.people.staff("evaluator"), way.people.staff("supervisor", "990102")]
    submission = way.accepted("micro_supervision", details={"watched": "Works", "watched_unit": unit})
    case = way.case(submission)
    for who in unseen:
        assert look(who, submission).status_code == 404
        assert who.get(f"/v1/submissions/{submission}/timeline").status_code == 404
        for view in ("mine", "area", "unit", "overdue", "unrouted"):
            assert who.get(f"/v1/cases?view={view}").get_json().get("items", []) == []
        assert who.get(f"/v1/cases/{case}").status_code in {403, 404}
    for who in (way.supervisor, way.moderator, way.people.staff("auditor"), way.author):
        assert seen(who, submission)["kind"] == "micro_supervision"


def test_what_was_withdrawn_is_no_longer_public(way: Way) -> None:
    submission = way.accepted()
    assert look(way.people.nobody(), submission).status_code == 200
    way.move(way.author, submission, "withdraw")
    assert look(way.people.nobody(), submission).status_code == 404
    assert listed(way.people.nobody()) == []
    assert seen(way.author, submission)["state"] == "withdrawn"


def test_the_timeline_says_more_to_those_who_handle_it(way: Way) -> None:
    submission = way.hand_in()
    way.decide(submission, "return", note="Which side of the road?")
    way.move(way.author, submission, "resubmit", note="The north side.")
    way.decide(submission, "accept")
    way.act(way.officer, submission, "object", note="Not mine, but the water works'.")

    def steps(who: Person) -> list[tuple[str, str | None]]:
        items = who.get(f"/v1/submissions/{submission}/timeline?limit=100").get_json()["items"]
        return [(f"{item['subject']}.{item['move']}", item["note"]) for item in items]

    public = [("submission.accept", None), ("case.file", None), ("case.dispatch", None)]
    asked = [("submission.return", "Which side of the road?"), ("submission.resubmit", "The north side.")]
    begun = [("submission.submit", None), ("submission.admit", None)]
    objected = ("case.object", "Not mine, but the water works'.")
    assert steps(way.people.nobody()) == public
    assert steps(way.author) == [*begun, *asked, *public, ("case.object", None)]
    desk = [*begun, *asked, *public, ("submission.assign", None), objected]
    assert steps(way.officer) == steps(way.moderator) == desk
    items = way.author.get(f"/v1/submissions/{submission}/timeline").get_json()["items"]
    reference = seen(way.author, submission)["reference"]
    assert reference in items[0]["text"]


def test_a_receipt_shows_state_and_public_replies_to_whoever_holds_it(way: Way) -> None:
    submission = way.started()
    way.act(way.officer, submission, "interim_reply", note="The material is ordered.")
    way.resolve(submission)
    view = seen(way.author, submission)
    found = way.people.nobody().get(f"/v1/receipts/{view['receipt']}").get_json()
    assert {name: found[name] for name in ("reference", "kind", "state", "stage", "due_at")} == {
        name: view[name] for name in ("reference", "kind", "state", "stage", "due_at")
    }
    assert [(reply["move"], reply["note"]) for reply in found["replies"]] == [
        ("interim_reply", "The material is ordered."),
        ("resolve", "Filled in."),
    ]
    assert found.keys() == {"reference", "kind", "state", "stage", "due_at", "replies"}


def test_a_receipt_is_not_guessed(way: Way) -> None:
    submission = way.hand_in()
    nobody, view = way.people.nobody(), seen(way.author, submission)
    assert nobody.get(f"/v1/receipts/{view['receipt']}").get_json()["replies"] == []
    for wrong in (view["receipt"][:-1], view["reference"], view["id"], view["receipt"].swapcase(), "x", "%00"):
        assert nobody.get(f"/v1/receipts/{wrong}").status_code == 404
