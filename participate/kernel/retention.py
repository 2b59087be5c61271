"""Forgetting what has been kept long enough: in steps that are short for everyone who waits, and bounded in a run."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, delete, select, tuple_

from participate.kernel.db import rows, transaction

STEP = 500  # rows in one transaction
_MOST_STEPS = 100  # of one kind in one run, of which there is one every ten minutes

Forget = Callable[[], int]


def run(*forgetting: Forget) -> dict[str, int]:
    """Do all of `forgetting`, each a step that returns how many it has forgotten; returns their sums by name."""
    return {forget.__name__: _until_none(forget) for forget in forgetting}


def _until_none(forget: Forget) -> int:
    total = 0
    for _ in range(_MOST_STEPS):
        gone = forget()
        total += gone
        if not gone:
            break
    return total


def forget(model: type[Any], *conditions: ColumnElement[bool], by: Any) -> int:
    """Delete up to STEP rows that meet all `conditions`, in the order of `by`, which is indexed; returns how many."""
    held = model.__table__
    key = tuple(held.primary_key.columns)
    chosen = select(*key).where(*conditions).order_by(by).limit(STEP)
    gone = delete(held).where(tuple_(*key).in_(chosen), *conditions).returning(*key)
    with transaction():
        return len(rows(gone))
