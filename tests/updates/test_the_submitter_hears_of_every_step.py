"""Every step is in the submitter's feed: once, in order, in their language, with what comes next and until when."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from participate.kernel import errands, outbox
from participate.kernel.db import rows
from participate.kernel.outbox import Fact, OutboxFact
from participate.updates import service
from participate.updates.models import FeedEntry
from tests.conftest import HeldClock
from tests.people import Person
from tests.queries import asked
from tests.steps import Way, at_once, upload

# Fact, the words of its text, the words of what comes next, and the deadline then, of a report's whole way.
WHOLE_WAY = [
    ("submit", "we have your report", "Next, photos and place are checked.", None),
    ("admit", "is waiting to be looked at", "Next, CPPCC staff look at photo and place.", None),
    (
        "accept",
        "was accepted; somebody will see to it",
        "Next, it goes to somebody near the place.",
        "2026-11-26T02:00:00Z",
    ),
    ("file", "was registered to be put right", "Next, it is given to a handler.", "2026-11-26T02:00:00Z"),
    ("dispatch", "Somebody was told to see to", "Next, somebody takes it on.", "2026-11-26T02:00:00Z"),
    ("accept", "was taken on", "Next, somebody goes to the place.", "2026-11-26T02:00:00Z"),
    ("start", "Work on", "You will hear, with a photo, when it is done.", "2026-11-26T02:00:00Z"),
    ("resolve", "put right; it is being checked", "Next, somebody else checks it.", "2026-11-25T02:00:00Z"),
    (
        "verify",
        "is put right. Please rate it.",
        "Please see whether it is put right, and rate it.",
        "2026-12-07T02:00:00Z",
    ),
    ("rate", "has been rated by its author", None, None),
    ("close", "is closed", None, None),
]
# Who answers then: a desk or the community of the place; nobody, where the submitter is waited for.
ANSWERING = ["CPPCC staff", "CPPCC staff", *["community"] * 6, None, None, None]


def feed(who: Person, query: str = "limit=100", language: str = "en") -> list[dict[str, Any]]:
    answer = who.get(f"/v1/me/updates?{query}", headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.get_json()
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


@pytest.fixture
def closed(way: Way, clock: HeldClock) -> str:
    submission = way.answered()
    way.move(way.author, submission, "rate", resolved=True, satisfaction=5)
    return submission


def test_the_whole_way(way: Way, closed: str) -> None:
    told = feed(way.author)
    reference = way.author.get(f"/v1/submissions/{closed}").get_json()["reference"]
    assert [(update["fact"], update["next"], update["due_at"]) for update in told] == [
        (fact, following, due) for fact, _, following, due in WHOLE_WAY
    ]
    community = way.author.get(f"/v1/areas/{way.cell[:12]}").get_json()["name"]
    assert [update["who"] for update in told] == [community if who == "community" else who for who in ANSWERING]
    for update, (_, words, _, _) in zip(told, WHOLE_WAY, strict=True):
        assert words in update["text"]
        assert reference in update["text"]
        assert update["submission_id"] == closed
        assert update["at"] == "2026-11-23T02:00:00Z"


def test_in_either_language(way: Way, closed: str) -> None:
    english, chinese = feed(way.author), feed(way.author, language="zh-Hans")
    assert len(english) == len(chinese) == len(WHOLE_WAY)
    for one, other in zip(english, chinese, strict=True):
        in_any = {"text": "", "next": "", "who": ""}
        assert one | in_any == other | in_any
        assert one["text"].isascii()
        assert any("一" <= sign <= "鿿" for sign in other["text"])
        assert (one["next"] is None) == (other["next"] is None)
        assert other["next"] is None or not other["next"].isascii()


def test_the_answer_itself_is_in_it(way: Way, closed: str) -> None:
    (resolved,) = [update for update in feed(way.author) if update["fact"] == "resolve"]
    assert resolved["text"].endswith("Note: Filled in.")


def test_nobody_else_hears_of_it(way: Way, closed: str) -> None:
    for who in (way.people.resident(), way.officer, way.moderator, way.dispatcher, way.supervisor):
        assert feed(who) == []


def test_each_hears_of_their_own_alone(way: Way) -> None:
    other = way.people.resident()
    mine, theirs = way.hand_in("micro_suggestion"), way.hand_in("micro_suggestion", by=other)
    assert {update["submission_id"] for update in feed(way.author)} == {mine}
    assert {update["submission_id"] for update in feed(other)} == {theirs}


def test_reading_goes_on_after_what_was_read(way: Way, closed: str) -> None:
    told = feed(way.author)
    for number, update in enumerate(told):
        assert feed(way.author, f"after={update['id']}&limit=100") == told[number + 1 :]
    page = way.author.get(f"/v1/me/updates?after={told[1]['id']}&limit=3").get_json()
    assert page["items"] == told[2:5]
    rest = way.author.get(f"/v1/me/updates?after={told[1]['id']}&limit=100&cursor={page['next']}").get_json()
    assert (rest["items"], rest["next"]) == (told[5:], None)


def test_one_reads_on_after_one_s_own_updates_alone(way: Way, closed: str) -> None:
    other = way.people.resident()
    way.hand_in("micro_suggestion", by=other)
    for after in (feed(other)[0]["id"], "019aafc3-7c00-7000-8000-000000000001", "x", ""):
        answer = way.author.get("/v1/me/updates", query_string={"after": after})
        assert answer.status_code == 422
        assert answer.get_json()["errors"][0]["field"] == "after"


def test_it_is_not_sent_again_until_there_is_more(way: Way) -> None:
    way.hand_in("micro_suggestion")
    held = {"If-None-Match": way.author.get("/v1/me/updates").headers["ETag"]}
    with asked() as sent:
        assert way.author.get("/v1/me/updates", headers=held).status_code == 304
    assert len(sent) == 1, "what says who asks says too how far their feed has come"
    other = held | {"Accept-Language": "zh-Hans"}
    assert way.author.get("/v1/me/updates", headers=other).status_code == 200
    assert way.author.get("/v1/me/updates?limit=3", headers=held).status_code == 200
    way.hand_in("micro_suggestion")
    assert way.author.get("/v1/me/updates", headers=held).status_code == 200


def numbers() -> list[int]:
    return [row.number for row in rows(select(FeedEntry.number).order_by(FeedEntry.number))]


def test_workers_side_by_side_tell_each_step_once(app: Flask, way: Way) -> None:
    bodies = [{"kind": "micro_suggestion", "body": f"Bench {number}."} for number in range(12)]
    for body in bodies:
        assert way.author.post("/v1/submissions", body).status_code == 201

    def work() -> None:
        with app.app_context():
            while sum(errands.work_off(kind, 3) for kind in outbox.subscriptions().kinds):
                pass

    at_once(work, work)
    way.work()
    told = [(update["submission_id"], update["fact"]) for update in feed(way.author)]
    assert len(told) == len(set(told)) == 2 * len(bodies)
    assert numbers() == list(range(1, 2 * len(bodies) + 1))


def test_a_fact_that_comes_twice_is_told_once(way: Way) -> None:
    way.hand_in("micro_suggestion")
    before = feed(way.author)
    for row in rows(select(OutboxFact).with_only_columns(*OutboxFact.__table__.columns)):
        if "entry" in row.data:  # A step; others are none of its business.
            service.tell_of_steps([Fact(row.id, row.name, row.subject_type, row.subject_id, row.data, row.at)])
    assert feed(way.author) == before


@pytest.mark.parametrize(
    ("step", "facts"),
    [
        (lambda way, it: way.decide(it, "return", note="Where?"), ["return"]),
        (lambda way, it: way.decide(it, "reject", reason="unclear", note="Where?"), ["reject"]),
        (lambda way, it: way.move(way.author, it, "withdraw"), ["withdraw"]),
    ],
    ids=["return", "reject", "withdraw"],
)
def test_it_hears_of_what_ends_early(way: Way, step: Callable[[Way, str], object], facts: list[str]) -> None:
    submission = way.hand_in()
    step(way, submission)
    told = feed(way.author)
    assert [update["fact"] for update in told] == ["submit", "admit", *facts]
    assert told[-1]["due_at"] is None


def test_an_author_hears_what_is_asked_of_them(way: Way) -> None:
    way.decide(way.hand_in(), "return", note="Which side of the road?")
    (told,) = [update for update in feed(way.author) if update["fact"] == "return"]
    assert told["text"].endswith("Note: Which side of the road?")
    assert told["next"] == "Next, please amend and resubmit it."
    (chinese,) = [update for update in feed(way.author, language="zh") if update["fact"] == "return"]
    assert chinese["text"].endswith("说明：Which side of the road?")


def test_a_photo_that_cannot_be_used_is_told_with_its_reason(way: Way) -> None:
    upload(way.author, b"hello")
    way.work()
    (told,) = feed(way.author)
    assert (told["fact"], told["submission_id"], told["next"]) == ("photo_refused", None, None)
    assert told["text"] == "A photo cannot be used: This is not a photo."
    assert feed(way.author, language="zh-Hans")[0]["text"] == "有一张照片无法使用：这不是照片。"


def test_what_people_write_is_told_as_they_wrote_it(way: Way) -> None:
    way.decide(way.hand_in(title="{reference} {x} %s"), "return", note="{note} {0} %s")
    assert feed(way.author)[-1]["text"].endswith("Note: {note} {0} %s")
