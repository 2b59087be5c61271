"""Seeing what a verb would do: it is made in the open transaction, and taken back."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from participate.kernel.db import db, written


@contextmanager
def rehearsal() -> Iterator[None]:
    """What is written inside the open transaction meanwhile is taken back at the end; nothing else comes of it either.

    A failure inside goes on to the caller and does not doom the transaction. Locks that were taken inside are free
    again on PostgreSQL.
    """
    session = db.session()
    opened = session.info["open"]
    written(session, opened)
    before = dict(opened.after_commit), opened.doomed, {write: Counter(steps) for write, steps in opened.sums.items()}
    nested = session.begin_nested()
    try:
        yield
    finally:
        opened.rows, opened.changes = {}, {}
        nested.rollback()
        opened.after_commit, opened.doomed, opened.sums = before
