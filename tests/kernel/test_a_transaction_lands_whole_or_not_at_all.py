"""All the writes of a transaction land together or not at all, however verbs are nested in it."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from participate.kernel import deadlines
from participate.kernel.db import after_commit, after_failure, in_transaction, one, transaction
from participate.kernel.deadlines import Deadline
from participate.kernel.ids import new_id
from tests.steps import at_once

pytestmark = pytest.mark.usefixtures("app")


def write() -> None:
    """A verb of its own, which may be part of another."""
    with transaction():
        deadlines.start("thing", new_id(), "look", "calendar_day", datetime(2026, 1, 1, tzinfo=UTC))


def written() -> int:
    found = one(select(func.count()).select_from(Deadline))
    assert found is not None
    return int(found[0])


def fail() -> None:
    with transaction():
        write()
        raise InterruptedError


def fail_quietly() -> None:
    with pytest.raises(InterruptedError):
        fail()


def seen_by_others(app: Flask) -> int:
    def look() -> int:
        with app.app_context():
            return written()

    return at_once(look)[0]


def test_nested_verbs_land_with_the_outermost(app: Flask) -> None:
    with transaction():
        write()
        with transaction():
            write()
        assert written() == 2
        assert seen_by_others(app) == 0
    assert seen_by_others(app) == 2


def test_a_failure_undoes_what_was_nested() -> None:
    with pytest.raises(InterruptedError), transaction():
        write()
        raise InterruptedError
    assert written() == 0


def test_a_nested_failure_undoes_the_whole() -> None:
    with pytest.raises(InterruptedError), transaction():
        write()
        fail()
    assert written() == 0


def test_a_nested_failure_that_is_swallowed_dooms_the_whole() -> None:
    with pytest.raises(RuntimeError), transaction():
        write()
        fail_quietly()
        write()
    assert written() == 0


def test_the_next_transaction_knows_nothing_of_it() -> None:
    with pytest.raises(RuntimeError), transaction():
        fail_quietly()
    assert not in_transaction()
    write()
    assert written() == 1


def test_callbacks_run_once_each_after_everything_has_landed(app: Flask) -> None:
    ran = list[tuple[str, int]]()
    with transaction():
        write()
        with transaction():
            for name in ("a", "b", "a"):
                after_commit(name, lambda name=name: ran.append((name, seen_by_others(app))))  # type: ignore[misc]
        write()
        assert not ran
    assert ran == [("a", 2), ("b", 2)]


def test_callbacks_do_not_run_when_nothing_lands() -> None:
    ran = list[str]()
    for swallow in (fail_quietly, fail):
        with pytest.raises((RuntimeError, InterruptedError)), transaction():
            after_commit("a", lambda: ran.append("a"))
            swallow()
    write()
    assert not ran


def test_a_callback_may_write() -> None:
    with transaction():
        after_commit("more", write)
    assert written() == 1


def test_what_is_to_be_known_of_a_failure_is_written_once_all_else_is_taken_back() -> None:
    ran = list[int]()

    def note() -> None:
        ran.append(written())
        write()

    with pytest.raises(InterruptedError), transaction():
        write()
        with transaction():
            after_failure("a", note)
            after_failure("a", note)
        raise InterruptedError
    assert (ran, written()) == ([0], 1)
    with transaction():
        after_failure("a", note)
    assert (ran, written()) == ([0], 1), "what lands has not failed"
