"""A move is made on the row as it stands: of two made on the same version one lands, and no step is lost."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from participate.kernel.db import one, rows, transaction
from participate.kernel.errors import Conflict, DomainError, Forbidden, Invalid, Stale
from participate.kernel.outbox import OutboxFact
from participate.kernel.workflow import Actor, Move, TimelineEntry, Workflow, apply, locked
from participate.submissions import service
from participate.submissions.models import Submission
from tests.people import People
from tests.steps import at_once

ME = Actor.of(None, "walker")
WALKER = frozenset({"walker"})


def move(name: str, target: str | None = None, **options: Any) -> Move:
    return Move(name, frozenset({"received"}), target, WALKER, "walked", "A trial.", **options)


TRIAL = Workflow(
    "submission",
    "received",
    {"received": "intake", "withdrawn": "feedback"},
    (
        move("stay"),
        move("go", "withdrawn"),
        move("explain", needs=("note", "photo")),
        move("forbidden", guard=lambda _row, _actor: "own_work"),
    ),
)


@pytest.fixture
def row_id(app: Flask, people: People) -> str:
    """A row to move, with one step in its timeline."""
    return service.submit(people.resident().account_id, "micro_suggestion", {"body": "More benches."}).id


def make(row_id: str, name: str, version: int | None = None, actor: Actor = ME, **given: Any) -> None:
    with transaction():
        apply(TRIAL, locked(Submission, row_id), name, actor, expected_version=version, **given)


def version(row_id: str) -> int:
    found = one(select(Submission.version).where(Submission.id == row_id))
    assert found is not None
    return int(found.version)


def steps(row_id: str) -> list[int]:
    held = TimelineEntry
    return [row.version for row in rows(select(held.version).where(held.subject_id == row_id).order_by(held.version))]


def in_threads(app: Flask, *calls: Callable[[], None]) -> list[str]:
    """How each of `calls` ended, all made at once: "done" or the name of the refusal."""

    def run(call: Callable[[], None]) -> str:
        with app.app_context():
            try:
                call()
            except DomainError as error:
                return type(error).__name__
            return "done"

    return at_once(*[partial(run, call) for call in calls])


def test_every_step_of_many_at_once_lands(app: Flask, row_id: str) -> None:
    def often() -> None:
        for _ in range(5):
            make(row_id, "stay")

    assert in_threads(app, *[often] * 4) == ["done"] * 4
    assert version(row_id) == 21
    assert steps(row_id) == list(range(1, 22))


def test_of_two_on_the_same_version_one_lands(app: Flask, row_id: str) -> None:
    for expected in range(1, 11):
        ended = in_threads(app, *[partial(make, row_id, "stay", expected)] * 2)
        assert sorted(ended) == ["Stale", "done"]
        assert version(row_id) == expected + 1
    assert steps(row_id) == list(range(1, 12))


def test_of_two_that_leave_the_state_one_lands(app: Flask, row_id: str) -> None:
    assert sorted(in_threads(app, *[lambda: make(row_id, "go")] * 2)) == ["Conflict", "done"]
    assert steps(row_id) == [1, 2]


@pytest.mark.parametrize(
    ("name", "options", "refusal", "code"),
    [
        ("unheard-of", {}, Invalid, "invalid"),
        ("stay", {"actor": Actor.of(None, "stranger")}, Forbidden, "move_not_yours"),
        ("stay", {"version": 2}, Stale, "stale"),
        ("forbidden", {}, Conflict, "own_work"),
        ("explain", {}, Invalid, "invalid"),
        ("explain", {"given": ["photo"]}, Invalid, "invalid"),
        ("explain", {"given": ["photo"], "note": " \n"}, Invalid, "invalid"),
    ],
)
def test_a_refused_move_leaves_nothing(
    row_id: str, name: str, options: dict[str, Any], refusal: type[DomainError], code: str
) -> None:
    told = one(select(func.count()).select_from(OutboxFact))
    with pytest.raises(refusal) as refused:
        make(row_id, name, **options)
    assert refused.value.code == code
    assert (version(row_id), steps(row_id)) == (1, [1])
    assert one(select(func.count()).select_from(OutboxFact)) == told


def test_what_a_move_lacks_is_named_as_the_field_that_people_send(row_id: str) -> None:
    with pytest.raises(Invalid) as refused:
        make(row_id, "explain")
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [
        ("note", "required"),
        ("photo_ids", "required"),
    ]


def test_a_state_that_the_move_does_not_leave_from(row_id: str) -> None:
    make(row_id, "go")
    with pytest.raises(Conflict, match="wrong_state"):
        make(row_id, "stay")
    assert steps(row_id) == [1, 2]


def test_only_what_may_be_done_now_is_offered(row_id: str) -> None:
    with transaction():
        row = locked(Submission, row_id)
        assert TRIAL.offered(row, ME) == ["stay", "go", "explain"]
        assert TRIAL.offered(row, Actor.of(None, "stranger")) == []
