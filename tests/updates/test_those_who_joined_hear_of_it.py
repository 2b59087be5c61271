"""Whoever has joined hears of every public step: once, in order, however many they are, and never before the author."""

from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import insert, select, update

from participate.accounts.models import Account
from participate.kernel.clock import now
from participate.kernel.db import execute, rows, table, transaction
from participate.kernel.ids import new_id
from participate.kernel.outbox import Fact, OutboxFact
from participate.submissions.models import Submission, SubmissionJoin
from participate.updates import service
from participate.updates.models import FeedEntry
from tests.people import Person
from tests.steps import Way

MANY = 10_000


def told(who: Person) -> list[str]:
    return [each["fact"] for each in who.get("/v1/me/updates?limit=100").get_json()["items"]]


def crowd(submission: str, many: int) -> set[str]:
    """So many accounts that have joined the submission, as `join` would leave them."""
    at, ids = now(), [new_id() for _ in range(many)]
    account = {"display_name": "居民", "language": "zh-Hans", "created_at": at}
    joined = {"submission_id": submission, "at": at}
    with transaction():
        execute(insert(table(Account)), [account | {"id": one, "phone": f"+86137{n:08}"} for n, one in enumerate(ids)])
        execute(insert(table(SubmissionJoin)), [joined | {"account_id": one} for one in ids])
        held = table(Submission)
        execute(update(held).where(held.c.id == submission).values(joined=held.c.joined + many))
    return set(ids)


def test_ten_thousand_hear_each_once_and_the_author_first(way: Way) -> None:
    submission = way.accepted()
    people = crowd(submission, MANY)
    way.act(way.officer, submission, "accept")
    way.act(way.officer, submission, "start")
    held = FeedEntry
    found = rows(select(held.account_id, held.move, held.number, held.at).where(held.account_id.in_(people)))
    assert Counter((row.account_id, row.move) for row in found) == {
        (one, move): 1 for one in people for move in ("accept", "start")
    }
    assert {(row.move, row.number) for row in found} == {("accept", 1), ("start", 2)}
    assert len({(row.move, row.at) for row in found}) == 2, "all hear of the same moment"
    written = rows(select(held.account_id).where(held.move == "start").order_by(held.id))
    assert written[0].account_id == way.author.account_id


def test_one_go_is_short_however_many_steps_and_people(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PAGE", 10)
    submission = way.accepted()
    crowd(submission, 30)
    made = service.append
    appended: list[int] = []

    def append(entries: list[dict[str, object]]) -> None:
        appended[-1] += len(entries)
        made(entries)

    monkeypatch.setattr(service, "append", append)
    tell = service.tell_joined

    def go(facts: list[Fact]) -> None:
        appended.append(0)
        tell(facts)

    facts = _public_facts(submission)
    assert len(facts) >= 3
    with transaction():
        go(facts)
    assert 0 < appended[0] <= 10
    way.work()
    entries = rows(select(FeedEntry.account_id, FeedEntry.move).where(FeedEntry.account_id != way.author.account_id))
    assert Counter(Counter((row.account_id, row.move) for row in entries).values()) == {1: 30 * len(facts)}


def _public_facts(submission: str) -> list[Fact]:
    found = rows(select(*table(OutboxFact).columns).order_by(OutboxFact.id))
    heard = ("accepted", "filed", "dispatched")
    return [
        Fact(row.id, row.name, row.subject_type, row.subject_id, row.data, row.at)
        for row in found
        if row.data.get("thread") == submission and row.name.partition(".")[2] in heard
    ]


def test_a_fact_that_comes_twice_is_told_once(way: Way) -> None:
    submission, who = way.accepted(), way.people.resident()
    who.post(f"/v1/submissions/{submission}/join")
    way.act(way.officer, submission, "accept")
    before = told(who)
    facts = [
        Fact(row.id, row.name, row.subject_type, row.subject_id, row.data, row.at)
        for row in rows(select(*table(OutboxFact).columns).where(OutboxFact.name == "case.accepted"))
    ]
    service.tell_joined(facts)
    assert told(who) == before == ["accept"]


@pytest.mark.parametrize(
    ("step", "heard"),
    [
        (lambda way, it: way.act(way.officer, it, "interim_reply", note="A public word."), "A public word."),
        (lambda way, it: way.act(way.officer, it, "escalate", note="An inner word."), None),
        (lambda way, it: way.move(way.author, it, "withdraw", note="My own reason."), None),
    ],
    ids=["public", "desk", "author"],
)
def test_they_read_the_notes_that_all_may_read(way: Way, step: Callable[[Way, str], object], heard: str | None) -> None:
    submission, who = way.accepted(), way.people.resident()
    who.post(f"/v1/submissions/{submission}/join")
    way.act(way.officer, submission, "accept")
    step(way, submission)
    text = str(who.get("/v1/me/updates?limit=100").get_json())
    assert ("word." in text or "reason." in text) == (heard is not None)
    assert heard is None or heard in text
    assert who.get(f"/v1/submissions/{submission}").status_code in {200, 404}


def test_who_leaves_hears_no_more(way: Way) -> None:
    submission, who = way.accepted(), way.people.resident()
    who.post(f"/v1/submissions/{submission}/join")
    way.act(way.officer, submission, "accept")
    who.delete(f"/v1/submissions/{submission}/join")
    way.act(way.officer, submission, "start")
    assert told(who) == ["accept"]
