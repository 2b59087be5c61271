"""A reply that says "planned" names a day: everyone sees it, hears when it is missed, and when it is kept."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from werkzeug.test import TestResponse

from participate.kernel import deadlines
from participate.kernel.clock import now
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once, code_of

PLANNED = "计划于明年三月前在北门路口增设减速带两处，由市政养护处负责，届时请附近居民监督。"
LATER = "因管线迁改推迟，现场围挡已撤除，请绕行。"
DAY = timedelta(days=1)


def plan_it(way: Way, **fields: Any) -> TestResponse:
    """A submission whose final reply promises something in ten days."""
    submission = way.accepted()
    for name in ("accept", "start"):
        assert way.act(way.officer, submission, name).status_code == 200
    asked = {"note": PLANNED, "answer_class": "B", "due_at": (now() + 10 * DAY).isoformat()} | fields
    return way.act(way.officer, submission, "resolve", **{k: v for k, v in asked.items() if v is not None})


def promised(way: Way, **fields: Any) -> dict[str, Any]:
    """Its commitment, as the public sees it."""
    answer = plan_it(way, **fields)
    assert answer.status_code == 200, answer.get_json()
    (found,) = listed(way.people.nobody(), f"?submission_id={answer.get_json()['submission_id']}")
    return found


def listed(who: Person, query: str = "") -> list[dict[str, Any]]:
    answer = who.get(f"/v1/commitments{query}")
    assert answer.status_code == 200, answer.get_json()
    found: list[dict[str, Any]] = answer.get_json()["items"]
    return found


def act(way: Way, who: Person, made: dict[str, Any], name: str, **fields: Any) -> TestResponse:
    headers = fields.pop("headers", {})
    answer = who.post(f"/v1/commitments/{made['id']}/moves", {"move": name} | fields, headers=headers)
    way.work()
    return answer


def deliver(way: Way, who: Person, made: dict[str, Any]) -> TestResponse:
    return act(way, who, made, "deliver", note="减速带已装好。", photo_ids=[way.photo(who)])


def postpone(way: Way, who: Person, made: dict[str, Any], days: int = 20) -> TestResponse:
    return act(way, who, made, "postpone", note=LATER, due_at=(now() + days * DAY).isoformat())


def pass_its_day(way: Way, clock: HeldClock) -> None:
    clock.forward(days=11)
    deadlines.sweep()
    way.work()


def facts(who: Person) -> list[str]:
    return [item["fact"] for item in who.get("/v1/me/updates?limit=100").get_json()["items"]]


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"due_at": None}, "due_at", "required"),
        ({"due_at": "2020-01-01T00:00:00Z"}, "due_at", "too_early"),
        ({"due_at": "2099-01-01T00:00:00Z"}, "due_at", "too_late"),
        ({"to": {}}, "to", "one_holder"),
        ({"to": {"unit": "019aafc3-7c00-7000-8000-000000000001"}}, "to.unit", "unknown_code"),
        ({"note": "已列入计划，请耐心等待。"}, "note", "reply_too_short"),
    ],
)
def test_it_names_a_day_and_who(way: Way, fields: dict[str, Any], field: str, code: str) -> None:
    refused = plan_it(way, **fields)
    assert refused.status_code == 422
    assert [(each["field"], each["code"]) for each in refused.get_json()["errors"]] == [(field, code)]
    assert listed(way.people.nobody()) == []


def test_everyone_sees_what_was_promised_and_not_which_person_by(way: Way, clock: HeldClock) -> None:
    made = promised(way)
    assert (made["state"], made["text"], made["overdue"], made["moves"]) == ("promised", PLANNED, False, [])
    assert made["assignee"] is None
    assert way.people.nobody().get(f"/v1/commitments/{made['id']}").get_json() == made
    own = way.officer.get(f"/v1/commitments/{made['id']}").get_json()
    assert (own["assignee"], own["moves"]) == (way.officer.account_id, ["postpone", "deliver"])
    steps = way.author.get(f"/v1/submissions/{made['submission_id']}/timeline?limit=100").get_json()["items"]
    (step,) = [step for step in steps if step["subject"] == "commitment"]
    assert "2026-12-03" in step["text"]
    heard = way.author.get("/v1/me/updates?limit=100").get_json()["items"]
    assert [item["text"] for item in heard if item["fact"] == "promise"] == [step["text"]]


def test_an_answer_of_another_class_promises_nothing(way: Way) -> None:
    assert plan_it(way, answer_class="C").status_code == 200
    assert listed(way.people.nobody()) == []


@pytest.mark.parametrize("kind", ["micro_service", "micro_supervision"])
def test_what_is_not_public_is_seen_by_those_who_see_its_submission(way: Way, kind: str) -> None:
    """A service is between its author and those who do it; a supervision not even for the officers of its cell."""
    holder = way.officer if kind == "micro_service" else way.supervisor
    submission = way.accepted(kind)
    for name in ("accept", "start"):
        assert way.act(holder, submission, name).status_code == 200
    due = (now() + 10 * DAY).isoformat()
    assert way.act(holder, submission, "resolve", note=PLANNED, answer_class="B", due_at=due).status_code == 200
    nobody, other = way.people.nobody(), way.people.resident()
    assert listed(nobody) == []
    (made,) = listed(holder, "?mine=true")
    assert listed(way.author, f"?submission_id={submission}")[0]["id"] == made["id"]
    seen = [way.author, way.supervisor, *([way.officer] if kind == "micro_service" else [])]
    for who in (way.author, way.supervisor, way.officer, nobody, other):
        expected = 200 if who in seen else 404
        assert who.get(f"/v1/commitments/{made['id']}").status_code == expected
        assert who.get(f"/v1/commitments?submission_id={submission}").status_code == expected


def test_it_is_kept_by_who_answers_for_it_and_can_be_seen(way: Way) -> None:
    made = promised(way)
    for who in (way.dispatcher, way.supervisor, way.people.staff("grid_officer", way.cell)):
        assert code_of(deliver(way, who, made)) == (403, "move_not_yours")
    assert way.author.post(f"/v1/commitments/{made['id']}/moves", {"move": "deliver"}).status_code == 403
    lacking = act(way, way.officer, made, "deliver", note="减速带已装好。")
    assert [each["field"] for each in lacking.get_json()["errors"]] == ["photo_ids"]
    stock = act(way, way.officer, made, "deliver", note="已收悉。", photo_ids=[way.photo(way.officer)])
    assert [each["code"] for each in stock.get_json()["errors"]] == ["stock_phrase"]
    done = deliver(way, way.officer, made)
    assert (done.status_code, done.get_json()["state"], done.get_json()["moves"]) == (200, "kept", [])
    assert listed(way.people.nobody()) == []
    (ended,) = listed(way.people.nobody(), "?state=ended")
    assert (ended["reply"], ended["overdue"]) == ("减速带已装好。", False)
    assert "deliver" in facts(way.author)


def test_all_who_follow_hear_once_that_it_was_missed(way: Way, clock: HeldClock) -> None:
    made, joined = promised(way), way.people.resident()
    assert joined.post(f"/v1/submissions/{made['submission_id']}/join").status_code == 200
    assert listed(way.people.nobody(), "?overdue=true") == []
    pass_its_day(way, clock)
    pass_its_day(way, clock)
    (late,) = listed(way.people.nobody(), "?overdue=true")
    assert (late["state"], late["overdue"]) == ("overdue", True)
    assert facts(way.author).count("miss") == facts(joined).count("miss") == 1
    assert code_of(postpone(way, way.officer, made)) == (409, "wrong_state")
    assert deliver(way, way.officer, made).get_json()["state"] == "kept"
    assert listed(way.people.nobody(), "?overdue=true") == []


def test_another_day_is_named_twice_at_most_while_it_is_time(way: Way, clock: HeldClock) -> None:
    made = promised(way)
    for days in (5, 800):
        assert postpone(way, way.officer, made, days).status_code == 422
    assert postpone(way, way.officer, made, 20).get_json()["postponed"] == 1
    pass_its_day(way, clock)
    shown = way.people.nobody().get(f"/v1/commitments/{made['id']}").get_json()
    assert (shown["state"], shown["first_due_at"]) == ("promised", made["due_at"])
    assert postpone(way, way.officer, made, 30).status_code == 200
    assert code_of(postpone(way, way.officer, made, 40)) == (409, "postponed_enough")
    assert facts(way.author).count("postpone") == 2


def test_who_watches_over_it_hands_it_on(way: Way) -> None:
    made, other = promised(way), way.people.staff("grid_officer", way.cell)
    to = {"to": {"assignee": other.account_id}, "note": "He has moved away."}
    assert code_of(act(way, way.officer, made, "hand_on", **to)) == (403, "move_not_yours")
    stranger = way.people.staff("supervisor", "990102")
    assert code_of(act(way, stranger, made, "hand_on", **to)) == (403, "move_not_yours")
    assert act(way, way.supervisor, made, "hand_on", **to).status_code == 200
    assert code_of(deliver(way, way.officer, made)) == (403, "move_not_yours")
    assert deliver(way, other, made).status_code == 200


def test_the_next_final_reply_takes_its_place(way: Way) -> None:
    made = promised(way)
    submission = made["submission_id"]
    assert way.act(way.supervisor, submission, "rework", note="When exactly?").status_code == 200
    assert [each["id"] for each in listed(way.people.nobody())] == [made["id"]]
    assert way.act(way.officer, submission, "start").status_code == 200
    again = {"note": PLANNED, "answer_class": "B", "due_at": (now() + 5 * DAY).isoformat()}
    assert way.act(way.officer, submission, "resolve", **again).status_code == 200
    (new,) = listed(way.people.nobody())
    assert new["id"] != made["id"]
    assert way.people.nobody().get(f"/v1/commitments/{made['id']}").get_json()["state"] == "superseded"


def test_of_two_at_once_one_has_effect(way: Way) -> None:
    made = promised(way)
    photo = way.photo(way.officer)
    path, version = f"/v1/commitments/{made['id']}/moves", {"If-Match": f'"{made["version"]}-0"'}
    kept = {"move": "deliver", "note": "减速带已装好。", "photo_ids": [photo]}
    later = {"move": "postpone", "note": LATER, "due_at": (now() + 20 * DAY).isoformat()}
    both = [partial(way.officer.post, path, body, headers=version) for body in (kept, later)]
    assert sorted(answer.status_code for answer in at_once(*both)) == [200, 412]
    way.work()
    assert len({"deliver", "postpone"} & set(facts(way.author))) == 1


def test_the_list_is_narrowed_and_paged(way: Way) -> None:
    made = [promised(way, due_at=(now() + days * DAY).isoformat()) for days in (30, 10, 20)]
    anyone, order = way.people.nobody(), [made[1]["id"], made[2]["id"], made[0]["id"]]
    assert [each["id"] for each in listed(anyone)] == order
    first = anyone.get("/v1/commitments?limit=2").get_json()
    rest = listed(anyone, f"?limit=2&cursor={first['next']}")
    assert [each["id"] for each in [*first["items"], *rest]] == order
    assert [each["id"] for each in listed(anyone, "?area=990101")] == order
    assert listed(anyone, "?area=990102") == listed(anyone, f"?unit={way.officer.account_id}") == []
    assert [each["id"] for each in listed(way.officer, "?mine=true")] == order
    assert listed(way.dispatcher, "?mine=true") == listed(anyone, "?mine=true") == []
