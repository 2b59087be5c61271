"""What is carried on stays valid in both directions: receipts, stories and support, which nobody moves silently."""

from functools import partial
from typing import Any

from tests.people import Person
from tests.steps import Way, at_once, code_of


def _heard(who: Person) -> list[tuple[str, str]]:
    items = who.get("/v1/me/updates?limit=100").get_json()["items"]
    return [(each["submission_id"], each["fact"]) for each in items]


def _carried(way: Way, suggestion: str, into: str) -> str:
    shown = way.move(way.moderator, suggestion, "convert", into=into, title=f"As {into}").get_json()
    return next(str(each["id"]) for each in shown["lineage"] if each["kind"] == into)


def _shown(who: Person, submission: str) -> dict[str, Any]:
    found: dict[str, Any] = who.get(f"/v1/submissions/{submission}").get_json()
    return found


def test_a_suggestion_becomes_a_proposal_and_a_topic_and_stays_what_it_is(way: Way) -> None:
    supporters = [way.people.resident() for _ in range(2)]
    nobody, suggestion = way.people.nobody(), way.accepted("micro_suggestion")
    for who in supporters:
        assert who.post(f"/v1/submissions/{suggestion}/join").status_code == 200
    story = nobody.get(f"/v1/submissions/{suggestion}/timeline?limit=100").get_json()["items"]
    children = {into: _carried(way, suggestion, into) for into in ("micro_proposal", "micro_consultation")}
    assert all((suggestion, "lead_on") not in _heard(who) for who in supporters)
    for child in children.values():
        assert way.decide(child, "accept").status_code == 200
        reference = _shown(nobody, child)["reference"]
        for who in supporters:
            told = who.get("/v1/me/updates?limit=100").get_json()["items"][-1]
            assert (told["submission_id"], told["fact"], reference in told["text"]) == (suggestion, "lead_on", True)
    for child in children.values():
        assert (_shown(nobody, child)["affected"], _shown(supporters[0], child)["joined"]) == (1, False)
        assert [(each["id"], each["relation"]) for each in _shown(nobody, child)["lineage"]] == [
            (suggestion, "comes_from")
        ]
    source = _shown(nobody, suggestion)
    assert source["affected"] == 3
    assert {(each["id"], each["relation"]) for each in source["lineage"]} == {
        (child, "carried_on_as") for child in children.values()
    }
    assert supporters[0].post(f"/v1/submissions/{children['micro_proposal']}/join").get_json()["affected"] == 2
    assert _shown(nobody, suggestion)["affected"] == 3
    for submission in (suggestion, *children.values()):
        receipt = _shown(way.author, submission)["receipt"]
        assert nobody.get(f"/v1/receipts/{receipt}").get_json()["reference"] == _shown(nobody, submission)["reference"]
    later = nobody.get(f"/v1/submissions/{suggestion}/timeline?limit=100").get_json()["items"]
    assert later[: len(story)] == story
    assert [step["move"] for step in later[len(story) :]] == ["convert", "convert", "lead_on", "lead_on"]


def test_who_follows_is_asked_once_however_often_it_is_accepted(way: Way) -> None:
    supporter, suggestion = way.people.resident(), way.accepted("micro_suggestion")
    supporter.post(f"/v1/submissions/{suggestion}/join")
    child = _carried(way, suggestion, "micro_proposal")
    assert way.decide(child, "accept").status_code == 200
    assert way.move(way.moderator, child, "shelve", note="It is under way.").status_code == 200
    assert way.move(way.author, child, "appeal", note="It is not.").status_code == 200
    assert way.decide(child, "accept", way.people.staff("moderator")).status_code == 200
    assert _heard(supporter).count((suggestion, "lead_on")) == 1


def test_nobody_is_sent_to_what_is_not_accepted(way: Way) -> None:
    supporter, suggestion = way.people.resident(), way.accepted("micro_suggestion")
    supporter.post(f"/v1/submissions/{suggestion}/join")
    child = _carried(way, suggestion, "micro_proposal")
    assert way.decide(child, "reject", reason="unclear", note="It says too little.").status_code == 200
    assert [fact for _, fact in _heard(supporter)] == ["convert"]
    assert way.people.nobody().get(f"/v1/submissions/{child}").status_code == 404
    assert _shown(way.people.nobody(), suggestion)["lineage"] == []


def test_the_suggestion_s_own_case_goes_to_a_unit_beside_that(way: Way) -> None:
    suggestion = way.accepted("micro_suggestion")
    child = _carried(way, suggestion, "micro_proposal")
    assert way.decide(child, "accept").status_code == 200
    assert way.move(way.moderator, child, "file").status_code == 200
    assert way.case(child) != way.case(suggestion)
    listed = way.people.nobody().get("/v1/units?limit=1").get_json()["items"]
    given = way.act(way.dispatcher, suggestion, "dispatch", to={"unit": listed[0]["id"]})
    if given.status_code == 409:  # The rules have sent it somewhere already.
        given = way.act(way.dispatcher, suggestion, "reassign", to={"unit": listed[0]["id"]}, note="Theirs.")
    assert given.get_json()["unit"] == listed[0]["id"]


def _signed(way: Way) -> tuple[str, Person]:
    """A proposal that was accepted, and a member who has signed it too; its author wrote it at home."""
    author, signer = (way.people.staff("member") for _ in range(2))
    way.author, proposal = author, way.hand_in("micro_proposal", author)
    asked = {"members": [signer.get("/v1/me").get_json()["username"]]}
    assert way.move(author, proposal, "invite", **asked).status_code == 200
    assert way.move(signer, proposal, "cosign").status_code == 200
    assert way.decide(proposal, "accept").status_code == 200
    return proposal, signer


def test_a_proposal_becomes_a_topic_and_nobody_s_signature_goes_along(way: Way) -> None:
    proposal, signer = _signed(way)
    supporter, nobody = way.people.resident(), way.people.nobody()
    assert supporter.post(f"/v1/submissions/{proposal}/join").status_code == 200
    before = _shown(nobody, proposal)
    story = nobody.get(f"/v1/submissions/{proposal}/timeline?limit=100").get_json()["items"]
    topic = _carried(way, proposal, "micro_consultation")
    (own,) = [each["id"] for each in way.author.get("/v1/me/submissions").get_json()["items"] if each["id"] != proposal]
    assert own == topic, "it is of the same author"
    for who in (way.author, signer, supporter):
        told = who.get("/v1/me/updates?limit=100").get_json()["items"]
        (asked,) = [each["text"] for each in told if each["fact"] == "convert"]
        assert "No signature and no support is moved along" in asked
        assert (proposal, "lead_on") not in _heard(who)
    assert way.decide(topic, "accept").status_code == 200
    for who in (signer, supporter):
        assert _heard(who)[-1] == (proposal, "lead_on")
        assert (topic, "open") not in _heard(who), "they follow what they have said that they follow"
    source = _shown(nobody, proposal)
    assert (source["affected"], source["filing"]) == (before["affected"], before["filing"])
    assert [(each["id"], each["relation"]) for each in source["lineage"]] == [(topic, "carried_on_as")]
    assert [(each["id"], each["relation"]) for each in _shown(nobody, topic)["lineage"]] == [(proposal, "comes_from")]
    assert (_shown(nobody, topic)["state"], _shown(nobody, topic)["affected"]) == ("open", 1)
    for submission in (proposal, topic):
        receipt = _shown(way.author, submission)["receipt"]
        assert nobody.get(f"/v1/receipts/{receipt}").get_json()["reference"] == _shown(nobody, submission)["reference"]
    later = nobody.get(f"/v1/submissions/{proposal}/timeline?limit=100").get_json()["items"]
    assert later[: len(story)] == story
    assert [step["move"] for step in later[len(story) :]] == ["convert", "lead_on"]


def test_a_proposal_s_own_way_goes_on_and_leads_on_though_it_is_not_filed(way: Way) -> None:
    proposal = way.accepted("micro_proposal")
    supporter = way.people.resident()
    assert supporter.post(f"/v1/submissions/{proposal}/join").status_code == 200
    topic = _carried(way, proposal, "micro_consultation")
    assert way.move(way.moderator, proposal, "shelve", note="It is put to the people first.").status_code == 200
    assert way.decide(topic, "accept").status_code == 200
    assert _heard(supporter)[-1] == (proposal, "lead_on")
    other = way.accepted("micro_proposal")
    assert way.move(way.moderator, other, "file").status_code == 200
    _carried(way, other, "micro_consultation")
    assert _shown(way.moderator, other)["filing"]["number"] is not None
    assert way.act(way.dispatcher, other, "dispatch", to={"assignee": way.officer.account_id}).status_code == 200


def test_an_idea_leads_to_a_topic_over_a_proposal_and_each_knows_its_neighbours(way: Way) -> None:
    suggestion = way.accepted("micro_suggestion")
    proposal = _carried(way, suggestion, "micro_proposal")
    assert way.decide(proposal, "accept").status_code == 200
    topic = _carried(way, proposal, "micro_consultation")
    assert way.decide(topic, "accept").status_code == 200
    graph = {each: _shown(way.people.nobody(), each)["lineage"] for each in (suggestion, proposal, topic)}
    assert {each: [(link["id"], link["relation"]) for link in links] for each, links in graph.items()} == {
        suggestion: [(proposal, "carried_on_as")],
        proposal: [(suggestion, "comes_from"), (topic, "carried_on_as")],
        topic: [(proposal, "comes_from")],
    }


def test_who_may_make_a_topic_of_a_proposal(way: Way) -> None:
    proposal, signer = _signed(way)
    asked = {"into": "micro_consultation"}
    for who in (way.author, signer, way.officer, way.supervisor, way.people.resident()):
        assert "convert" not in _shown(who, proposal)["moves"]
        assert code_of(way.move(who, proposal, "convert", **asked)) == (403, "move_not_yours")
    assert code_of(way.move(way.people.staff("moderator", "990102"), proposal, "convert", **asked))[0] == 403
    assert "convert" in _shown(way.moderator, proposal)["moves"]
    for into in ("micro_proposal", "micro_service"):
        answer = way.move(way.moderator, proposal, "convert", into=into)
        assert [(each["field"], each["code"]) for each in answer.get_json()["errors"]] == [("into", "choice")]
    for kind in ("micro_consultation", "snap_report"):
        assert code_of(way.move(way.moderator, way.accepted(kind), "convert", **asked))[0] == 409
    colleague = way.people.staff("moderator")
    own = way.accepted("micro_proposal", colleague)
    assert code_of(way.move(colleague, own, "convert", **asked)) == (409, "own_submission")
    assert way.move(way.moderator, own, "convert", **asked).status_code == 200


def test_of_two_at_once_one_makes_a_topic(way: Way) -> None:
    proposal = way.accepted("micro_proposal")
    path, body = f"/v1/submissions/{proposal}/moves", {"move": "convert", "into": "micro_consultation"}
    answers = at_once(*(partial(who.post, path, body) for who in (way.moderator, way.people.staff("moderator"))))
    assert sorted(each.status_code for each in answers) == [200, 409]
    way.work()
    assert len(_shown(way.moderator, proposal)["lineage"]) == 1
