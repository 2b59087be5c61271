"""What a moderator sees before deciding is, letter by letter, what the author reads afterwards."""

from typing import Any

import pytest

from participate.kernel.words import LANGUAGES
from tests.people import Person
from tests.steps import Way, code_of

REASONED: dict[str, Any] = {"reason": "unclear", "note": "Which lamp {is} it?"}
DECISIONS: list[tuple[str, dict[str, Any]]] = [
    ("accept", {}),
    ("accept", {"note": "Thank you."}),
    ("return", {"note": "请说明是哪一盏灯。", "fields": ["place", "photos"]}),
    ("return", REASONED | {"fields": ["body"]}),
    ("reject", REASONED),
    ("reject", {"reason": "other", "note": "No."}),
    ("accept", {"edits": {"redact": ["deep"], "urgent": True}, "note": "Words were taken out."}),
]


def preview(who: Person, task: str, decision: str, **fields: Any) -> dict[str, Any]:
    answer = who.post(f"/v1/moderation/tasks/{task}/preview", {"decision": decision} | fields)
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def heard(who: Person, language: str, behind: int) -> list[dict[str, Any]]:
    answer = who.get("/v1/me/updates?limit=100", headers={"Accept-Language": language})
    items: list[dict[str, Any]] = answer.get_json()["items"][behind:]
    return items


@pytest.mark.parametrize(("decision", "fields"), DECISIONS)
def test_a_preview_is_what_the_author_reads(way: Way, decision: str, fields: dict[str, Any]) -> None:
    submission = way.hand_in("micro_suggestion")
    task, before = way.task(submission), len(heard(way.author, "en", 0))
    seen = preview(way.moderator, task["id"], decision, **fields)
    assert way.task(submission) == task
    assert len(heard(way.author, "en", 0)) == before
    assert way.state(submission) == "in_moderation"
    assert way.decide(submission, decision, **fields).status_code == 200
    assert seen["language"] == way.author.get("/v1/me").get_json()["language"]
    assert seen["text"] == seen["texts"][seen["language"]]
    for language in LANGUAGES:
        steps = heard(way.author, language, before)[: len(seen["updates"])]  # A case may follow.
        assert [step["text"] for step in steps] == [update["texts"][language] for update in seen["updates"]]
        assert [step["fact"] for step in steps] == [update["fact"] for update in seen["updates"]]
        assert steps[-1]["text"] == seen["texts"][language]


def test_a_hidden_photo_and_a_merge_are_previewed_too(way: Way) -> None:
    other = way.accepted("micro_suggestion")
    photo = way.photo(way.author)
    submission = way.hand_in("micro_suggestion", photo_ids=[photo])
    for decision, fields in (
        ("hide_photo", {"photo_ids": [photo], "reason": "personal_data", "note": "A face."}),
        ("merge", {"merge_into": other, "reason": "duplicate", "note": "The same lamp."}),
    ):
        before = len(heard(way.author, "en", 0))
        seen = preview(way.moderator, way.task(submission)["id"], decision, **fields)
        assert way.decide(submission, decision, **fields).status_code == 200
        (step,) = heard(way.author, "en", before)
        assert (step["fact"], step["text"]) == (decision, seen["texts"]["en"])


def test_the_reason_is_read_in_the_reader_s_language(way: Way) -> None:
    submission = way.hand_in("micro_suggestion")
    seen = preview(way.moderator, way.task(submission)["id"], "reject", **REASONED)
    assert "we cannot tell what the matter is" in seen["texts"]["en"]
    assert "看不清是什么事" in seen["texts"]["zh-Hans"]
    way.decide(submission, "reject", **REASONED)
    path = f"/v1/submissions/{submission}/timeline"
    notes = [
        way.author.get(path, headers={"Accept-Language": tag}).get_json()["items"][-1]["note"] for tag in LANGUAGES
    ]
    assert notes[0].startswith("从提交的内容看不清")
    assert notes[1].startswith("From what was sent in")
    assert all(note.endswith("\nWhich lamp {is} it?") for note in notes)


def test_what_would_be_refused_is_refused(way: Way) -> None:
    submission = way.hand_in("micro_suggestion")
    path = f"/v1/moderation/tasks/{way.task(submission)['id']}/preview"
    answer = way.moderator.post(path, {"decision": "reject"})
    assert code_of(answer) == (422, "invalid")
    assert [error["field"] for error in answer.get_json()["errors"]] == ["reason", "note"]
    way.decide(submission, "accept")
    assert code_of(way.moderator.post(path, {"decision": "accept"})) == (409, "decided_already")
    assert code_of(way.people.staff("moderator", "990102").post(path, {"decision": "accept"})) == (404, "not_found")


def test_of_supervision_the_first_of_two_sees_what_the_author_will_read(way: Way) -> None:
    submission = way.hand_in("micro_supervision", place=None)
    seen = preview(way.moderator, way.task(submission)["id"], "reject", **REASONED)
    way.decide(submission, "reject", **REASONED)
    before = len(heard(way.author, "en", 0))
    other = way.people.staff("moderator")
    assert way.decide(submission, "reject", other, **REASONED).status_code == 200
    (step,) = heard(way.author, "en", before)
    assert step["text"] == seen["texts"]["en"]


def test_the_author_sees_what_to_mend(way: Way) -> None:
    submission = way.hand_in("micro_suggestion")
    path = f"/v1/submissions/{submission}"
    assert "returned" not in way.author.get(path).get_json()
    way.decide(submission, "return", reason="missing_place", note="Which street?", fields=["place", "body"])
    shown = way.author.get(path).get_json()["returned"]
    assert shown["fields"] == ["place", "body"]
    assert shown["note"].endswith("\nWhich street?")
    for who in (way.author, way.moderator):
        step = who.get(f"{path}/timeline").get_json()["items"][-1]
        assert (step["move"], step["fields"]) == ("return", ["place", "body"])
    assert "returned" not in way.moderator.get(path).get_json()
    way.move(way.author, submission, "resubmit", changes={"body": "On Liberation Road."})
    assert "returned" not in way.author.get(path).get_json()


def test_what_was_mended_goes_back_to_the_same_moderator(way: Way) -> None:
    submission = way.hand_in("micro_suggestion")
    other = way.people.staff("moderator")
    way.decide(submission, "return", note="Which street?", fields=["place"])
    way.move(way.author, submission, "resubmit", changes={"body": "On Liberation Road."})
    task = way.task(submission, other)
    assert (task["purpose"], task["claimed_by"]) == ("again", way.moderator.account_id)
    answer = other.post(f"/v1/moderation/tasks/{task['id']}/decision", {"decision": "accept"})
    assert code_of(answer) == (409, "claimed_by_another")
    assert way.decide(submission, "accept").status_code == 200
