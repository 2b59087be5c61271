"""Rows that wait land together, and hold what they were given, whatever that is; what is changed later is changed."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Insert, Table, insert, select
from sqlalchemy.exc import IntegrityError

from participate.kernel.db import Model, add, change, execute, rows, table, transaction
from participate.kernel.deadlines import Deadline
from participate.kernel.idempotency import IdempotencyKey
from participate.kernel.ids import new_id
from participate.kernel.outbox import OutboxErrand, OutboxFact
from tests.queries import asked

pytestmark = pytest.mark.usefixtures("app")
MOMENT = datetime(2026, 2, 28, 23, 59, 59, 123456, UTC)
AWKWARD = 'a "quote", a \\ and a \\u0041, a %s and a :name, 井盖 🕳\u2028 \t\n'


def fact(**given: Any) -> dict[str, Any]:
    row = {"id": new_id(), "name": "thing.done", "subject_type": "thing", "subject_id": new_id(), "data": {}}
    return row | {"request_id": "", "at": MOMENT} | given


def key(**given: Any) -> dict[str, Any]:
    row = {"caller": "", "route": "POST /", "key": new_id(), "fingerprint": "", "status": 201, "headers": {}}
    return row | {"body": b"", "at": MOMENT} | given


def held(model: type[Model]) -> list[dict[str, Any]]:
    return [row._asdict() for row in rows(select(*table(model).columns))]


def write(*given: tuple[Table, dict[str, Any]]) -> None:
    inserts: dict[Table, Insert] = {}
    with transaction():
        for into, row in given:
            add(inserts.setdefault(into, insert(into)), row)


def test_text_comes_back_to_the_letter() -> None:
    row = fact(name="x" * 64, data={"told": AWKWARD, "deep": [{"": None}], "number": 0.1, "whole": 2**53})
    write((table(OutboxFact), row))
    assert held(OutboxFact) == [row]


def test_bytes_and_moments_come_back_to_the_bit() -> None:
    row = key(body=bytes(range(256)), headers={"Location": AWKWARD})
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=8)))
    write((table(IdempotencyKey), row | {"at": elsewhere}))
    assert held(IdempotencyKey) == [row]


def test_what_a_table_fills_in_by_itself_is_filled_in() -> None:
    told = fact()
    errand = {"fact_id": told["id"], "subscriber": "a", "kind": "k", "next_at": MOMENT}
    write((table(OutboxFact), told), (table(OutboxErrand), errand), (table(OutboxErrand), errand | {"subscriber": "b"}))
    found = held(OutboxErrand)
    assert [(row["attempts"], row["dead"], row["last_error"]) for row in found] == [(0, False, None)] * 2
    assert len({row["id"] for row in found}) == 2


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises((TypeError, ValueError)):
        write((table(OutboxFact), fact(at=MOMENT.replace(tzinfo=None))))
    assert held(OutboxFact) == []


def test_all_land_or_none() -> None:
    twice = key()
    with pytest.raises(IntegrityError):
        write((table(OutboxFact), fact()), (table(IdempotencyKey), twice), (table(IdempotencyKey), twice))
    assert held(OutboxFact) == held(IdempotencyKey) == []


def test_many_rows_of_many_tables_take_few_statements() -> None:
    told = [fact() for _ in range(20)]
    errands = [
        {"fact_id": row["id"], "subscriber": "a", "kind": "k", "next_at": MOMENT, "id": new_id()} for row in told
    ]
    with asked() as statements:
        write(*((table(OutboxFact), row) for row in told), *((table(OutboxErrand), row) for row in errands))
    assert len(statements) <= 2, statements
    assert len(held(OutboxErrand)) == 20


def test_changes_wait_too_and_the_later_one_counts() -> None:
    started = [{"id": new_id(), "subject_id": new_id(), "subject_type": "thing", "duty": "look"} for _ in range(3)]
    write(*((table(Deadline), row | {"clock": "work_hour", "started_at": MOMENT, "due_at": MOMENT}) for row in started))
    late = MOMENT + timedelta(days=1)
    with transaction(), asked() as statements:
        for row in started[:2]:
            change(table(Deadline), "id", {"id": row["id"], "due_at": MOMENT, "duty": "wait"})
            change(table(Deadline), "id", {"id": row["id"], "due_at": late, "duty": "rest"})
        assert statements == []
        found = {row["id"]: (row["duty"], row["due_at"]) for row in held(Deadline)}
        assert len(statements) == 2, "the changes are written before what is asked next"
    assert [found[row["id"]] for row in started] == [("rest", late), ("rest", late), ("look", MOMENT)]
    assert {row["id"]: (row["duty"], row["due_at"]) for row in held(Deadline)} == found


def test_what_is_added_is_there_for_the_next_statement(app: Flask) -> None:
    row = fact()
    with transaction():
        add(insert(table(OutboxFact)), row)
        found = execute(select(OutboxFact.id).where(OutboxFact.id == row["id"])).scalar()
    assert found == row["id"]
