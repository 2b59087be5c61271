"""What is carried on stays valid in both directions: receipts, stories and support, which nobody moves silently."""

from typing import Any

from tests.people import Person
from tests.steps import Way


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
