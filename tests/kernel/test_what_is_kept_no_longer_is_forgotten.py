"""What has been kept for its time is forgotten, a little at a time, and nothing of what must stay goes with it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text, update

from participate import worker
from participate.accounts import forgetting as accounts
from participate.accounts.models import OtpChallenge, SignInSession
from participate.accounts.sms import SpooledSms
from participate.audit import service as audit
from participate.kernel import deadlines, forgetting, outbox, retention
from participate.kernel.clock import now, rfc3339
from participate.kernel.context import settings
from participate.kernel.db import one, transaction
from participate.kernel.deadlines import Deadline
from participate.kernel.ids import first_id, new_id
from participate.kernel.outbox import OutboxErrand
from tests.conftest import HeldClock
from tests.people import People

KEPT_FOR_EVER = ("submissions", "timeline_entries", "audit_entries", "feed_entries", "accounts", "cases", "ratings")


def _count(table: str) -> int:
    found = one(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - names of our own tables
    assert found is not None
    return int(found[0])


def _in(days: float) -> Any:
    """What is done in so many days. (The ids of rows that are made meanwhile are none the older for it.)"""
    return time_machine.travel(now() + timedelta(days=days))


def test_an_id_tells_when_it_was_made() -> None:
    before = now()
    made = new_id()
    assert first_id(before) <= made < first_id(now() + timedelta(milliseconds=2))


@pytest.fixture
def handed_in(app: Flask, people: People, work: Callable[[], int]) -> None:
    """A submission that was handed in and worked on, with all that this leaves behind."""
    resident = people.resident()
    sent = {"kind": "micro_suggestion", "title": "座椅", "body": "公园里座椅太少。"}
    assert resident.post("/v1/submissions", sent, headers={"Idempotency-Key": "k"}).status_code == 201
    people.nobody().post("/v1/auth/otp", {"phone": "+8613800000077"})
    with transaction():
        audit.record("looked", "account", new_id(), actor_id=resident.account_id)
        deadlines.start("thing", new_id(), "done", "calendar_day", now())
    work()
    with transaction() as session:
        session.execute(update(Deadline).values(settled_at=now()))


def test_old_traces_go_and_the_story_stays(handed_in: None) -> None:
    before = {table: _count(table) for table in KEPT_FOR_EVER}
    assert before["submissions"] == before["audit_entries"] == 1
    assert before["timeline_entries"] >= 2
    gone = ("outbox_facts", "deadlines", "sessions", "otp_challenges", "idempotency_keys")
    assert [table for table in gone if not _count(table)] == []
    with _in(days=3 * 365):
        retention.run(*worker.FORGETTING)
    assert {table: _count(table) for table in gone} == dict.fromkeys(gone, 0)
    assert {table: _count(table) for table in KEPT_FOR_EVER} == before
    while audit.seal():
        pass
    assert audit.verify().first_broken is None


def test_what_is_younger_stays(app: Flask, people: People, work: Callable[[], int]) -> None:
    people.resident()
    people.nobody().post("/v1/auth/otp", {"phone": "+8613800000077"})
    with transaction():
        outbox.record("thing.happened", "thing", new_id())
        deadlines.start("thing", new_id(), "done", "calendar_day", now())
    retention.run(*worker.FORGETTING)
    assert [_count(table) for table in ("outbox_facts", "deadlines", "sessions", "otp_challenges")] == [1, 1, 1, 1]


def test_a_fact_that_somebody_has_yet_to_act_on_stays_however_old_it_is(app: Flask) -> None:
    with transaction():
        outbox.record("photo.received", "photo", new_id())
    with _in(days=400):
        assert forgetting.facts() == 0
        with transaction() as session:
            session.execute(update(OutboxErrand).values(dead=True))
        assert forgetting.facts() == 0, "given up is not done"
        with transaction() as session:
            session.execute(text("DELETE FROM outbox_errands"))
        assert forgetting.facts() == 1


def test_a_duty_that_was_not_done_stays_however_old_it_is(app: Flask) -> None:
    with transaction():
        deadlines.start("thing", new_id(), "done", "calendar_day", now())
    with _in(days=1000):
        assert forgetting.deadlines() == 0


def test_a_session_that_still_serves_stays_however_old_it_is(app: Flask, people: People) -> None:
    people.resident()
    with transaction() as session:
        session.execute(update(SignInSession).values(expires_at=now() + timedelta(days=401)))
    with _in(days=400):
        assert accounts.sessions() == 0
    with _in(days=432):
        assert accounts.sessions() == 1


def test_much_goes_in_short_steps_and_no_more_than_so_many_in_a_run(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "STEP", 10)
    monkeypatch.setattr(retention, "_MOST_STEPS", 3)
    with transaction() as session:
        session.add_all(
            OtpChallenge(id=new_id(), phone="+8613800000001", code_hash="x", created_at=now(), expires_at=now())
            for _ in range(45)
        )
    with _in(days=2):
        assert [retention.run(accounts.codes)["codes"] for _ in range(3)] == [30, 15, 0]


def test_the_spool_of_texts_does_not_grow_for_ever(app: Flask, clock: HeldClock) -> None:
    sender = app.extensions["participate.sms"]
    assert isinstance(sender, SpooledSms)
    aside = sender.path.with_suffix(".old.jsonl")
    sender.path.unlink(missing_ok=True)
    accounts.spooled_texts()
    sender.send("+8613800000001", "one", "1")
    accounts.spooled_texts()
    assert sender.path.exists()
    for wanted in ("one", "two"):
        clock.forward(days=1, minutes=1)
        accounts.spooled_texts()
        assert not sender.path.exists()
        assert [json.loads(line)["text"] for line in aside.read_text().splitlines()] == [wanted]
        assert aside.stat().st_mode & 0o077 == 0
        sender.send("+8613800000001", "two", "2")
    assert rfc3339(clock()) in sender.path.read_text()
    sender.path.write_text("no JSON\n")
    accounts.spooled_texts()
    assert sender.path.exists(), "what cannot be told is left alone"


def test_the_settings_say_how_long(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction():
        outbox.record("thing.happened", "thing", new_id())
    with _in(days=10):
        assert (settings().keep_facts_days, forgetting.facts()) == (90, 0)
        monkeypatch.setitem(app.extensions, "participate.settings", replace(settings(), keep_facts_days=9))
        assert forgetting.facts() == 1
