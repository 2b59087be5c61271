"""Many decisions at once are tried first, can be undone for some minutes, and then each takes effect once."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from participate.audit.models import AuditEntry
from participate.kernel import deadlines
from participate.kernel.db import db, one, rows
from participate.kernel.workflow import TimelineEntry
from participate.moderation import batches, deciding
from participate.moderation.models import ModerationCount, ModerationFlag, ModerationTask
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import ELSEWHERE, Way, at_once, code_of

PATH = "/v1/moderation/decisions"
UNKNOWN = "019aafc3-7c00-7000-8000-000000000001"
REJECTED: dict[str, Any] = {"decision": "reject", "reason": "unclear", "note": "Where is it?"}


def decide(who: Person, **body: Any) -> dict[str, Any]:
    answer = who.post(PATH, body)
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def outcomes(answer: dict[str, Any]) -> list[str]:
    return [item["outcome"] for item in answer["items"]]


def waiting(who: Person) -> list[str]:
    return [task["id"] for task in who.get("/v1/moderation/queue?limit=100").get_json()["items"]]


def pass_time(way: Way, clock: HeldClock, **by: float) -> None:
    clock.forward(**by)
    deadlines.sweep()
    way.work()


def heard(way: Way) -> int:
    return len(way.author.get("/v1/me/updates?limit=100").get_json()["items"])


def counted() -> int:
    found = one(select(func.coalesce(func.sum(ModerationCount.n), 0).label("n")).where(ModerationCount.facet == "all"))
    assert found is not None
    return int(found.n)


@pytest.fixture
def three(way: Way) -> list[str]:
    """The tasks of three submissions."""
    return [str(way.task(way.hand_in("micro_suggestion"))["id"]) for _ in range(3)]


def submission_of(task_id: str) -> str:
    found = one(select(ModerationTask.submission_id).where(ModerationTask.id == task_id))
    assert found is not None
    return str(found.submission_id)


def test_nobody_hears_until_it_can_no_longer_be_undone(way: Way, clock: HeldClock, three: list[str]) -> None:
    before = heard(way)
    answer = decide(way.moderator, task_ids=three, decision="return", note="Where?", fields=["place"])
    way.work()
    assert outcomes(answer) == ["ok"] * 3
    assert waiting(way.moderator) == []
    assert way.moderator.post("/v1/moderation/claims", {"count": 5}).get_json()["items"] == []
    assert (counted(), heard(way)) == (0, before)
    assert {way.state(submission_of(task)) for task in three} == {"in_moderation"}
    pass_time(way, clock, seconds=299)
    assert heard(way) == before
    pass_time(way, clock, seconds=1)
    assert heard(way) == before + 3
    assert {way.state(submission_of(task)) for task in three} == {"returned"}
    shown = way.moderator.get(f"{PATH}/{answer['batch_id']}").get_json()
    assert (shown["state"], outcomes(shown)) == ("done", ["ok"] * 3)
    assert shown["ended_at"] is not None
    decided = way.moderator.get(f"/v1/moderation/tasks/{three[0]}").get_json()
    assert (decided["state"], decided["decision"], decided["batch_id"]) == ("decided", "return", answer["batch_id"])
    assert counted() == 0


def test_each_may_be_decided_otherwise(way: Way, clock: HeldClock, three: list[str]) -> None:
    items = [
        {"task_id": three[0], "decision": "accept", "edits": {"redact": ["deep"]}},
        {"task_id": three[1]} | REJECTED,
        {"task_id": three[2], "decision": "return", "note": "Where?"},
    ]
    decide(way.moderator, items=items)
    pass_time(way, clock, minutes=5)
    assert [way.state(submission_of(task)) for task in three] == ["accepted", "rejected", "returned"]
    assert "■■■" in way.author.get(f"/v1/submissions/{submission_of(three[0])}").get_json()["body"]


def test_what_cannot_be_decided_says_why_and_keeps_the_others_from_nothing(way: Way, three: list[str]) -> None:
    way.decide(submission_of(three[2]), "accept")
    elsewhere = way.hand_in("micro_suggestion", place=ELSEWHERE)
    beyond = way.task(elsewhere)["id"]
    other = way.people.staff("moderator", "990102")
    mine: dict[str, Any] = {"task_id": three[0], "decision": "accept"}
    items = [mine, mine, {"task_id": three[1], "decision": "reject"}, {"task_id": three[2], "decision": "accept"}]
    items += [{"task_id": UNKNOWN, "decision": "accept"}]
    items += [{"task_id": beyond, "decision": "accept", "version": 7}, {"task_id": beyond} | REJECTED]
    for dry_run in (True, False):
        answer = decide(way.moderator, items=items, dry_run=dry_run)
        expected = ["ok", "decided_already", "invalid", "decided_already", "not_found", "stale", "ok"]
        assert outcomes(answer) == expected
        assert [error["field"] for error in answer["items"][2]["errors"]] == ["reason", "note"]
        assert answer["items"][2]["errors"][0]["message"] == "This is required."
    shown = way.moderator.get(f"{PATH}/{answer['batch_id']}").get_json()
    assert (outcomes(shown), shown["items"][2]["errors"]) == (expected, answer["items"][2]["errors"])
    assert outcomes(decide(other, task_ids=[three[1], UNKNOWN], decision="accept")) == ["not_found"] * 2


def test_a_dry_run_changes_nothing(way: Way, clock: HeldClock, three: list[str]) -> None:
    before, counts, entries = way.moderator.get("/v1/moderation/queue").get_json(), counted(), _rows_of_trail()
    answer = decide(way.moderator, task_ids=three, dry_run=True, **REJECTED)
    assert answer["batch_id"] is answer["undo_until"] is None
    assert outcomes(answer) == ["ok"] * 3
    pass_time(way, clock, minutes=6)
    assert way.moderator.get("/v1/moderation/queue").get_json() == before
    assert way.moderator.get(PATH).get_json()["items"] == []
    assert (counted(), _rows_of_trail()) == (counts, entries)


def _rows_of_trail() -> int:
    return len(rows(select(AuditEntry.id)))


def test_undone_all_wait_again_as_before(way: Way, clock: HeldClock, three: list[str]) -> None:
    way.moderator.post("/v1/moderation/claims", {"count": 1})
    before, counts = way.moderator.get("/v1/moderation/queue").get_json()["items"], counted()
    batch = decide(way.moderator, task_ids=three, **REJECTED)["batch_id"]
    clock.forward(seconds=299)
    answer = way.moderator.post(f"{PATH}/{batch}/undo")
    assert (answer.status_code, answer.get_json()["state"]) == (200, "undone")
    assert outcomes(answer.get_json()) == ["undone"] * 3
    after = way.moderator.get("/v1/moderation/queue").get_json()["items"]
    assert [task | {"version": 0} for task in after] == [task | {"version": 0} for task in before]
    assert counted() == counts
    assert all(row.waits for row in rows(select(ModerationFlag.waits)))
    pass_time(way, clock, minutes=10)
    batches.take_effect(batch)  # As though the sweep had told of it just before.
    assert way.moderator.get(f"{PATH}/{batch}").get_json()["state"] == "undone"
    assert {way.state(submission_of(task)) for task in three} == {"in_moderation"}
    assert way.decide(submission_of(three[0]), "accept").status_code == 200


def test_afterwards_it_is_too_late(way: Way, clock: HeldClock, three: list[str]) -> None:
    batch = decide(way.moderator, task_ids=three, decision="accept")["batch_id"]
    clock.forward(seconds=300)
    assert code_of(way.moderator.post(f"{PATH}/{batch}/undo")) == (409, "undo_over")
    pass_time(way, clock, seconds=1)
    assert code_of(way.moderator.post(f"{PATH}/{batch}/undo")) == (409, "undo_over")
    assert {way.state(submission_of(task)) for task in three} == {"accepted"}


def test_what_has_moved_on_meanwhile_says_so(way: Way, clock: HeldClock, three: list[str]) -> None:
    submission = way.hand_in("micro_suggestion")
    task = str(way.task(submission)["id"])
    batch = decide(way.moderator, task_ids=[*three, task], decision="accept")["batch_id"]
    assert way.move(way.author, submission_of(three[1]), "withdraw").status_code == 200
    assert way.move(way.author, submission, "add_photos", photo_ids=[_unseen(way)]).status_code == 200
    with _photos_pending(submission):
        pass_time(way, clock, minutes=5)
    shown = way.moderator.get(f"{PATH}/{batch}").get_json()
    assert outcomes(shown) == ["ok", "submission_withdrawn", "ok", "photos_pending"]
    assert [each["id"] for each in way.moderator.get("/v1/moderation/queue").get_json()["items"]] == [task]
    assert (way.task(submission)["batch_id"], counted()) == (None, 1)


def _unseen(way: Way) -> str:
    return way.photo(way.author)


@contextmanager
def _photos_pending(submission: str) -> Iterator[None]:
    """Its photos are still to be looked at, as when the darkroom is behind."""
    for state in ("processing", "ready"):
        with db.engine.begin() as connection:
            held = db.metadata.tables["photos"]
            connection.execute(held.update().where(held.c.subject_id == submission).values(state=state))
        if state == "processing":
            yield


def test_three_workers_make_each_decision_once(way: Way, clock: HeldClock, three: list[str]) -> None:
    batch = decide(way.moderator, task_ids=three, decision="accept")["batch_id"]
    clock.forward(minutes=5)
    at_once(*[partial(_in_context, way.app, batches.take_effect, batch)] * 3)
    pass_time(way, clock, seconds=1)
    held = TimelineEntry
    for task in three:
        moves = rows(select(held.move).where(held.subject_id == submission_of(task), held.move == "accept"))
        assert len(moves) == 1
    assert outcomes(way.moderator.get(f"{PATH}/{batch}").get_json()) == ["ok"] * 3
    assert counted() == 0


def _in_context(app: Flask, work: Any, *given: Any) -> Any:
    with app.app_context():
        return work(*given)


def test_of_undoing_and_taking_effect_at_once_one_wins(way: Way, clock: HeldClock) -> None:
    for _ in range(8):
        tasks = [str(way.task(way.hand_in("micro_suggestion"))["id"]) for _ in range(2)]
        batch = decide(way.moderator, task_ids=tasks, decision="accept")["batch_id"]
        undo = partial(way.moderator.post, f"{PATH}/{batch}/undo")
        effect = partial(_in_context, way.app, batches.take_effect, batch)
        answer, _ = at_once(undo, effect)
        states = {way.state(submission_of(task)) for task in tasks}
        shown = way.moderator.get(f"{PATH}/{batch}").get_json()
        if answer.status_code == 200:
            assert (states, shown["state"]) == ({"in_moderation"}, "undone")
            assert set(waiting(way.moderator)) >= set(tasks)
            for task in tasks:
                way.decide(submission_of(task), "accept")
        else:
            assert (code_of(answer), states, shown["state"]) == ((409, "undo_over"), {"accepted"}, "done")
        assert counted() == 0


def test_two_who_decide_on_the_same_tasks_at_once_have_one_effect_each(way: Way, clock: HeldClock) -> None:
    other = way.people.staff("moderator")
    tasks = [str(way.task(way.hand_in("micro_suggestion"))["id"]) for _ in range(6)]
    first = partial(way.moderator.post, PATH, {"task_ids": tasks, "decision": "accept"})
    second = partial(other.post, PATH, {"task_ids": tasks[::-1]} | REJECTED)
    answers = [answer.get_json() for answer in at_once(first, second)]
    won = {item["task_id"]: n for n, each in enumerate(answers) for item in each["items"] if item["outcome"] == "ok"}
    assert sorted(outcome for each in answers for outcome in outcomes(each)) == ["decided_already"] * 6 + ["ok"] * 6
    pass_time(way, clock, minutes=5)
    for task in tasks:
        assert way.state(submission_of(task)) == ("accepted", "rejected")[won[task]]


def test_to_reject_supervision_many_at_once_only_proposes(way: Way, clock: HeldClock) -> None:
    submission = way.hand_in("micro_supervision", place=None)
    task = way.task(submission)["id"]
    assert outcomes(decide(way.moderator, task_ids=[task], **REJECTED)) == ["ok"]
    pass_time(way, clock, minutes=5)
    assert way.state(submission) == "in_moderation"
    proposed = way.task(submission)
    assert (proposed["proposal"]["by"], proposed["batch_id"]) == (way.moderator.account_id, None)
    assert outcomes(decide(way.moderator, task_ids=[task], **REJECTED)) == ["second_person"]
    other = way.people.staff("moderator")
    decide(other, task_ids=[task], **REJECTED)
    pass_time(way, clock, minutes=5)
    assert way.state(submission) == "rejected"


def test_its_maker_and_the_head_of_the_desk_may_undo_it(way: Way, three: list[str]) -> None:
    batch = decide(way.moderator, task_ids=[*three, UNKNOWN], decision="accept")["batch_id"]
    others = [way.people.staff("moderator"), way.people.staff("desk_head", "990102")]
    others += [way.people.staff("desk_head", "990101999")]
    for who in others:
        assert code_of(who.get(f"{PATH}/{batch}")) == (404, "not_found")
        assert code_of(who.post(f"{PATH}/{batch}/undo")) == (404, "not_found")
        assert code_of(who.post(f"{PATH}/{UNKNOWN}/undo")) == (404, "not_found")
    for who in (way.author, way.people.staff("auditor")):
        assert code_of(who.post(f"{PATH}/{batch}/undo")) == (403, "role_lacking")
        assert code_of(who.post(PATH, {"task_ids": three, "decision": "accept"})) == (403, "role_lacking")
    head = way.people.staff("desk_head")
    assert code_of(head.post(PATH, {"task_ids": three, "decision": "accept"})) == (403, "role_lacking")
    assert head.get(f"{PATH}/{batch}").status_code == 200
    assert head.post(f"{PATH}/{batch}/undo").status_code == 200
    actions = {(row.action, row.actor_id) for row in rows(select(AuditEntry.action, AuditEntry.actor_id))}
    assert actions >= {
        ("moderation_batch.staged", way.moderator.account_id),
        ("moderation_batch.undone", head.account_id),
    }


def test_my_own_are_listed_newest_first(way: Way, three: list[str]) -> None:
    made = [decide(way.moderator, task_ids=[task], decision="accept")["batch_id"] for task in three]
    first = way.moderator.get(f"{PATH}?limit=2").get_json()
    rest = way.moderator.get(f"{PATH}?limit=2&cursor={first['next']}").get_json()
    assert [each["batch_id"] for each in first["items"] + rest["items"]] == made[::-1]
    assert way.people.staff("moderator").get(PATH).get_json()["items"] == []


def test_sent_twice_with_one_key_it_is_done_once(way: Way, three: list[str]) -> None:
    body = {"task_ids": [*three, UNKNOWN], "decision": "accept"}
    answers = [way.moderator.post(PATH, body, headers={"Idempotency-Key": "a"}) for _ in range(2)]
    assert answers[0].get_json() == answers[1].get_json()
    assert outcomes(answers[0].get_json()) == ["ok"] * 3 + ["not_found"]
    assert len(way.moderator.get(PATH).get_json()["items"]) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "items"),
        ({"dry_run": True, "decision": "accept"}, "items"),
        ({"task_ids": [UNKNOWN]}, "decision"),
        ({"task_ids": []}, "task_ids"),
        ({"task_ids": [UNKNOWN] * 101, "decision": "accept"}, "task_ids"),
        ({"items": [{"task_id": UNKNOWN, "decision": "accept"}], "task_ids": [UNKNOWN]}, "task_ids"),
        ({"items": [{"task_id": UNKNOWN, "decision": "accept"}], "note": "x"}, "note"),
        ({"items": [{"task_id": UNKNOWN}]}, "items.0.decision"),
        ({"items": [{"decision": "accept"}]}, "items.0.task_id"),
    ],
)
def test_one_way_of_asking_at_a_time(way: Way, body: dict[str, Any], field: str) -> None:
    answer = way.moderator.post(PATH, body)
    assert code_of(answer) == (422, "invalid")
    assert [error["field"] for error in answer.get_json()["errors"]] == [field]


def test_an_error_of_ours_at_one_keeps_no_other_from_its_effect(
    way: Way, clock: HeldClock, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = decide(way.moderator, task_ids=three, decision="accept")["batch_id"]
    made = deciding.carry_out

    def fails_at_the_first(task: ModerationTask, *given: Any) -> None:
        if task.id == three[0]:
            raise ZeroDivisionError
        made(task, *given)

    monkeypatch.setattr(deciding, "carry_out", fails_at_the_first)
    pass_time(way, clock, minutes=5)
    assert [way.state(submission_of(task)) for task in three] == ["in_moderation", "accepted", "accepted"]
    for _ in range(10):
        pass_time(way, clock, minutes=15)
    assert outcomes(way.moderator.get(f"{PATH}/{batch}").get_json()) == ["internal", "ok", "ok"]
    assert waiting(way.moderator) == [three[0]]
    assert counted() == 1
