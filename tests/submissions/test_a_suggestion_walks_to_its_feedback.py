"""The whole way of a suggestion over HTTP, with all who have a part in it, from the idea to what everybody hears."""

from typing import Any

from tests.people import Person
from tests.steps import Way

REPLY = "The school and the traffic police have painted the crossing; it is lit from dusk on."


def _facts(who: Person, submission: str) -> list[str]:
    items = who.get("/v1/me/updates?limit=100").get_json()["items"]
    return [each["fact"] for each in items if each["submission_id"] == submission]


def _shown(who: Person, submission: str) -> dict[str, Any]:
    found: dict[str, Any] = who.get(f"/v1/submissions/{submission}").get_json()
    return found


def test_from_the_idea_to_the_feedback(way: Way) -> None:
    neighbour, member = way.people.resident(), way.people.staff("member")
    suggestion = way.accepted("micro_suggestion", title="A crossing")
    twin = way.hand_in("micro_suggestion", way.people.resident(), title="A crossing, please")
    assert [item["id"] for item in neighbour.get(f"/v1/submissions/{suggestion}/related").get_json()["items"]] == []
    assert way.decide(twin, "merge", merge_into=suggestion).status_code == 200
    assert neighbour.post(f"/v1/submissions/{suggestion}/join").get_json()["affected"] == 3

    assert way.move(member, suggestion, "adopt").status_code == 200
    assert way.move(member, suggestion, "report_progress", note="I have been there.").status_code == 200
    shown = way.move(way.moderator, suggestion, "convert", into="micro_proposal", title="A lit crossing").get_json()
    proposal = shown["lineage"][0]["id"]
    assert way.decide(proposal, "accept").status_code == 200
    assert neighbour.post(f"/v1/submissions/{proposal}/join").get_json()["affected"] == 2

    unit = way.people.nobody().get("/v1/units?limit=1").get_json()["items"][0]["id"]
    handler = way.people.staff("handler", unit=unit)
    name = "dispatch" if way.act(way.dispatcher, suggestion, "dispatch").status_code == 422 else "reassign"
    assert way.act(way.dispatcher, suggestion, name, to={"unit": unit}, note="Theirs to do.").status_code == 200
    for move, fields in (("accept", {}), ("start", {}), ("resolve", {"note": REPLY, "answer_class": "A"})):
        assert way.act(handler, suggestion, move, **fields).status_code == 200, move
    assert way.act(way.supervisor, suggestion, "verify").status_code == 200
    assert way.move(neighbour, suggestion, "rate", resolved=True, satisfaction=5).status_code == 200
    closed = way.move(way.author, suggestion, "rate", resolved=True, satisfaction=4)
    assert closed.get_json()["state"] == "closed"

    steps = ["adopt", "report_progress", "convert", "lead_on"]
    for who in (way.author, neighbour):
        assert [fact for fact in _facts(who, suggestion) if fact in steps] == steps
        assert {"verify", "rate"} <= set(_facts(who, suggestion))
    assert [(each["id"], each["relation"]) for each in _shown(neighbour, proposal)["lineage"]] == [
        (suggestion, "comes_from")
    ]
    assert _shown(neighbour, proposal)["state"] == "accepted", "it goes its own way"
