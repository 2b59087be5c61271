"""Strings that have broken other programs are kept and shown as they came, or refused; never do they break ours."""

import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.callers import PLACE, Caller, resident, staff
from tests.live import Live

CORPORA = os.environ.get("PARTICIPATE_CORPORA")
STRINGS: list[str] = json.loads(Path(CORPORA, "blns/blns.json").read_text()) if CORPORA else []
FIELDS = ("title", "body", "address")
REFUSED = {400, 422}
# Where the desk's words are in what answers; in what an author reads they stand among the service's own.
SHOWN: dict[str, Callable[[Any], Any]] = {
    "note": lambda found: [found["body"]],
    "question": lambda found: [found["question"]],
    "preview": lambda found: found["text"],
    "reason": lambda found: [found["text"]["en"]],
}
pytestmark = pytest.mark.skipif(not STRINGS, reason="PARTICIPATE_CORPORA names no folder with naughty strings")


@pytest.fixture(scope="module")
def author(service: Live) -> Caller:
    """Who writes them."""
    return resident(service)


def _submission(texts: dict[str, str]) -> dict[str, Any]:
    place = PLACE | ({"address": texts["address"]} if "address" in texts else {})
    return {"kind": "snap_report", "body": "A hole.", "place": place} | {
        name: text for name, text in texts.items() if name != "address"
    }


def _hand_in(author: Caller, string: str) -> tuple[dict[str, Any], set[str]]:
    """Hand `string` in wherever it is taken; returns the submission and the fields that took it."""
    answer = author.post("/v1/submissions", _submission(dict.fromkeys(FIELDS, string)))
    if answer.status_code not in REFUSED:
        assert answer.status_code == 201, (string, answer.text)
        return answer.json(), set(FIELDS)
    refusing = {error["field"].removeprefix("place.") for error in answer.json()["errors"]}
    taking = set(FIELDS) - refusing
    return author.make("/v1/submissions", _submission(dict.fromkeys(taking, string))), taking


def test_what_an_author_writes(author: Caller) -> None:
    taken = 0
    for string in STRINGS:
        made, fields = _hand_in(author, string)
        shown = author.get(f"/v1/submissions/{made['id']}")
        shown["address"] = shown["place"]["address"]
        assert {name: shown[name] for name in fields} == dict.fromkeys(fields, string)
        _withdraw(author, made["id"], string)
        taken += len(fields)
    assert taken > len(STRINGS)


def _withdraw(author: Caller, submission_id: str, note: str) -> None:
    """The note of a move comes back in the timeline, where it is taken at all."""
    answer = author.post(f"/v1/submissions/{submission_id}/moves", {"move": "withdraw", "note": note})
    if answer.status_code not in REFUSED:
        assert answer.status_code == 200, (note, answer.text)
        steps = author.items(f"/v1/submissions/{submission_id}/timeline")
        assert [step["note"] for step in steps if step["move"] == "withdraw"] == [note]


def test_a_display_name(author: Caller) -> None:
    taken = 0
    for string in STRINGS:
        answer = author.request("PATCH", "/v1/me", json={"display_name": string})
        if answer.status_code not in REFUSED:
            assert (answer.status_code, author.get("/v1/me")["display_name"]) == (200, string)
            taken += 1
    assert taken > 0


def test_what_the_desk_writes(service: Live, author: Caller) -> None:
    """Notes, questions, second opinions, the words of a decision, and those of a reason."""
    moderator, head = staff(service, "moderator"), staff(service, "desk_head")
    asked = [author.hand_in()["id"] for _ in range(1 + len(STRINGS) // 20)]  # No task takes more questions.
    tasks = [f"/v1/moderation/tasks/{moderator.wait_for_task(each)['id']}" for each in asked]
    reason = {"decisions": ["reject"], "label": {"zh-Hans": "其他", "en": "Other"}}
    taken, tag = Counter[str](), ""
    for n, string in enumerate(STRINGS):
        task = tasks[n // 20]
        note = moderator.post(f"{task}/notes", {"body": string})
        question = moderator.post(f"{task}/opinions", {"question": string})
        decision = {"decision": "reject", "reason": "unclear", "note": string}
        preview = moderator.post(f"{task}/preview", decision)
        both = {"text": {"zh-Hans": string, "en": string}}
        headers = {"If-Match": tag} if tag else {}
        told = head.request("PUT", "/v1/moderation/reasons/naughty", json=reason | both, headers=headers)
        answers = {"note": note, "question": question, "preview": preview, "reason": told}
        for name, answer in answers.items():
            if answer.status_code not in REFUSED:
                assert answer.ok and string in SHOWN[name](answer.json()), (name, string, answer.text)
                taken[name] += 1
        tag = told.headers["ETag"] if told.ok else tag
    kept = [note["body"] for task in tasks for note in moderator.items(f"{task}/notes")]
    assert [string for string in STRINGS if string in set(kept)] == kept
    assert min(taken[name] for name in SHOWN) > len(STRINGS) // 2


def test_none_of_them_has_hurt_a_worker(service: Live, author: Caller) -> None:
    author.wait_for_state(author.hand_in()["id"], "in_moderation")
    assert '"level":"error"' not in service.said()
