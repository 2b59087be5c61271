"""Whoever hears of a story hears its steps in their order, however many they are and however many workers tell them."""

from collections import defaultdict

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from participate.accounts.models import Account
from participate.app import FACTS
from participate.kernel import errands
from participate.kernel.clock import now
from participate.kernel.db import execute, one, rows, table, transaction
from participate.kernel.ids import new_id
from participate.kernel.workflow import locked
from participate.submissions.models import HeldSubmission, Submission, SubmissionJoin
from participate.submissions.service import inform
from participate.updates import service
from participate.updates.following import keys
from participate.updates.following.models import Follow
from participate.updates.models import FeedEntry
from tests.steps import Way, at_once

MANY, STEPS = 1200, 4


def crowd(submission: str, many: int) -> set[str]:
    """So many accounts, every other one of which has joined the submission; the others follow it."""
    at, ids = now(), [new_id() for _ in range(many)]
    account = {"display_name": "居民", "language": "zh-Hans", "created_at": at}
    follow = {"key": keys.of_submission(submission), "what": keys.SUBMISSION, "category": None, "area": None}
    follow |= {"submission_id": submission, "created_at": at}
    joined = [{"submission_id": submission, "at": at, "account_id": one} for one in ids[::2]]
    with transaction():
        execute(insert(table(Account)), [account | {"id": one, "phone": f"+86137{n:08}"} for n, one in enumerate(ids)])
        execute(insert(table(SubmissionJoin)), joined)
        execute(insert(table(Follow)), [follow | {"id": new_id(), "account_id": one} for one in ids[1::2]])
        held = table(Submission)
        execute(update(held).where(held.c.id == submission).values(joined=held.c.joined + len(joined)))
    return set(ids)


def told_of(submission: str, steps: int) -> list[str]:
    """So many public steps that nobody has been told of yet; what each says, in their order."""
    days = [f"2026-12-0{number + 1}" for number in range(steps)]
    for day in days:
        with transaction():
            row = locked(Submission, submission)
            held = HeldSubmission(id=row.id, state=row.state, version=row.version, kind=row.kind)
            inform(held, {"who": None, "day": day})
    return days


def heard(submission: str) -> dict[str, list[str]]:
    """What each reader has heard of it since, in the order of their feed."""
    held, found = FeedEntry, defaultdict[str, list[str]](list)
    asked = select(held.account_id, held.values).where(held.submission_id == submission, held.move == "inform")
    for row in rows(asked.order_by(held.account_id, held.number)):
        found[row.account_id].append(row.values["day"])
    return found


def test_two_workers_tell_each_reader_of_it_in_order(app: Flask, way: Way) -> None:
    submission = way.accepted()
    readers = crowd(submission, MANY)
    days = told_of(submission, STEPS)

    def work() -> None:
        with app.app_context():
            while errands.work_off(FACTS, 1):  # So that both have some of the story in hand.
                pass

    at_once(work, work)
    way.work()
    found = heard(submission)
    assert found.keys() == readers | {way.author.account_id}
    assert {tuple(each) for each in found.values()} == {tuple(days)}


def test_what_one_worker_has_in_hand_no_other_overtakes(app: Flask, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PAGE", 10)
    submission = way.accepted()
    crowd(submission, 40)
    days = told_of(submission, 2)
    errands.work_off(FACTS, 100)
    (in_hand,) = errands.claim(FACTS, 1, "updates.to_joined")
    while errands.work_off(FACTS, 100):
        pass
    assert {len(each) for who, each in heard(submission).items() if who in joined(submission)} <= {1}
    errands.attempt(in_hand)
    way.work()
    assert {tuple(each) for each in heard(submission).values()} == {tuple(days)}


def joined(submission: str) -> set[str]:
    held = SubmissionJoin
    return {row.account_id for row in rows(select(held.account_id).where(held.submission_id == submission))}


def test_nobodys_own_outcome_waits_for_a_crowd(app: Flask, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PAGE", 10)
    submission, other = way.accepted(), way.hand_in()
    crowd(submission, 200)
    told_of(submission, 1)
    errands.work_off(FACTS, 100)
    task = way.task(other)["id"]
    decided = way.moderator.post(
        f"/v1/moderation/tasks/{task}/decision", {"decision": "return", "note": "Where is it?", "reason": "unclear"}
    )
    assert decided.status_code == 200, decided.get_json()
    before = sum(map(len, heard(submission).values()))
    errands.work_off(FACTS, 100)
    own = one(select(FeedEntry.id).where(FeedEntry.submission_id == other, FeedEntry.move == "return"))
    assert own is not None
    assert sum(map(len, heard(submission).values())) <= before + service.PAGE, "one go at most"
    way.work()
    assert sum(map(len, heard(submission).values())) == 201
