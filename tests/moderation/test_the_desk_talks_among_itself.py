"""Notes and mentions are for the desk's own people, and come back as they were written."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from participate.accounts.models import RoleGrant
from participate.kernel.auth import Grant
from participate.kernel.db import execute, rows, table, transaction
from tests.moderation.test_a_moderator_s_reach import UNKNOWN
from tests.people import Person
from tests.steps import Way, code_of

NAUGHTY = Path(os.environ.get("PARTICIPATE_CORPORA", "/nowhere")) / "blns" / "blns.json"
ODD = (
    "\u202eevil\u202c",
    "a\u200bb\ufeff",
    "<script>alert(1)</script>",
    "'; DROP TABLE x; --",
    "𠮷野家 👩\u200d👧",
    "{name} %s \\u0041",
)
UNIT = "019aafc3-7c00-7000-8000-00000000000a"


def write(who: Person, task: str, body: str = "请对照上个月的。", *mentions: str) -> Any:
    return who.post(f"/v1/moderation/tasks/{task}/notes", {"body": body, "mentions": list(mentions)})


def notes(who: Person, task: str, query: str = "") -> list[dict[str, Any]]:
    answer = who.get(f"/v1/moderation/tasks/{task}/notes?limit=100{query}")
    assert answer.status_code == 200, answer.get_json()
    found: list[dict[str, Any]] = answer.get_json()["items"]
    return found


def mentions(who: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = who.get("/v1/moderation/mentions").get_json()["items"]
    return found


@pytest.fixture
def other(way: Way) -> Person:
    return way.people.staff("moderator")


@pytest.fixture
def task(way: Way) -> str:
    return str(way.task(way.hand_in("micro_suggestion"))["id"])


def test_all_of_the_desk_read_what_one_writes(way: Way, task: str, other: Person) -> None:
    written = write(way.moderator, task, "第一条", other.account_id)
    assert written.status_code == 201, written.get_json()
    write(other, task, "第二条")
    found = notes(other, task)
    assert [note["body"] for note in found] == ["第一条", "第二条"]
    assert found[0] == written.get_json()
    assert found[0]["author"] == {"id": way.moderator.account_id, "name": "Staff"}
    assert found[0]["mentions"] == [{"id": other.account_id, "name": "Staff"}]
    assert found[1]["mentions"] == []


def test_they_are_there_when_it_comes_back(way: Way) -> None:
    submission = way.hand_in("micro_suggestion")
    first = way.task(submission)["id"]
    write(way.moderator, first, "请他补照片")
    way.decide(submission, "return", note="Please add a photo.")
    way.move(way.author, submission, "resubmit", note="Here it is.")
    second = way.task(submission)["id"]
    write(way.moderator, second, "照片有了")
    assert [(note["body"], note["task_id"]) for note in notes(way.moderator, second)] == [
        ("请他补照片", first),
        ("照片有了", second),
    ]


def test_many_come_page_by_page(way: Way, task: str) -> None:
    for number in range(7):
        write(way.moderator, task, f"第{number}条")
    path, found, cursor = f"/v1/moderation/tasks/{task}/notes?limit=3", [], ""
    while cursor is not None:
        page = way.moderator.get(path + (f"&cursor={cursor}" if cursor else "")).get_json()
        found += [note["body"] for note in page["items"]]
        cursor = page["next"]
    assert found == [f"第{number}条" for number in range(7)]


def test_who_is_mentioned_finds_it_and_has_seen_it(way: Way, task: str, other: Person) -> None:
    first = write(way.moderator, task, "请看", other.account_id).get_json()["id"]
    second = write(way.moderator, task, "再看", other.account_id, other.account_id).get_json()["id"]
    assert [(each["id"], each["unread"]) for each in mentions(other)] == [(second, True), (first, True)]
    for _ in range(2):
        assert other.post(f"/v1/moderation/mentions/{first}/seen").status_code == 204
    assert [each["unread"] for each in mentions(other)] == [True, False]
    assert mentions(way.moderator) == []
    assert code_of(way.moderator.post(f"/v1/moderation/mentions/{first}/seen")) == (404, "not_found")
    assert code_of(other.post(f"/v1/moderation/mentions/{UNKNOWN}/seen")) == (404, "not_found")


def test_only_those_are_mentioned_who_may_decide_on_it(way: Way, other: Person) -> None:
    writer = way.people.staff("moderator")
    there = way.people.staff_with(Grant("moderator", "990101"), Grant("handler", None, UNIT))
    task = way.task(way.hand_in("micro_supervision", by=writer, details={"watched_unit": UNIT}))["id"]
    elsewhere = way.people.staff("moderator", "990102")
    for who in (writer.account_id, there.account_id, elsewhere.account_id, way.author.account_id, UNKNOWN):
        answer = write(way.moderator, task, "请看", other.account_id, who)
        assert code_of(answer) == (422, "invalid")
        assert answer.get_json()["errors"][0]["field"] == "mentions.1"
    assert notes(way.moderator, task) == []
    assert mentions(other) == []


def test_who_may_see_it_no_longer_is_not_told_of_it(way: Way, task: str, other: Person) -> None:
    write(way.moderator, task, "请看", other.account_id)
    held = table(RoleGrant)
    with transaction():
        execute(update(held).where(held.c.account_id == other.account_id).values(area="990102"))
    assert mentions(other) == []


def test_nobody_else_reads_or_writes_them(way: Way, task: str) -> None:
    note = write(way.moderator, task, "内部").get_json()["id"]
    for who in (way.author, way.officer, way.dispatcher, way.supervisor, way.people.staff("auditor")):
        assert who.get(f"/v1/moderation/tasks/{task}/notes").status_code == 403
        assert write(who, task).status_code == 403
        assert who.get("/v1/moderation/mentions").status_code == 403
        assert who.post(f"/v1/moderation/mentions/{note}/seen").status_code == 403
    elsewhere = way.people.staff("moderator", "990102")
    assert code_of(elsewhere.get(f"/v1/moderation/tasks/{task}/notes")) == (404, "not_found")
    assert code_of(write(elsewhere, task)) == (404, "not_found")
    assert way.people.nobody().get("/v1/moderation/mentions").status_code == 401


def test_its_author_is_kept_from_them_even_as_a_moderator(way: Way, other: Person) -> None:
    submission = way.hand_in("micro_suggestion", by=way.moderator)
    task = way.task(submission, other)["id"]
    write(other, task, "内部")
    assert code_of(way.moderator.get(f"/v1/moderation/tasks/{task}/notes")) == (404, "not_found")


SECRET = "只有审核员知道的话"


def test_no_note_reaches_author_or_public(way: Way, other: Person) -> None:
    submission = way.hand_in("micro_suggestion")
    task = way.task(submission)["id"]
    write(way.moderator, task, SECRET, other.account_id)
    way.moderator.post(f"/v1/moderation/claims/{task}/handover", {"to": other.account_id, "note": SECRET})
    asked = way.people.staff("moderator")
    question = other.post(f"/v1/moderation/tasks/{task}/opinions", {"question": SECRET, "of": asked.account_id})
    thinks, opinion = {"decision": "accept", "note": SECRET}, question.get_json()["id"]
    assert asked.request("PUT", f"/v1/moderation/opinions/{opinion}", json=thinks).status_code == 200
    way.decide(submission, "accept", other)
    receipt = way.author.get(f"/v1/submissions/{submission}").get_json()["receipt"]
    paths = ("", "/timeline")
    for who in (way.author, way.people.nobody(), way.people.resident(), way.officer, way.dispatcher):
        for path in (*(f"/v1/submissions/{submission}{each}" for each in paths), f"/v1/receipts/{receipt}"):
            assert SECRET not in who.get(path).get_data(as_text=True)
    for path in ("/v1/me/updates?limit=100", "/v1/me/submissions", "/v1/me"):
        assert SECRET not in way.author.get(path).get_data(as_text=True)
    told = rows(text("SELECT data FROM outbox_facts"))
    assert SECRET not in json.dumps([row.data for row in told], ensure_ascii=False)


@pytest.mark.parametrize("body", ["", "   ", "\n", "x" * 4001, None, 5])
def test_a_note_says_something(way: Way, task: str, body: Any) -> None:
    answer = way.moderator.post(f"/v1/moderation/tasks/{task}/notes", {"body": body})
    assert code_of(answer) == (422, "invalid")


def test_odd_texts_come_back_unchanged(way: Way, task: str) -> None:
    for odd in ODD:
        assert write(way.moderator, task, odd).status_code == 201
    assert [note["body"] for note in notes(way.moderator, task)] == list(ODD)


@pytest.mark.skipif(not NAUGHTY.is_file(), reason="PARTICIPATE_CORPORA does not hold the big list of naughty strings")
def test_naughty_strings_come_back_unchanged(way: Way, task: str) -> None:
    strings = [each for each in json.loads(NAUGHTY.read_text()) if each.strip() and "\0" not in each]
    for number, each in enumerate(strings):
        answer = write(way.moderator, task, each)
        assert answer.status_code == 201, (number, each)
        assert answer.get_json()["body"] == each
