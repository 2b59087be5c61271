"""A suggestion is taken charge of by one, who tells all how it gets on, and is carried on as something else as well."""

from functools import partial
from typing import Any

from tests.people import Person
from tests.steps import Way, at_once, code_of


def _told(who: Person) -> dict[str, Any]:
    found: dict[str, Any] = who.get("/v1/me/updates?limit=100").get_json()["items"][-1]
    return found


def test_one_takes_charge_and_tells_all_who_follow(way: Way) -> None:
    member, follower = way.people.staff("member"), way.people.resident()
    suggestion = way.accepted("micro_suggestion")
    assert follower.post(f"/v1/submissions/{suggestion}/join").status_code == 200
    shown = way.move(member, suggestion, "adopt").get_json()
    assert (shown["adopted"], {"report_progress", "hand_back"} <= set(shown["moves"])) == (True, True)
    assert way.move(member, suggestion, "report_progress").status_code == 422
    assert way.move(member, suggestion, "report_progress", note="I went and looked.").status_code == 200
    for who in (way.author, follower):
        assert (_told(who)["fact"], "I went and looked." in _told(who)["text"]) == ("report_progress", True)
    assert code_of(way.move(way.moderator, suggestion, "report_progress", note="x")) == (403, "move_not_yours")
    assert way.move(member, suggestion, "hand_back", note="I move away.").get_json()["adopted"] is False
    assert way.move(way.moderator, suggestion, "adopt").status_code == 200


def test_of_many_who_would_take_charge_one_does(way: Way) -> None:
    suggestion = way.accepted("micro_suggestion")
    members = [way.people.staff("member") for _ in range(4)]
    path, body = f"/v1/submissions/{suggestion}/moves", {"move": "adopt"}
    answers = at_once(*(partial(each.post, path, body) for each in members))
    assert sorted(each.status_code for each in answers) == [200, 409, 409, 409]
    assert {code_of(each)[1] for each in answers if each.status_code == 409} == {"adopted_already"}


def test_who_may_take_charge_and_convert(way: Way) -> None:
    suggestion, nowhere = way.accepted("micro_suggestion"), way.accepted("micro_suggestion", place=None)
    away = way.people.staff("member", "990102")
    for who in (way.author, way.people.resident(), way.officer, way.dispatcher, way.supervisor, away):
        for name, fields in (("adopt", {}), ("convert", {"into": "micro_proposal"})):
            assert code_of(way.move(who, suggestion, name, **fields)) == (403, "move_not_yours"), name
    member = way.people.staff("member")
    assert code_of(way.move(member, suggestion, "convert", into="micro_proposal")) == (403, "move_not_yours")
    assert way.move(away, nowhere, "adopt").status_code == 200
    own = way.accepted("micro_suggestion", member)
    assert code_of(way.move(member, own, "adopt")) == (409, "own_submission")
    assert code_of(way.move(way.moderator, way.accepted(), "adopt")) == (409, "wrong_kind")


def test_it_is_carried_on_and_no_support_goes_along(way: Way) -> None:
    supporter = way.people.resident()
    suggestion = way.accepted("micro_suggestion", title="Stands")
    assert supporter.post(f"/v1/submissions/{suggestion}/join").status_code == 200
    assert way.move(way.moderator, suggestion, "convert").status_code == 422
    assert way.move(way.moderator, suggestion, "convert", into="micro_service").status_code == 422
    shown = way.move(way.moderator, suggestion, "convert", into="micro_proposal", title="Sixty stands").get_json()
    (link,) = shown["lineage"]
    assert (link["kind"], link["relation"], link["state"]) == ("micro_proposal", "carried_on_as", "received")
    told = _told(supporter)
    assert (told["fact"], link["reference"] in told["text"], "say so there" in told["text"]) == ("convert", True, True)
    assert [each["fact"] for each in supporter.get("/v1/me/updates").get_json()["items"]] == ["convert"]
    assert supporter.get(f"/v1/submissions/{link['id']}").status_code == 404, "nothing is public before acceptance"
    assert supporter.get(f"/v1/submissions/{suggestion}").get_json()["lineage"] == []

    assert way.decide(link["id"], "accept").status_code == 200
    seen = supporter.get(f"/v1/submissions/{link['id']}").get_json()
    assert (seen["affected"], seen["joined"], seen["title"]) == (1, False, "Sixty stands")
    assert [(each["id"], each["relation"]) for each in seen["lineage"]] == [(suggestion, "comes_from")]
    assert supporter.post(f"/v1/submissions/{link['id']}/join").get_json()["affected"] == 2
    before = supporter.get(f"/v1/submissions/{suggestion}").get_json()
    assert (before["affected"], [each["id"] for each in before["lineage"]]) == (2, [link["id"]])
    mine = way.author.get(f"/v1/submissions/{link['id']}").get_json()
    assert way.people.nobody().get(f"/v1/receipts/{mine['receipt']}").status_code == 200
    own = way.author.get(f"/v1/submissions/{suggestion}").get_json()["receipt"]
    assert way.people.nobody().get(f"/v1/receipts/{own}").get_json()["state"] == "accepted"


def test_it_is_carried_on_once_as_each_kind(way: Way) -> None:
    suggestion = way.accepted("micro_suggestion")
    path = f"/v1/submissions/{suggestion}/moves"
    answers = at_once(*[partial(way.moderator.post, path, {"move": "convert", "into": "micro_consultation"})] * 3)
    assert sorted(each.status_code for each in answers) == [200, 409, 409]
    assert {code_of(each)[1] for each in answers if each.status_code == 409} == {"converted_already"}
    way.work()
    assert len(way.moderator.get(f"/v1/submissions/{suggestion}").get_json()["lineage"]) == 1
    assert way.move(way.moderator, suggestion, "convert", into="micro_proposal").status_code == 200
    long = way.accepted("micro_suggestion", body="x" * 2501)
    answer = way.move(way.moderator, long, "convert", into="micro_proposal")
    assert [each["code"] for each in answer.get_json()["errors"]] == ["proposal_too_long"]
    assert way.move(way.moderator, long, "convert", into="micro_proposal", text="Short.").status_code == 200
