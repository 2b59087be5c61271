"""Tasks wait before they are looked through; what fails is said, loses nothing else, and hurts nobody."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, update

from participate.kernel import errands
from participate.kernel.clock import now
from participate.kernel.db import execute, one, rows, table, transaction
from participate.kernel.outbox import Fact, OutboxErrand
from participate.moderation.models import ModerationCount, ModerationFlag, ModerationTask
from participate.moderation.screening import screen, subjects, text
from participate.moderation.screening import tasks as screening
from tests.moderation.screening_steps import LONG, OTHER, flags
from tests.steps import Way, at_once


def broken(_subject: subjects.Subject) -> Iterator[Any]:
    yield from ()
    raise ZeroDivisionError


def stored(submission_id: str) -> Any:
    held = ModerationTask
    return one(select(held.id, held.screened_at, held.flags).where(held.submission_id == submission_id))


def counted(code: str) -> int:
    held = ModerationCount
    return sum(row.n for row in rows(select(held.n).where(held.facet == "flag", held.value == code)))


def again(submission_id: str) -> Fact:
    thread = {"thread": submission_id}
    return Fact("", "moderation_task.opened", "moderation_task", stored(submission_id).id, thread, now())


def test_what_fails_is_said_and_the_rest_is_found(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "LONG", {**screen.LONG, "flag.not_screened_history": broken})
    way.hand_in("micro_suggestion", body=LONG, by=way.people.resident())
    found = flags(way, way.hand_in(body=LONG, by=way.people.resident()))
    assert {"not_screened", "repeated_text", "no_photo"} <= set(found)
    assert "account" in found["not_screened"]


def test_of_what_is_looked_for_in_the_text_one_may_fail(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_text: str) -> Iterator[Any]:
        yield from ()
        raise ZeroDivisionError

    monkeypatch.setattr(text, "_DETECTORS", (failing, *text._DETECTORS))
    found = flags(way, way.hand_in(body="坏了"))
    assert {"not_screened", "too_short", "no_photo"} <= set(found)
    assert "Its text" in found["not_screened"]


def test_several_that_fail_are_one_flag(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "LONG", dict.fromkeys(screen.LONG, broken))
    assert "looked through" in flags(way, way.hand_in(body=LONG))["not_screened"]


def test_what_never_succeeds_is_given_up_and_says_so(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the process dies of it."""

    def dying(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(screen, "screen", dying)
    submission_id = way.hand_in(body=LONG)
    held = table(OutboxErrand)
    for _ in range(5):
        with transaction():
            execute(update(held).where(held.c.subscriber == "moderation.screen").values(next_at=now()))
        errands.work_off("screening", 100)
    assert "not_screened" in flags(way, submission_id)
    assert stored(submission_id).screened_at is None
    assert rows(select(held.c.id).where(held.c.subscriber == "moderation.screen")) == []
    assert counted("not_screened") == 1


def test_a_task_waits_already_before_it_is_looked_through(way: Way) -> None:
    answer = way.author.post("/v1/submissions", {"kind": "micro_suggestion", "body": LONG})
    while errands.work_off("facts", 100):
        pass
    submission_id = answer.get_json()["id"]
    assert flags(way, submission_id).keys() <= {"no_area"}
    assert stored(submission_id).screened_at is None
    way.work()
    assert stored(submission_id).screened_at is not None


def test_a_second_look_changes_nothing(way: Way) -> None:
    submission_id = way.hand_in(body=OTHER)
    before, n = stored(submission_id), counted("no_photo")
    fact = again(submission_id)
    for _ in range(2):
        screening.write_down(fact, screening.look(fact))
    after = stored(submission_id)
    assert (after.flags, counted("no_photo")) == (before.flags, n)


def test_two_at_once_find_each_other_and_count_once(way: Way) -> None:
    submission_id = way.hand_in(body=OTHER)
    fact = again(submission_id)

    def look() -> None:
        with way.app.app_context():
            screening.write_down(fact, screening.look(fact))

    at_once(look, look)
    assert counted("no_photo") == 1
    held = ModerationFlag
    assert len(rows(select(held.code).where(held.task_id == fact.subject_id, held.code == "no_photo"))) == 1


def test_an_emergency_goes_to_the_head_of_the_queue_and_that_is_all(way: Way) -> None:
    way.hand_in(body=OTHER)
    submission_id = way.hand_in(body="三楼着火了，有人被困在里面！", by=way.people.resident())
    first = way.moderator.get("/v1/moderation/queue").get_json()["items"][0]
    assert (first["submission_id"], first["urgent"], first["state"]) == (submission_id, True, "waiting")
    assert way.moderator.get("/v1/moderation/queue?flag=emergency").get_json()["items"] == [first]
    assert way.moderator.get(f"/v1/submissions/{submission_id}").get_json()["state"] == "in_moderation"


def test_what_is_decided_already_keeps_its_flags(way: Way) -> None:
    submission_id = way.hand_in(body=OTHER)
    fact = again(submission_id)
    found = screening.look(fact)
    assert way.decide(submission_id, "accept").status_code == 200
    before = stored(submission_id).flags
    screening.write_down(fact, found or [])
    assert screening.look(fact) is None
    screening.give_up(fact)
    assert stored(submission_id).flags == before


def test_what_is_staged_does_not_wait_by_being_looked_through(way: Way) -> None:
    submission_id = way.hand_in(body=OTHER)
    task = stored(submission_id).id
    body = {"items": [{"task_id": task, "decision": "accept"}]}
    answer = way.moderator.post("/v1/moderation/decisions", body)
    assert answer.status_code in {200, 201, 202}, answer.get_json()
    fact = again(submission_id)
    screening.write_down(fact, screening.look(fact))
    held = ModerationFlag
    assert {row.waits for row in rows(select(held.waits).where(held.task_id == task))} == {False}
    assert counted("no_photo") == 0
