"""The whole way of a proposal over HTTP, with all who have a part in it, from the idea to what its signers hear."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from participate.kernel.clock import now
from tests.people import Person
from tests.steps import HERE, Way

PARTS = {"situation": "No stands.", "analysis": "More bicycles.", "ask": "Sixty stands."}
REPLY = "Sixty stands were put up at the north gate on Monday, together with the water works."


def _do(way: Way, who: Person, proposal: str, name: str, **fields: Any) -> dict[str, Any]:
    answer = way.move(who, proposal, name, **fields)
    assert answer.status_code == 200, (name, answer.get_json())
    found: dict[str, Any] = answer.get_json()
    return found


def _act(way: Way, who: Person, proposal: str, name: str, **fields: Any) -> dict[str, Any]:
    answer = way.act(who, proposal, name, **fields)
    assert answer.status_code == 200, (name, answer.get_json())
    found: dict[str, Any] = answer.get_json()
    return found


def _answer(way: Way, proposal: str, helper: Person) -> None:
    """Its lead answers once who handles it too has countersigned."""
    reply = {"note": REPLY, "answer_class": "A"}
    for name, given in (("start", {}), ("propose", reply)):
        _act(way, way.officer, proposal, name, **given)
    case = helper.get(f"/v1/cases/{way.case(proposal)}").get_json()
    path = f"/v1/cases/{case['id']}/cohandlers/{case['cohandlers'][0]['id']}/moves"
    assert way.act(way.officer, proposal, "resolve", **reply).status_code == 409, "not all have countersigned"
    assert helper.post(path, {"move": "countersign"}).status_code == 200
    _act(way, way.officer, proposal, "resolve", **reply)


def test_from_the_idea_to_the_feedback(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    author, signer = (way.people.staff("member") for _ in range(2))
    helper, neighbour = way.people.staff("grid_officer", way.cell), way.people.resident()
    proposal = way.hand_in("micro_proposal", author, details=PARTS)
    _do(way, author, proposal, "invite", members=[signer.get("/v1/me").get_json()["username"]])
    _do(way, signer, proposal, "cosign")
    assert way.decide(proposal, "accept").status_code == 200
    assert neighbour.post(f"/v1/submissions/{proposal}/join").status_code == 200
    with monkeypatch.context() as patch:
        later = now() + timedelta(days=15)
        patch.setattr("participate.submissions.guards.now", lambda: later)
        number = _do(way, way.moderator, proposal, "file")["filing"]["number"]
    listed = way.people.nobody().get("/v1/proposals").get_json()["items"]
    assert [(each["id"], each["number"]) for each in listed] == [(proposal, number)]

    _act(way, way.dispatcher, proposal, "dispatch", to={"assignee": helper.account_id})
    _act(way, helper, proposal, "object", note="The stands are not ours.")
    _act(way, way.dispatcher, proposal, "dispatch", to={"assignee": way.officer.account_id})
    _act(way, way.officer, proposal, "accept")
    _act(way, way.dispatcher, proposal, "invite", to={"assignee": helper.account_id})
    _answer(way, proposal, helper)
    _act(way, way.supervisor, proposal, "rework", note="Say where they stand.")
    _answer(way, proposal, helper)
    _act(way, way.supervisor, proposal, "reclassify", answer_class="D", note="They stand on private ground.")
    _act(way, way.supervisor, proposal, "verify")

    again = _do(way, signer, proposal, "rate", resolved=False, satisfaction=2, comment="Ten are missing.")
    assert again["state"] == "assigned", "who signed it is not satisfied: it is done again"
    _answer(way, proposal, helper)
    _act(way, way.supervisor, proposal, "verify")
    _do(way, signer, proposal, "rate", resolved=True, satisfaction=4)
    _do(way, neighbour, proposal, "rate", resolved=True, satisfaction=5)
    assert _do(way, author, proposal, "rate", resolved=True, satisfaction=5)["state"] == "closed"
    _do(way, way.moderator, proposal, "mark", mark="excellent")
    for who in (author, signer):
        assert who.get("/v1/me/updates?limit=100").get_json()["items"][-1]["fact"] == "mark"

    archive = signer.get(f"/v1/submissions/{proposal}/file")
    told = json.loads(ZipFile(BytesIO(archive.get_data())).read("file.json"))
    assert [step["answer_class"] for step in told["replies"]] == ["D", "A"], "what was sent back nobody reads"
    assert [(each["answer"], each["rated"]) for each in told["ratings"]] == [(1, 1), (2, 3)]
    assert told["proposal"]["filing"] == author.get(f"/v1/submissions/{proposal}").get_json()["filing"]


def test_one_without_a_place_is_answered_and_audited_too_and_a_moderator_may_give_it_one(way: Way) -> None:
    proposal = way.accepted("micro_proposal", place=None)
    assert way.move(way.moderator, proposal, "file").status_code == 200
    assert way.supervisor.get(f"/v1/cases/{way.case(proposal)}").status_code == 404, "it lies in nobody's area"
    case = way.dispatcher.get(f"/v1/cases/{way.case(proposal)}").get_json()
    assert (case["state"], case["area"], case["level"]) == ("filed", None, 3)
    _act(way, way.dispatcher, proposal, "dispatch", to={"assignee": way.officer.account_id})
    for name, given in (("accept", {}), ("start", {}), ("resolve", {"note": REPLY, "answer_class": "A"})):
        _act(way, way.officer, proposal, name, **given)
    assert _act(way, way.dispatcher, proposal, "verify")["state"] == "verified"
    placed = way.hand_in("micro_proposal", place=None)
    assert way.decide(placed, "accept", edits={"place": HERE}, note="At the gate.").status_code == 200
    assert way.move(way.moderator, placed, "file").status_code == 200
    assert way.supervisor.get(f"/v1/cases/{way.case(placed)}").get_json()["area"] == way.cell
