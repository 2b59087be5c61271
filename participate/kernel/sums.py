"""Sums that everybody adds to: a row for each key, made when first needed."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlalchemy import ARRAY, Integer, String, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from participate.kernel.db import execute, is_sqlite, table

Writer = Callable[[Counter[Any]], None]


def writer(model: Any, *key: str) -> Writer:
    """What adds steps to `n` of the rows of `model` that they name by `key`, columns of text.

    To be called at the end of a transaction (see `db.add_up`), and in one order, so that no two transactions wait for
    each other.
    """
    held, columns = table(model), (*key, "n")
    arrays = [bindparam(name, type_=ARRAY(String)) for name in key] + [bindparam("n", type_=ARRAY(Integer))]
    given = func.unnest(*arrays).table_valued(*columns).render_derived()
    same = {"index_elements": [held.c[name] for name in key]}

    def adding(made: Any) -> Any:
        return made.on_conflict_do_update(**same, set_={"n": held.c.n + made.excluded.n})

    at_once = adding(postgresql.insert(held).from_select(columns, select(given)))
    one_by_one = adding(sqlite.insert(held))

    def write(steps: Counter[Any]) -> None:
        changed = sorted((named, n) for named, n in steps.items() if n)
        values = [dict(zip(columns, (*named, n), strict=True)) for named, n in changed]
        if values and is_sqlite():
            execute(one_by_one, values)
        elif values:
            execute(at_once, {name: [row[name] for row in values] for name in columns})

    return write
