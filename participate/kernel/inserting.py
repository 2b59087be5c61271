"""Inserts that say what becomes of a row that is there already: each database has its own."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from participate.kernel.db import is_sqlite


def inserting(into: Any) -> postgresql.Insert | sqlite.Insert:
    """An INSERT into a table or model that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    made: postgresql.Insert | sqlite.Insert = (sqlite if is_sqlite() else postgresql).insert(into)
    return made
