"""Whoever types a command at night reads what it found, not what Python calls it."""

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import update

from participate.audit.models import AuditEntry
from participate.audit.service import record, seal
from participate.cli import main
from participate.kernel.db import execute, one, transaction
from tests.people import People
from tests.stores import Stores

Run = Callable[..., Result]


@pytest.fixture
def run(stores: Stores) -> Run:
    """Runs `participate …` in an application of its own, on this test's stores."""

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(main, list(words), env=stores.environment(), catch_exceptions=False)

    return invoke


@pytest.fixture
def trail(app: Any) -> None:
    """Two sealed entries and one that waits."""
    with transaction():
        for _ in range(2):
            record("photo.original_opened", "photo", "1", None)
    seal()
    with transaction():
        record("photo.original_opened", "photo", "2", None)


def test_a_whole_trail_shows_its_last_seal(trail: None, run: Run) -> None:
    answer = run("audit", "verify")
    last = one(AuditEntry.__table__.select().where(AuditEntry.position == 2))
    assert last is not None
    assert answer.exit_code == 0
    assert answer.stdout.splitlines() == [
        "2 entries are sealed, 1 wait for their seal",
        f"the chain is whole; its last seal is {last.seal}",
    ]


def test_a_broken_trail_says_where(trail: None, run: Run) -> None:
    with transaction():
        execute(update(AuditEntry).where(AuditEntry.position == 2).values(action="nothing"))
    answer = run("audit", "verify")
    assert answer.exit_code == 1
    assert answer.stdout.splitlines()[1].startswith("the chain is broken from entry 2 on")


def test_the_outbox_says_what_waits_or_that_nothing_does(town: Flask, people: People, run: Run) -> None:
    assert run("outbox").stdout.splitlines() == ["nothing is waiting", "nothing was given up"]
    answer = people.resident().post(
        "/v1/submissions", {"kind": "micro_suggestion", "title": "Benches", "body": "Some more."}
    )
    assert answer.status_code == 201
    assert run("outbox").stdout.splitlines()[0] == "2 waiting: facts"


@pytest.mark.parametrize("around", ["95,1", "1,179.5", "nan,1", "here"])
def test_a_demo_at_the_end_of_the_world_is_refused_in_a_sentence(run: Run, around: str) -> None:
    answer = run("seed", "--demo", "--around", around)
    assert answer.exit_code == 2
    assert "LAT" in answer.stderr.splitlines()[-1]
