"""However often a statement is asked, and with whatever values, it finds what it found the first time."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Executable,
    Float,
    LargeBinary,
    Numeric,
    String,
    bindparam,
    case,
    func,
    insert,
    literal,
    select,
    text,
    union_all,
)
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError

from participate.kernel.db import Id, UtcTime, add, db, is_sqlite, one, release_reader, rows, table, transaction
from participate.kernel.ids import new_id
from participate.kernel.outbox import OutboxFact
from tests.queries import asked

pytestmark = pytest.mark.usefixtures("app")
TIMES = 4
MOMENT = datetime(2026, 2, 28, 23, 59, 59, 123456, UTC)
AWKWARD = 'a "quote", a \\ and 100 % of %(name)s and :name, 井盖 🕳'
FACT = OutboxFact
FACTS = select(FACT.id, FACT.name, FACT.data, FACT.at)


def fact(name: str, **given: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"id": new_id(), "name": name, "subject_type": "thing", "subject_id": new_id(), "data": {}}
    row |= {"request_id": "", "at": MOMENT} | given
    with transaction():
        add(insert(table(FACT)), row)
    return row


def each_time(statement: Executable, **given: Any) -> list[Any]:
    """What the statement finds, which is the same as when SQLAlchemy asks it, each time."""
    with db.engine.connect() as connection:
        result = connection.execute(statement, given)
        expected = result.mappings().all()
    for _ in range(TIMES):
        found = rows(statement, given)
        assert [row._asdict() for row in found] == expected
        with transaction():
            assert rows(statement, given) == found
    return list(found)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (String(), AWKWARD),
        (Id, "01a21cd7-aec1-71ce-bebf-8130f5ab35ba"),
        (UtcTime(), MOMENT),
        (Date(), date(2026, 2, 28)),
        (Boolean(), True),
        (BigInteger(), 2**60),
        (LargeBinary(), bytes(range(256))),
        (Float(), 0.1),
        (Numeric(10, 2), Decimal("12.50")),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_value_of_any_type_comes_back(kind: Any, value: Any) -> None:
    there = case((bindparam("there", type_=Boolean), literal(value, kind)))
    kept = select(literal(value, kind).label("one"), bindparam("given", type_=kind).label("two"), there.label("three"))
    assert each_time(kept, given=value, there=True) == [(value, value, value)]
    assert each_time(kept, given=value, there=False) == [(value, value, None)]


def test_the_values_are_those_of_each_time() -> None:
    kept = FACTS.where(FACT.name == bindparam("wanted"), FACT.at <= bindparam("until", type_=UtcTime))
    both = [fact("a", data={"told": AWKWARD}), fact("b")]
    for row in both * TIMES:
        assert [found.id for found in rows(kept, {"wanted": row["name"], "until": MOMENT, "more": 1})] == [row["id"]]
        assert rows(kept, {"wanted": row["name"], "until": datetime(2026, 1, 1, tzinfo=UTC)}) == []
    assert each_time(kept, wanted="a", until=MOMENT)[0].data == {"told": AWKWARD}


def test_a_value_that_is_lacking_is_not_that_of_another_time() -> None:
    kept = FACTS.where(FACT.name == bindparam("wanted"))
    each_time(kept, wanted="a")
    with pytest.raises((KeyError, StatementError)):
        rows(kept)


def test_a_value_that_may_be_lacking_is_what_the_statement_says() -> None:
    kept = FACTS.where(FACT.name == bindparam("wanted", "a"))
    fact("a"), fact("b")
    for _ in range(TIMES):
        assert [[row.name for row in rows(kept, given)] for given in ({"wanted": "b"}, {}, None)] == [
            ["b"],
            ["a"],
            ["a"],
        ]


def test_a_list_may_be_of_any_length() -> None:
    kept = FACTS.where(FACT.name.in_(bindparam("names", expanding=True))).order_by(FACT.name)
    fact("a"), fact("b")
    for _ in range(TIMES):
        for names in ([], ["a"], ["a", "b"], ["b", "c", "d"]):
            assert [row.name for row in rows(kept, {"names": names})] == [name for name in names if name in "ab"]


def test_what_stands_in_the_statement_stays_there() -> None:
    fact("a"), fact("b")
    either = FACTS.where(FACT.name.in_(["a", "b"]), FACT.at > MOMENT.replace(year=2000)).order_by(FACT.name)
    assert len(each_time(either.limit(bindparam("most", 5)))) == 2
    assert len(each_time(union_all(either.limit(1).subquery().select(), FACTS.where(FACT.name == "b")))) == 2


def test_columns_of_one_name_stay_apart() -> None:
    fact("a")
    other = table(FACT).alias()
    found = each_time(select(FACT.id, other.c.id, other.c.name.label("name")).join(other, other.c.id == FACT.id))
    assert found[0][0] == found[0][1]
    assert found[0].name == "a"


def test_who_counts_what_is_asked_counts_all() -> None:
    each_time(FACTS)
    with asked() as sent:
        for _ in range(TIMES):
            rows(FACTS)
    assert len(sent) == TIMES


def test_an_error_is_the_same_each_time() -> None:
    """The least number has no counterpart."""
    kept = select(func.abs(bindparam("number", type_=BigInteger)))
    seen = set()
    for _ in range(TIMES):
        assert rows(kept, {"number": -5})[0][0] == 5
        with pytest.raises(DBAPIError) as raised:
            rows(kept, {"number": -(2**63)})
        seen.add((type(raised.value), str(raised.value)))
    assert len(seen) == 1


def test_a_connection_that_is_lost_is_replaced(other_process: Flask) -> None:
    if is_sqlite():
        pytest.skip("SQLite has no server that could hang up")
    kept = select(func.pg_backend_pid().label("process"))
    process = each_time(kept)[-1].process
    driver: Any = db.engine.raw_connection()
    driver.close()
    process = rows(kept)[0].process
    with other_process.app_context():
        one(text("SELECT pg_terminate_backend(:process)"), {"process": process})
    with pytest.raises(OperationalError) as raised:
        rows(kept)
    assert raised.value.connection_invalidated
    release_reader()  # As each request does at its end.
    assert rows(kept)[0].process != process
    release_reader()
