"""The head of the desk words the reasons; whoever changes one builds on what is there."""

import json
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from participate.audit.models import AuditEntry
from participate.kernel.db import rows
from participate.moderation import reasons
from tests.people import Person
from tests.steps import Way, at_once, code_of

PATH = "/v1/moderation/reasons"
BODY: dict[str, Any] = {
    "decisions": ["reject"],
    "label": {"zh-Hans": "季节性问题", "en": "It is the season"},
    "text": {"zh-Hans": "{reference} 与季节有关。", "en": "{reference} has to do with the season."},
}


def put(who: Person, code: str, tag: str | None = None, **fields: Any) -> TestResponse:
    headers = {"If-Match": tag} if tag else {}
    sent = {"data": json.dumps(BODY | fields), "content_type": "application/json"}
    return who.request("PUT", f"{PATH}/{code}", headers=headers, **sent)


def tag_of(who: Person, code: str) -> str:
    return who.get(f"{PATH}/{code}").headers["ETag"]


@pytest.fixture
def head(way: Way) -> Person:
    return way.people.staff("desk_head")


def test_moderators_read_all_reasons_in_both_languages(way: Way, head: Person) -> None:
    for who in (way.moderator, head):
        items = who.get(PATH).get_json()["items"]
        assert [item["code"] for item in items] == sorted(reasons._starter())
        (unclear,) = (item for item in items if item["code"] == "unclear")
        assert unclear["decisions"] == ["return", "reject"]
        assert set(unclear["label"]) == set(unclear["text"]) == {"zh-Hans", "en"}
        assert (unclear["active"], unclear["version"]) == (True, 0)


def test_a_decision_that_takes_no_reason_says_so(way: Way) -> None:
    answer = way.decide(way.hand_in(), "accept", reason="unclear")
    (fault,) = answer.get_json()["errors"]
    assert (answer.status_code, fault["field"], fault["code"]) == (422, "reason", "unwanted")


def test_a_new_reason_is_given_with_its_words(way: Way, head: Person) -> None:
    answer = put(head, "season")
    assert (answer.status_code, answer.get_json()["version"]) == (200, 1)
    submission = way.hand_in("micro_suggestion")
    reference = way.author.get(f"/v1/submissions/{submission}").get_json()["reference"]
    way.decide(submission, "reject", reason="season", note="Wait.")
    text = way.author.get("/v1/me/updates").get_json()["items"][-1]["text"]
    assert text.endswith(f"Note: {reference} has to do with the season.\nWait.")
    held = AuditEntry
    (entry,) = rows(select(held.actor_id, held.details).where(held.action == "moderation_reason.changed"))
    assert (entry.actor_id, entry.details) == (head.account_id, {"version": 1})
    assert rows(select(held.subject_id).where(held.subject_type == "moderation_reason"))[0].subject_id == "season"


def test_a_reason_that_came_along_can_be_changed_and_laid_aside(way: Way, head: Person) -> None:
    answer = put(head, "unclear", tag_of(head, "unclear"), active=False)
    assert (answer.status_code, answer.get_json()["version"]) == (200, 1)
    submission = way.hand_in("micro_suggestion")
    assert code_of(way.decide(submission, "reject", reason="unclear", note="?")) == (422, "invalid")
    assert put(head, "unclear", answer.headers["ETag"], decisions=["return"]).get_json()["version"] == 2
    assert way.decide(submission, "return", reason="unclear", note="?").status_code == 200


def test_what_was_read_stays_read(way: Way, head: Person) -> None:
    submission = way.hand_in("micro_suggestion")
    way.decide(submission, "reject", reason="unclear", note="?")
    before = way.author.get("/v1/me/updates").get_json()["items"][-1]
    put(head, "unclear", tag_of(head, "unclear"))
    assert way.author.get("/v1/me/updates").get_json()["items"][-1] == before


def test_a_change_builds_on_what_is_there(head: Person) -> None:
    old = tag_of(head, "unclear")
    assert code_of(put(head, "unclear")) == (412, "stale")
    assert code_of(put(head, "unclear", "*")) == (412, "stale")
    assert code_of(put(head, "season", old)) == (412, "stale")
    assert put(head, "unclear", old).status_code == 200
    assert code_of(put(head, "unclear", old)) == (412, "stale")


@pytest.mark.parametrize("code", ["unclear", "season"])
def test_of_two_who_change_it_at_once_one_does(way: Way, head: Person, code: str) -> None:
    other = way.people.staff("desk_head")
    tag = tag_of(head, "unclear") if code == "unclear" else None
    calls = [partial(put, who, code, tag, active=who is head) for who in (head, other)]
    answers = at_once(*calls)
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    (done,) = (answer.get_json() for answer in answers if answer.status_code == 200)
    assert head.get(f"{PATH}/{code}").get_json() == done


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": BODY["text"] | {"en": "Dear {name}"}}, "text.en"),
        ({"text": BODY["text"] | {"zh-Hans": "{reference"}}, "text.zh-Hans"),
        ({"text": BODY["text"] | {"en": "{{reference}}"}}, "text.en"),
        ({"label": {"en": "No Chinese"}}, "label.zh-Hans"),
        ({"decisions": ["close"]}, "decisions.0"),
        ({"decisions": []}, "decisions"),
    ],
)
def test_a_reason_that_nobody_could_read_is_refused(head: Person, fields: dict[str, Any], field: str) -> None:
    answer = put(head, "season", **fields)
    assert code_of(answer) == (422, "invalid")
    assert [error["field"] for error in answer.get_json()["errors"]] == [field]
    assert code_of(head.get(f"{PATH}/season")) == (404, "not_found")


def test_a_code_is_a_word(head: Person) -> None:
    for code in ("Season", "a-b", "x" * 21, "1"):
        assert code_of(put(head, code)) == (422, "invalid")


def test_the_list_does_not_grow_without_end(head: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasons, "MOST", len(reasons._starter()))
    assert code_of(put(head, "season")) == (409, "reasons_full")


def test_only_the_head_of_a_desk_changes_them(way: Way) -> None:
    for who in (way.moderator, way.author, way.people.staff("auditor")):
        assert code_of(put(who, "season")) == (403, "role_lacking")
    assert code_of(way.author.get(PATH)) == (403, "role_lacking")
